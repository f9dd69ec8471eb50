"""The JSON schema of a profile, for editors. It knows shapes and ranges, not what values refer to."""

from typing import Any

from chaos.profile.model import Profile
from chaos.profile.steps import PLAIN


def schema() -> dict[str, Any]:
    """The schema of a whole file."""
    found = Profile.model_json_schema(by_alias=True)
    shapes = found["$defs"]
    operations = shapes["Task"]["properties"]["<step>"]["oneOf"]
    every = shapes["Task"]["properties"]["every"]
    shapes["Phase"]["properties"]["do"]["items"] = {"anyOf": [{"enum": list(PLAIN)}, {"oneOf": operations}]}
    shapes["Task"] = {
        "title": "Task",
        "description": shapes["Task"]["description"],
        "oneOf": [_repeated(shapes[operation["$ref"].rpartition("/")[2]], every) for operation in operations],
    }
    return found


def _repeated(shape: dict[str, Any], every: dict[str, Any]) -> dict[str, Any]:
    # In the file `every` is a key of the operation's own mapping.
    return {
        **shape,
        "properties": {**shape["properties"], "every": every},
        "required": [*shape["required"], "every"],
    }
