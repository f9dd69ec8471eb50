"""Long work on the shared cluster, in blocks: alone for a few minutes, then everybody else, then alone again."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio

from chaos.time import wall
from tests.real.conftest import CLUSTER

BLOCK_S = 290.0
"""What one block may take, its last piece of work included."""

PAUSE_S = 5.0
"""Between two blocks."""

ROOT = Path(__file__).parents[2]


def is_alone() -> bool:
    """Whether this process holds the cluster."""
    return os.environ.get("REALCLUSTER_LOCK") == "alone"


def in_blocks(module: str, arguments: Sequence[str], left: Callable[[], int]) -> None:
    """Run a module under the cluster's lock until nothing is left; it ends by itself when its block is over.

    Raises:
        RuntimeError: a block ended and nothing less is left: it would be so for ever.
    """
    while count := left():
        command = [str(CLUSTER), "alone", sys.executable, "-m", module, *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        if left() >= count:
            raise RuntimeError(f"{module}: a block got nothing done, {count} are left")
        if left():
            anyio.run(anyio.sleep, PAUSE_S)


class Block:
    """The time that one block has left."""

    def __init__(self) -> None:
        self._began = wall()

    def has(self, seconds: float) -> bool:
        """Whether a piece of work that takes so long still fits."""
        return (wall() - self._began).total_seconds() + seconds <= BLOCK_S
