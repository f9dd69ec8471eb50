"""A StatefulSet controller of its own for the namespace of one run, so that several can be tried at once."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import msgspec

from chaos.history import run
from tests.real.conftest import HOME, cluster

LOOK_S = 0.1
"""Between two looks at what is waited for."""


@contextmanager
def vacant() -> Iterator[None]:
    """Let nobody reconcile StatefulSets."""
    cluster("sts", "none")
    try:
        yield
    finally:
        cluster("sts", "builtin")


@contextmanager
def reconciling(program: Path, folder: Path) -> Iterator[None]:
    """Let `program` reconcile the sets of the run that `folder` records, from when its namespace is known, again if it exits."""
    over = Event()
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(_serve, program, folder, over)
        try:
            yield
        finally:
            over.set()
    serving.result()


def _serve(program: Path, folder: Path, over: Event) -> None:
    while not (namespace := _namespace(folder)):
        if over.wait(LOOK_S):
            return
    command: list[str | Path] = [program, "--kubeconfig", HOME / "run" / "sts.conf", "--namespace", namespace]
    while not over.is_set():
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not over.wait(LOOK_S):
                pass
            process.terminate()


def _namespace(folder: Path) -> str:
    """The run's namespace; empty as long as it is not told."""
    try:
        return run.read(folder).namespace
    except (OSError, msgspec.MsgspecError):
        # Not there, or not whole yet.
        return ""
