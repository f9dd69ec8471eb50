"""A run that is killed at any moment leaves nothing that `undo` does not remove, and changes nothing else."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from chaos import chance
from chaos.cluster.access import Access
from chaos.cluster.kube import connect
from tests.real.conftest import PROGRAM, chaos_sts, kubeconfig

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

WATCHED = ("namespaces", "nodes", "statefulsets", "services", "pods", "persistentvolumeclaims")


async def _state() -> dict[str, list[str]]:
    async with connect(Access(kubeconfig=str(kubeconfig()))) as kube:
        found = {}
        for resource in WATCHED:
            listing = await kube.list(resource, "")
            found[resource] = sorted(f"{item['metadata']['uid']}" for item in listing.items)
        return found


def _moments(kills: int) -> Iterator[float]:
    for k in range(kills):
        yield chance.stream(1, "kill", k).uniform(0.2, 25.0)


@pytest.mark.parametrize("after_s", list(_moments(2)))
def test_undo_after_sigkill_leaves_the_cluster_as_it_was(tmp_path: Path, after_s: float) -> None:
    before = anyio.run(_state)
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [str(PROGRAM), "run", "stress", "--kubeconfig", str(kubeconfig()), "--out", str(folder), "--quiet"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

    undone = chaos_sts("undo", folder) if folder.exists() else None

    assert undone is None or undone.returncode == 0, undone.stdout + undone.stderr
    assert anyio.run(_state) == before
    history = folder / "history.jsonl"
    if history.exists():
        lines = history.read_bytes().split(b"\n")
        assert [json.loads(line)["i"] for line in lines[1:-1]] == list(range(len(lines) - 2))
