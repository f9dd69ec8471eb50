"""How the rows of a kind are made: its columns, and the cells of an object. Columns have no prose here: theirs is Kubernetes' own.

Rows are made of whatever is stored: a field of a wrong type is like one that is absent.
"""

import datetime
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chaos.embedded.interface import Json

Cell = str | int | bool
Cells = Callable[[Json, datetime.datetime], list[Cell]]
"""The cells of an object, as many as there are columns, at a time."""


class Column(NamedTuple):
    """One column. Clients show those of priority 1 only when asked for more (`-o wide`)."""

    name: str
    type: str = "string"
    priority: int = 0
    format: str = ""

    @property
    def definition(self) -> Json:
        """The column as a Table has it."""
        shown = {"name": self.name, "type": self.type, "format": self.format}
        return {**shown, "description": "", "priority": self.priority}


class Printer(NamedTuple):
    """`of_list` makes the cells of all objects of a list, where one depends on the others; `conditions` mark a row."""

    columns: tuple[Column, ...]
    cells: Cells
    of_list: Callable[[Sequence[Json], datetime.datetime], list[list[Cell]]] | None = None
    conditions: Callable[[Json], list[Json]] | None = None


def wide(*names: str) -> tuple[Column, ...]:
    """Columns of text that are shown only when asked for."""
    return tuple(each._replace(priority=1) for each in named(*names))


def named(*names: str) -> tuple[Column, ...]:
    """Columns of text."""
    return tuple(Column(name, format="name" if name == "Name" else "") for name in names)


def at(item: Any, *path: str) -> Any:
    """What lies at a path of an object, None if nothing does."""
    for part in path:
        item = item.get(part) if isinstance(item, dict) else None
    return item


def text(item: Json, *path: str, absent: str = "") -> str:
    """The text at a path of an object."""
    found = at(item, *path)
    return absent if found in (None, "") else str(found)


def number(item: Json, *path: str) -> int:
    """The number at a path of an object, 0 if there is none."""
    found = at(item, *path)
    return found if isinstance(found, int) else 0


def rows(item: Json, *path: str) -> list[Json]:
    """The list of objects at a path of an object."""
    found = at(item, *path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def words(item: Json, *path: str) -> list[str]:
    """The list of texts at a path of an object."""
    found = at(item, *path)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def members(item: Json, *path: str) -> Json:
    """The mapping at a path of an object, an empty one if there is none."""
    found = at(item, *path)
    return found if isinstance(found, dict) else {}


def name_of(item: Json) -> str:
    """An object's name."""
    return text(item, "metadata", "name")
