"""What a command loads: the Kubernetes client alone costs 0.4 s and 75 MB, so only those that need it may."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

CLIENT = {"kubernetes_asyncio", "aiohttp"}
HEAVY = CLIENT | {"structlog", "pydantic", "rich", "yaml"}


def loaded(*args: str, cwd: Path) -> set[str]:
    """The top-level modules that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "chaos", *args]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    ("args", "unwanted"),
    [
        (["--help"], HEAVY | {"anyio", "msgspec_ext"}),
        (["--version"], HEAVY | {"anyio"}),
        (["check", "."], HEAVY),
        (["report", "."], HEAVY),
        (["guarantees"], HEAVY),
        (["profiles", "list"], CLIENT | {"structlog", "rich"}),
        (["run", "tutorial"], {"kubernetes_asyncio"}),
    ],
)
def test_a_command_loads_no_more_than_it_needs(tmp_path: Path, args: Sequence[str], unwanted: set[str]) -> None:
    found = loaded(*args, cwd=tmp_path)

    assert "chaos" in found
    assert found & unwanted == set()
