"""Events that a controller leaves for people: written beside its work, never in its way."""

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.interface import ApiError, Json, Now
from chaos.embedded.mailbox import Mailbox


class Recorder:
    """Writes Events about objects, one after another."""

    def __init__(self, client: Client, now: Now, component: str) -> None:
        self._client = client
        self._now = now
        self._component = component
        self._events: Mailbox[Json] = Mailbox()
        self._count = 0

    async def run(self) -> None:
        """Write until cancelled. One that is refused (its namespace may be going) is dropped."""
        async for event in self._events:
            try:
                await self._client.create("events", event["metadata"]["namespace"], event)
            except ApiError:
                continue

    def succeeded(self, owner: Json, verb: str, pod: Json) -> None:
        """`verb` was done to a pod of `owner`."""
        told = f"{verb.title()} Pod {pod['metadata']['name']} in {owner['kind']} {owner['metadata']['name']} successful"
        self.event(owner, "Normal", f"Successful{verb.title()}", told)

    def failed(self, owner: Json, verb: str, pod: Json, error: ApiError) -> None:
        """`verb` could not be done to a pod of `owner`."""
        what = f"{pod['metadata']['name']} in {owner['kind']} {owner['metadata']['name']}"
        told = f"{verb.title()} Pod {what} failed error: {error.message}"
        self.event(owner, "Warning", f"Failed{verb.title()}", told)

    def event(self, about: Json, kind: str, reason: str, message: str) -> None:
        """Leave an Event of this kind, Normal or Warning."""
        meta, at = about["metadata"], timestamp(self._now())
        self._count += 1
        involved = {
            "kind": about["kind"],
            "apiVersion": about["apiVersion"],
            "name": meta["name"],
            "namespace": meta.get("namespace", ""),
            "uid": meta["uid"],
            "resourceVersion": meta["resourceVersion"],
        }
        name = f"{meta['name']}.{int(self._now().timestamp() * 1e6):x}{self._count:04x}"
        self._events.put(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": name, "namespace": meta.get("namespace") or "default"},
                "involvedObject": involved,
                "reason": reason,
                "message": message,
                "source": {"component": self._component},
                "firstTimestamp": at,
                "lastTimestamp": at,
                "count": 1,
                "type": kind,
                "reportingComponent": self._component,
                "reportingInstance": "",
            }
        )
