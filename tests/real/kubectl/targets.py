"""Where a session takes place: the newest kubectl of this machine, the real cluster, and an embedded one that is started for it."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.real.conftest import HOME, kubeconfig
from tests.real.kubectl.running import Target
from tests.real.kubectl.steps import NODE

MANIFESTS = Path(__file__).parent / "manifests"
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Of names that Kubernetes draws: this session's is taken out of what is compared as they are."""


def kubectl() -> Path:
    """The kubectl that CHAOS_TEST_KUBECTL names, or the newest one.

    Those are looked at that the real cluster was built with, and what lies beside the one in PATH (`kubectl.1.33`).
    """
    if told := os.environ.get("CHAOS_TEST_KUBECTL"):
        return Path(told)
    found = sorted(HOME.glob("bin-*/kubectl"))
    if first := shutil.which("kubectl"):
        found += sorted(Path(first).resolve().parent.glob("kubectl*"))
    assert found, "there is no kubectl on this machine: name one in CHAOS_TEST_KUBECTL"
    return max(found, key=_version)


def version(program: Path) -> str:
    """A kubectl's own version: 1.33.1."""
    return ".".join(map(str, _version(program)))


def _version(program: Path) -> tuple[int, ...]:
    done = subprocess.run([program, "version", "--client", "-o", "json"], capture_output=True, check=False)
    if done.returncode:
        return (0,)
    told = msgspec.json.decode(done.stdout)["clientVersion"]["gitVersion"]
    return tuple(int(each) for each in told.lstrip("v").split("-")[0].split("."))


@contextmanager
def targets(folder: Path) -> Iterator[tuple[Target, Target]]:
    """The real cluster and an embedded one, which lives as long as this."""
    program, file = kubectl(), folder / "embedded.conf"
    node = f"{NODE}-{''.join(random.SystemRandom().choices(LETTERS, k=5))}"
    manifests = _manifests(folder / "manifests", node)
    real = Target(program, kubeconfig(), folder / "real-cache", manifests, node)
    serve = [sys.executable, "-m", "chaos", "serve", "--port", "0", "--kubeconfig-out", str(file)]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline(), "the embedded cluster did not start"
            yield real, Target(program, file, folder / "embedded-cache", manifests, node)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                sys.stderr.write("the embedded cluster did not end when it was interrupted\n")


def _manifests(folder: Path, node: str) -> Path:
    """The session's manifests, with its own name for the node."""
    folder.mkdir()
    for file in MANIFESTS.iterdir():
        (folder / file.name).write_text(file.read_text().replace(NODE, node))
    return folder
