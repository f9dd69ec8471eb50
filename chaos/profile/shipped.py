"""The profiles that come with the program, by name."""

import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path

import chaos


def names() -> dict[str, str]:
    """Every shipped profile with the first line of its opening comment, sorted by name."""
    return {name: _first_comment(text) for name, text in sorted(_texts().items())}


def text_of(name: str) -> str | None:
    """The text of a shipped profile, if there is one of this name."""
    return _texts().get(name)


def _texts() -> dict[str, str]:
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in _folder().iterdir()
        if entry.name.endswith(".yaml")
    }


def _folder() -> Traversable:
    # A wheel holds them inside the package, a source tree beside it.
    installed = importlib.resources.files(chaos) / "_profiles"
    return installed if installed.is_dir() else Path(chaos.__file__).parent.parent / "profiles"


def _first_comment(text: str) -> str:
    line = text.partition("\n")[0]
    return line.removeprefix("#").strip() if line.startswith("#") else ""
