"""The StatefulSet controller of Kubernetes itself, on the embedded API server: the strictest client there is."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.conftest import PROGRAM, controller

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """An embedded cluster whose StatefulSets Kubernetes' own controller reconciles."""
    file = tmp_path / "config"
    serving: list[str | Path] = [PROGRAM, "serve", "--without", "statefulset", "--seed", "1", "--kubeconfig-out", file]
    with subprocess.Popen(serving, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        reconciling: list[str | Path] = [controller("1.37.2"), "--kubeconfig", file, "--json"]
        with subprocess.Popen(reconciling, stderr=subprocess.DEVNULL) as real:
            yield file
            real.terminate()
        server.terminate()


@pytest.mark.parametrize("profile", ["tutorial", "stress"])
def test_kubernetes_own_controller_keeps_every_promise_on_the_embedded_api_server(
    kubeconfig: Path, profile: str, tmp_path: Path
) -> None:
    command: list[str | Path] = [
        PROGRAM,
        "run",
        profile,
        "--kubeconfig",
        kubeconfig,
        "--seed",
        "3",
        "--out",
        tmp_path / "run",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
