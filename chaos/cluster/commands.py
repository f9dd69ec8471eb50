"""Commands of the user's, run on this machine: what stops and starts parts of a control plane that no API reaches."""

import shlex
import subprocess
import tempfile
from collections.abc import Sequence

import anyio

from chaos.cluster.port import Uncertain, Unreachable

COMMAND_S = 60.0
TOLD = 300


async def perform(command: Sequence[str], within_s: float = COMMAND_S) -> None:
    """Run a command to its end.

    Raises:
        Unreachable: it cannot be started, so nothing was done.
        Uncertain: it failed, or takes too long and was killed.
    """
    what = shlex.join(command)
    # Not through pipes: what the command starts may hold them open for as long as it lives.
    with tempfile.TemporaryFile() as told:
        try:
            with anyio.fail_after(within_s):
                ended = await anyio.run_process(
                    command, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT, check=False
                )
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise Uncertain(f"{what}: not ended after {within_s:g} s") from error
            raise Unreachable(f"{what}: {error.strerror}") from error
        told.seek(0)
        said = " ".join(told.read().decode(errors="replace").split())
    if ended.returncode:
        raise Uncertain(f"{what}: exit code {ended.returncode}: {said[-TOLD:]}")
