"""`report.json`: the verdict for programs. Equal reports give equal bytes."""

import os
from pathlib import Path

import msgspec

from chaos.verdict import Report

FILE = "report.json"


def encode(report: Report) -> bytes:
    """The report as JSON, its keys in the order of `Report`, guarantees by name."""
    ordered = msgspec.structs.replace(report, guarantees=dict(sorted(report.guarantees.items())))
    return msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n"


def write(folder: Path, report: Report) -> None:
    """Write `report.json` whole or not at all; on disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    draft = folder / f".{FILE}"
    with draft.open("wb") as file:
        file.write(encode(report))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / FILE)


def read(folder: Path) -> Report:
    """Read `report.json` back.

    Raises:
        OSError: there is none.
        msgspec.MsgspecError: it is no report of this version.
    """
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Report)
