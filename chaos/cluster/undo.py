"""Write the undo before the deed: what a run creates or changes is in a journal on disk before it is asked for.

A run creates one namespace, and the way back is to delete it, and only if it is the one that this run made: by name, by the
run's label and, once known, by uid. What it changes outside is marked with its id: what it did to nodes, in
`chaos.cluster.nodes`; faults of the control plane are healed by the commands that the journal holds.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import anyio
import msgspec

from chaos.cluster import nodes
from chaos.cluster.access import Access, AccessError
from chaos.cluster.commands import perform
from chaos.cluster.marks import HOLD, RUN
from chaos.cluster.port import Cluster, ClusterError, Json, Refused

FILE = "undo.jsonl"
POLL_S = 0.2
AWAKE_S = 60.0


class Deed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the journal: the run means to create its namespace (`uid` empty), did so, or is done with it.

    `cluster` is the identity of the cluster that it was done to; empty if that could not be asked. `nodes` are the names of
    those that it has touched, `healing` the commands that end the faults which are under way.
    """

    run: str
    namespace: str
    cluster: str = ""
    uid: str = ""
    context: str = ""
    kubeconfig: str = ""
    in_cluster: bool = False
    nodes: tuple[str, ...] = ()
    healing: tuple[tuple[str, ...], ...] = ()
    done: bool = False

    @property
    def access(self) -> Access:
        """The cluster that it was done to."""
        return Access(self.context or None, self.kubeconfig or None, self.in_cluster)

    def made(self, uid: str) -> "Deed":
        """The namespace exists, with this uid."""
        return msgspec.structs.replace(self, uid=uid)

    def finished(self) -> "Deed":
        """Nothing is left of it."""
        return msgspec.structs.replace(self, done=True)


class Undone(NamedTuple):
    """What was done, in a sentence; `is_final` if nothing of the run can be left or come yet."""

    text: str
    is_final: bool


def intend(access: Access, cluster: str, run: str, namespace: str) -> Deed:
    """What a run is about to do on that cluster; `access` as `chaos.cluster.guard` gives it."""
    return Deed(
        run,
        namespace,
        cluster,
        context=access.context or "",
        kubeconfig=access.kubeconfig or "",
        in_cluster=access.in_cluster,
    )


async def identity(cluster: Cluster) -> str:
    """What tells this cluster from every other: the uid of kube-system. Empty if it may not be read.

    Raises:
        ClusterError: the cluster does not answer.
    """
    try:
        found = await cluster.get("namespaces", "", "kube-system")
    except Refused:
        return ""
    return str(found["metadata"]["uid"])


def record(folder: Path, deed: Deed) -> None:
    """Append to the journal; on disk when this returns."""
    line = msgspec.json.encode(deed) + b"\n"
    file = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(file, line)
        os.fsync(file)
    finally:
        os.close(file)


class Journal:
    """The journal of a run that goes on: every change of `deed` is on disk when its method returns."""

    def __init__(self, folder: Path, deed: Deed) -> None:
        self.deed = deed
        self._folder = folder
        record(folder, deed)

    def made(self, uid: str) -> None:
        """The namespace exists, with this uid."""
        self._change(self.deed.made(uid))

    def touches(self, node: str) -> None:
        """A node is about to be changed."""
        if node not in self.deed.nodes:
            self._change(msgspec.structs.replace(self.deed, nodes=(*self.deed.nodes, node)))

    def harms(self, healing: tuple[str, ...]) -> None:
        """A fault is about to begin that this command heals."""
        self._change(msgspec.structs.replace(self.deed, healing=(*self.deed.healing, healing)))

    def healed(self, healing: tuple[str, ...]) -> None:
        """A fault is over."""
        left = list(self.deed.healing)
        left.remove(healing)
        self._change(msgspec.structs.replace(self.deed, healing=tuple(left)))

    def finished(self) -> None:
        """Nothing is left of the run."""
        self._change(self.deed.finished())

    def _change(self, deed: Deed) -> None:
        self.deed = deed
        record(self._folder, deed)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Whether this process holds the journal; it does until the context is left, however the process ends.

    A run holds its own, so that nobody undoes it while it goes on.
    """
    file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)


def last(folder: Path) -> Deed | None:
    """The last whole line of the journal; None if nothing was ever intended."""
    path = folder / FILE
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return msgspec.json.decode(lines[-1], type=Deed) if lines else None


def namespace(deed: Deed) -> Json:
    """The namespace that the run creates."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": deed.namespace, "labels": {RUN: deed.run}}}


async def undo(cluster: Cluster, deed: Deed, within_s: float = 120.0) -> Undone:
    """Heal what the run harmed, take back what it did to nodes, delete its namespace and wait until that is gone.

    Nothing else is touched.

    Raises:
        AccessError: this is another cluster than the run's.
        ClusterError: the cluster refused, or could not be reached.
        TimeoutError: the namespace is still there after `within_s` seconds.
    """
    await heal(cluster, deed)
    # A kubeconfig's current context may have changed since: there, everything would look undone.
    if deed.cluster and deed.cluster != await identity(cluster):
        raise AccessError(
            f"this is not the cluster of run {deed.run}; say which is: --context NAME or --kubeconfig FILE"
        )
    restored = await restore_nodes(cluster, deed)
    done = await _remove_namespace(cluster, deed, within_s)
    return Undone(f"{restored}; {done.text}", done.is_final) if restored else done


async def heal(cluster: Cluster, deed: Deed) -> None:
    """End the faults that are still under way.

    Raises:
        ClusterError: a command failed.
    """
    for command in deed.healing:
        await perform(command)
    if deed.healing:
        await _answers(cluster)


async def restore_nodes(cluster: Cluster, deed: Deed) -> str:
    """Take back what the run did to nodes; which were not as they had been, in words.

    Raises:
        ClusterError: the cluster refused, or could not be reached.
    """
    restored = [name for name in deed.nodes if await nodes.restore(cluster, name, deed.run)]
    return f"node {', '.join(restored)} is as it was" if restored else ""


async def _answers(cluster: Cluster) -> None:
    """Wait until an API server that was just started answers."""
    with anyio.move_on_after(AWAKE_S):
        while True:
            try:
                await cluster.version()
            except ClusterError:
                await anyio.sleep(POLL_S)
            else:
                return


async def _remove_namespace(cluster: Cluster, deed: Deed, within_s: float) -> Undone:
    found = await _find(cluster, deed.namespace)
    if found is None:
        # If the run died before the answer to its create, that request may still be on its way.
        return Undone(f"namespace {deed.namespace} is not there: nothing to undo", is_final=bool(deed.uid))
    meta = found["metadata"]
    is_ours = (meta.get("labels") or {}).get(RUN) == deed.run and deed.uid in ("", meta["uid"])
    if not is_ours:
        return Undone(f"namespace {deed.namespace} was not made by run {deed.run}: left alone", is_final=True)
    try:
        await cluster.delete("namespaces", "", deed.namespace, uid=meta["uid"])
    except Refused as error:
        if error.status not in (404, 409):
            raise
    with anyio.fail_after(within_s):
        # A poll: whoever may delete a namespace may still not watch them.
        while (again := await _find(cluster, deed.namespace)) and again["metadata"]["uid"] == meta["uid"]:
            await _release(cluster, deed.namespace)
            await anyio.sleep(POLL_S)
    return Undone(f"namespace {deed.namespace} and everything in it was removed", is_final=True)


async def _release(cluster: Cluster, namespace: str) -> None:
    """Take the run's finalizer from pods and claims, with which neither they nor their namespace would ever go."""
    for resource in ("pods", "persistentvolumeclaims"):
        for item in (await cluster.list(resource, namespace)).items:
            meta = item["metadata"]
            if HOLD in (meta.get("finalizers") or ()):
                change = {"metadata": {"uid": meta["uid"], "$deleteFromPrimitiveList/finalizers": [HOLD]}}
                try:
                    await cluster.patch(resource, namespace, meta["name"], change, "strategic")
                except Refused as error:
                    if error.status not in (404, 409, 422):
                        raise


async def _find(cluster: Cluster, name: str) -> Json | None:
    try:
        return await cluster.get("namespaces", "", name)
    except Refused as error:
        if error.status == 404:
            return None
        raise
