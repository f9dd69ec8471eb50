"""The JSON schema of a profile, for editors. It knows shapes and ranges, not what values refer to."""

from typing import Any

from chaos.profile.model import Profile
from chaos.profile.steps import PLAIN


def schema() -> dict[str, Any]:
    """The schema of a whole file."""
    found = Profile.model_json_schema(by_alias=True)
    shapes = found["$defs"]
    operations = shapes["Task"]["properties"]["<step>"]["oneOf"]
    shapes["Phase"]["properties"]["do"]["items"] = {"anyOf": [{"enum": list(PLAIN)}, {"oneOf": operations}]}
    task, weighted = shapes["Task"], shapes["Weighted"]
    shapes["Weighted"] = _flat(weighted, "<choice>", "weight", shapes)
    shapes["Task"] = _flat(task, "<step>", "every", shapes)
    return found


def _flat(shape: dict[str, Any], placeholder: str, beside: str, shapes: dict[str, Any]) -> dict[str, Any]:
    """In the file, what stands beside an operation is a key of the operation's own mapping."""
    extra = {beside: shape["properties"][beside]}
    required = [beside] if beside in shape["required"] else []
    operations = (shapes[each["$ref"].rpartition("/")[2]] for each in shape["properties"][placeholder]["oneOf"])
    return {
        "title": shape["title"],
        "description": shape["description"],
        "oneOf": [
            {
                **operation,
                "properties": {**operation["properties"], **extra},
                "required": [*operation["required"], *required],
            }
            for operation in operations
        ],
    }
