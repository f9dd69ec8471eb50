"""Faults of a target's control plane, through one port: a server that offers them, or commands of the user's.

Healing is always tried, shielded and within a time limit: at the end, on an error, on a cancellation. What a command has begun is
in the journal before, so that an undo heals it if the run itself cannot.
"""

import urllib.parse
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple, Protocol

import anyio
import structlog

from chaos.cluster.commands import COMMAND_S, perform
from chaos.cluster.port import Cluster, ClusterError, Refused
from chaos.cluster.undo import Journal
from chaos.operations import Fault, Inflict

log = structlog.get_logger()

PATH = "/chaos/faults"
"""Where a server offers faults; a plain API server answers 404, or 403 to whoever may not even ask."""

HEAL_S = 10.0


class TargetFaults(Protocol):
    """What can be done to a target's control plane: `offered` are the names of its faults."""

    offered: tuple[str, ...]

    def inflicted(self, harm: Inflict) -> AbstractAsyncContextManager[None]:
        """The fault, from entering the context until it is left; it is healed when that is done.

        Raises:
            Refused, Unreachable: it was surely not inflicted.
            Uncertain: it may have been, or may not be healed.
        """


class ServedFaults:
    """Faults that the API server itself offers; each heals by itself when its time is over, whatever becomes of the run."""

    def __init__(self, cluster: Cluster, offered: tuple[str, ...]) -> None:
        self.offered = offered
        self._cluster = cluster

    @asynccontextmanager
    async def inflicted(self, harm: Inflict) -> AsyncIterator[None]:
        """See the port."""
        parameters = {"seconds": f"{harm.seconds:g}", "share": f"{harm.share:g}", "delay": f"{harm.delay_s:g}"}
        try:
            await self._cluster.ask("POST", f"{PATH}/{harm.fault}?{urllib.parse.urlencode(parameters)}")
            yield
        finally:
            with anyio.move_on_after(HEAL_S, shield=True):
                await self._heal(harm.fault)

    async def _heal(self, fault: Fault) -> None:
        try:
            await self._cluster.ask("DELETE", f"{PATH}/{fault}")
        except Refused as error:
            if error.status != 404:
                raise
        except ClusterError as error:
            log.warning("fault.heals_by_itself", fault=fault, error=str(error))


class Part(NamedTuple):
    """A component of a control plane, and what is done to it: `begin` harms, `end` heals."""

    component: str
    begin: str
    end: str


def _paused(component: str) -> Part:
    return Part(component, "pause", "resume")


def _restarted(component: str) -> Part:
    return Part(component, "stop", "start")


PARTS: Mapping[Fault, Part] = {
    "pause-apiserver": _paused("apiserver"),
    "restart-apiserver": _restarted("apiserver"),
    "pause-controller": _paused("kcm"),
    "restart-controller": _restarted("kcm"),
    "pause-scheduler": _paused("scheduler"),
    "restart-scheduler": _restarted("scheduler"),
    "pause-etcd": _paused("etcd"),
    "restart-etcd": _restarted("etcd"),
    "freeze-kubelet": _paused("kubelet"),
    "restart-kubelet": _restarted("kubelet"),
    "restart-dns": _restarted("coredns"),
}
"""What a command is asked for; the other faults are more than a process that stops."""


class CommandFaults:
    """Faults by a command of the user's, whose words have {verb} and {component} in them."""

    offered: tuple[str, ...] = tuple(PARTS)

    def __init__(self, command: tuple[str, ...], journal: Journal) -> None:
        self._command = command
        self._journal = journal

    @asynccontextmanager
    async def inflicted(self, harm: Inflict) -> AsyncIterator[None]:
        """See the port."""
        part = PARTS[harm.fault]
        healing = self._filled(part.end, part.component)
        self._journal.harms(healing)
        try:
            await perform(self._filled(part.begin, part.component))
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await perform(healing, COMMAND_S)
            self._journal.healed(healing)

    def _filled(self, verb: str, component: str) -> tuple[str, ...]:
        return tuple(word.replace("{verb}", verb).replace("{component}", component) for word in self._command)


class NoFaults:
    """A target that offers none."""

    offered: tuple[str, ...] = ()

    def inflicted(self, harm: Inflict) -> AbstractAsyncContextManager[None]:
        """Never asked for: nothing is offered."""
        raise Refused(404, "NotFound", f"the target offers no {harm.fault}")


async def find(cluster: Cluster, command: tuple[str, ...], journal: Journal) -> TargetFaults:
    """The faults of a target: by the command, if there is one, else those that the API server offers, if any.

    Raises:
        ClusterError: the server does not answer.
    """
    if command:
        return CommandFaults(command, journal)
    try:
        answer = await cluster.ask("GET", PATH)
    except Refused:
        return NoFaults()
    return ServedFaults(cluster, tuple(str(fault["name"]) for fault in answer.get("faults", ())))
