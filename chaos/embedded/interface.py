"""What the parts of the embedded cluster ask of its API server: verbs on plain objects, answered at once.

Nothing here waits: time is passed in, and whoever wants to be told of changes watches. Objects are decoded JSON. What the
server hands out is shared and must not be changed; what it is given it does not keep a reference to.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol

Json = dict[str, Any]

EventType = Literal["ADDED", "MODIFIED", "DELETED"]
Propagation = Literal["Background", "Foreground", "Orphan"]
PatchType = Literal["merge", "json", "strategic", "apply"]

OnEvent = Callable[[EventType, Json], None]
"""Called for every change, in the order of resourceVersions, before the verb that caused it returns. It must not write."""


class ApiError(Exception):
    """A verb was refused as Kubernetes refuses it: HTTP status, reason, message, and details of the Status object."""

    def __init__(self, status: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details or {}


class Listing(NamedTuple):
    """All objects of a resource and the resourceVersion they are true for."""

    rv: int
    items: tuple[Json, ...]


class Api(Protocol):
    """The API server's verbs. `user` is who asks; `subresource` is status, scale, eviction, binding or empty.

    Every verb raises `ApiError` as Kubernetes would answer (404 NotFound, 409 AlreadyExists or Conflict, 410 Expired, 422
    Invalid, 403 Forbidden, 400 BadRequest).
    """

    def get(self, resource: str, namespace: str, name: str, *, subresource: str = "") -> Json: ...

    def list(self, resource: str, namespace: str = "") -> Listing: ...

    def create(
        self, resource: str, namespace: str, body: Json, *, user: str, subresource: str = "", name: str = ""
    ) -> Json:
        """Create; `name` with a subresource (pods/eviction, pods/binding)."""

    def update(
        self, resource: str, namespace: str, name: str, body: Json, *, user: str, subresource: str = ""
    ) -> Json: ...

    def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType,
        *,
        user: str,
        subresource: str = "",
        manager: str = "",
    ) -> Json: ...

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        user: str,
        uid: str | None = None,
        rv: str | None = None,
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        """Delete as Kubernetes does: finalizers hold an object, a scheduled pod gets its grace period and stays."""

    def watch(self, resource: str, on_event: OnEvent, *, since: int) -> Callable[[], None]:
        """Call `on_event` for every change after resourceVersion `since`, at once for those past; returns what ends it.

        Raises:
            ApiError: 410 Expired: `since` was compacted.
        """
