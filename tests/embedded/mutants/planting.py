"""The planted defects, and copies of the package with one of them in it."""

import shutil
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
PACKAGE = HERE.parents[2] / "chaos"
PROFILES = HERE.parents[2] / "profiles"


class Change(msgspec.Struct, frozen=True):
    """`find` occurs once in `file` (below chaos/embedded) and becomes `replace`."""

    file: str
    find: str
    replace: str


class Edit(msgspec.Struct, frozen=True):
    """One defect: a change, and those that it needs elsewhere.

    `spec` are the S-numbers of the promises that it breaks; `profiles` those that must find it; `missed` is why none does.
    """

    name: str
    defect: str
    file: str
    find: str
    replace: str
    spec: tuple[str, ...]
    profiles: tuple[str, ...]
    also: tuple[Change, ...] = ()
    missed: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """All that is changed, in order."""
        return (Change(self.file, self.find, self.replace), *self.also)


def edits() -> list[Edit]:
    """All defects."""
    return msgspec.json.decode((HERE / "edits.json").read_bytes(), type=list[Edit])


def plant(edit: Edit, root: Path) -> None:
    """Copy the package and its profiles to `root`, with the defect in it.

    Raises:
        ValueError: its words are not where they should be.
    """
    shutil.copytree(PACKAGE, root / "chaos", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROFILES, root / "profiles")
    for change in edit.changes:
        file = root / "chaos" / "embedded" / change.file
        text = file.read_text()
        if text.count(change.find) != 1:
            raise ValueError(f"{edit.name}: its words are {text.count(change.find)} times in {change.file}, not once")
        file.write_text(text.replace(change.find, change.replace))
