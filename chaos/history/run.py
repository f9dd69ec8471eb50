"""`run.json`: what a judge has to know of a run besides its history."""

from pathlib import Path

import msgspec


class Controller(msgspec.Struct, frozen=True):
    """Whose rules apply: the StatefulSet controller's version, and the gates that differ from its defaults."""

    version: str
    gates: dict[str, bool] = {}


class Resolver(msgspec.Struct, frozen=True):
    """For how many seconds an answer to a pod may be kept on its way, and one that there is none; `source` says who says so.

    What nobody says is taken to be what the Corefiles of kubeadm before 1.32 and of the cluster add-on have. `servers` are the
    addresses of those who answer, where they can be read.
    """

    positive_s: float = 30.0
    negative_s: float = 30.0
    source: str = "assumed"
    servers: tuple[str, ...] = ()


class RunInfo(msgspec.Struct, frozen=True):
    """Everything about a run that is known before its first operation.

    `require` and `judge` are guarantee names or families; an empty `judge` means all. `at_least` is how many opportunities
    a required one needs. `server` is the API server's version. `found` says what preflight saw, for people.
    """

    run: str
    seed: int
    profile: str
    source: str
    namespace: str
    statefulset: str
    service: str
    server: str
    controller: Controller
    require: tuple[str, ...]
    judge: tuple[str, ...] = ()
    at_least: int = 1
    resolver: Resolver = Resolver()
    overrides: dict[str, str] = {}
    found: dict[str, str] = {}


FILE = "run.json"


def write(folder: Path, info: RunInfo) -> None:
    """Write `run.json` into the run's folder."""
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n")


def read(folder: Path) -> RunInfo:
    """Read `run.json` back.

    Raises:
        OSError: there is none.
        msgspec.MsgspecError: it is not a run of this version.
    """
    return msgspec.json.decode((folder / FILE).read_bytes(), type=RunInfo)
