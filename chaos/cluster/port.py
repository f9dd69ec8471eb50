"""What the rest of the program asks of a cluster: one protocol, its values and its three errors.

Objects are plain JSON as the server sent it. A call raises `Refused` when it surely had no effect, `Uncertain` when it may
have had one, `Unreachable` when no connection could be made (so nothing was sent).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

import msgspec

Json = dict[str, Any]
"""One Kubernetes object, decoded."""

Propagation = Literal["Background", "Foreground", "Orphan"]

PatchType = Literal["merge", "json", "strategic"]

GROUPS: Mapping[str, str] = {
    "namespaces": "/api/v1",
    "pods": "/api/v1",
    "services": "/api/v1",
    "configmaps": "/api/v1",
    "serviceaccounts": "/api/v1",
    "persistentvolumeclaims": "/api/v1",
    "events": "/api/v1",
    "nodes": "/api/v1",
    "statefulsets": "/apis/apps/v1",
    "controllerrevisions": "/apis/apps/v1",
    "endpointslices": "/apis/discovery.k8s.io/v1",
    "poddisruptionbudgets": "/apis/policy/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    "selfsubjectaccessreviews": "/apis/authorization.k8s.io/v1",
}
"""Path prefix of every resource the program uses."""


class Listing(msgspec.Struct, frozen=True):
    """A consistent LIST: `rv` is the version it is true for."""

    rv: str
    items: tuple[Json, ...]


class WatchEvent(msgspec.Struct, frozen=True):
    """One event of a watch. For BOOKMARK the object holds only metadata.resourceVersion; ERROR never gets here."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: Json


class ClusterError(Exception):
    """A call did not give what was asked for."""


class Refused(ClusterError):
    """The server answered 4xx: surely no effect. `status` is the HTTP status, `reason` Kubernetes' word for it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class Uncertain(ClusterError):
    """A timeout, a 5xx answer or a cut connection: the request may have had its effect, now or later."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(ClusterError):
    """No connection could be made, so nothing was sent."""


class Expired(Refused):
    """410: the resourceVersion asked for is gone; list again."""


class ExecChannel(Protocol):
    """A command running in a container, with its standard streams."""

    async def send(self, data: bytes) -> None:
        """Write to its standard input."""

    def lines(self) -> AsyncIterator[str]:
        """Lines of its standard output, without the newline, until it ends. Standard error is dropped."""


class ExecResult(msgspec.Struct, frozen=True):
    """What a finished command printed, and its exit code."""

    code: int
    stdout: str
    stderr: str


class Cluster(Protocol):
    """A Kubernetes API server. Every request is sent once and has the adapter's time limit, 10 s by default."""

    async def version(self) -> str:
        """The server's gitVersion without the v, such as 1.37.2."""

    async def get(self, resource: str, namespace: str, name: str) -> Json: ...

    async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
        """All objects, read at a quorum (no resourceVersion asked for), in pages. Namespace "" is cluster-wide."""

    def watch(
        self, resource: str, namespace: str, rv: str, field_selector: str = ""
    ) -> AbstractAsyncContextManager[AsyncIterator[WatchEvent]]:
        """Events after `rv`, with bookmarks, until the server ends the watch (a normal end of the iterator).

        Raises `Expired` on 410 (as answer or as event), `Uncertain` when the connection breaks or falls silent.
        """

    async def create(self, resource: str, namespace: str, body: Json) -> Json: ...

    async def evict(self, namespace: str, pod: str, body: Json) -> Json:
        """Create an Eviction; 429 if a PodDisruptionBudget forbids it. The answer is a Status."""

    async def update(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        """Replace an object as a whole; a resourceVersion in it that is not the newest is a conflict (409)."""

    async def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType = "merge",
        subresource: str = "",
    ) -> Json: ...

    async def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        """Delete, with `preconditions.uid` if a uid is given. The answer is the object, or a Status."""

    async def allowed(self, verb: str, resource: str, namespace: str) -> bool:
        """Whether this user may do it (SelfSubjectAccessReview)."""

    async def metrics(self, path: str) -> str:
        """A text endpoint of the API server, such as /metrics."""

    async def ask(self, method: Literal["GET", "POST", "DELETE"], path: str) -> Json:
        """What the server answers at a path that is no resource of Kubernetes."""

    async def run(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> ExecResult:
        """Run a command to its end. Raises `Refused` if it surely never started, `Uncertain` if the stream broke."""

    def attach(
        self, namespace: str, pod: str, container: str, command: tuple[str, ...]
    ) -> AbstractAsyncContextManager[ExecChannel]:
        """Start a command that stays; leaving the context ends it."""
