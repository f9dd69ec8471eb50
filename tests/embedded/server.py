"""An API server at a fixed time with one namespace, and small objects to put in it."""

import datetime
import itertools
from typing import Any

from chaos.embedded.api import ApiServer
from chaos.embedded.api.server import Tracked
from chaos.embedded.interface import EventType, Json
from chaos.embedded.release import Release

AT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
NS = "ns"
USER = "test"


class Now:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime.datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += datetime.timedelta(seconds=seconds)


def server(now: Now | None = None, tracked: Tracked = "from first apply", release: Release | None = None) -> ApiServer:
    """An API server with a namespace that pods can be created in."""
    numbers = itertools.count(1)
    api = ApiServer(now or Now(), lambda: f"00000000-0000-4000-8000-{next(numbers):012x}", tracked, release)
    api.create("namespaces", "", {"metadata": {"name": NS}}, user=USER)
    api.create("serviceaccounts", NS, {"metadata": {"name": "default"}}, user=USER)
    return api


def pod(name: str, **spec: Any) -> Json:
    """A pod as a client sends it."""
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}], **spec}}


def statefulset(name: str = "web", **spec: Any) -> Json:
    """A set as a client sends it."""
    template = {"metadata": {"labels": {"app": name}}, "spec": pod("")["spec"]}
    return {
        "metadata": {"name": name},
        "spec": {"serviceName": name, "selector": {"matchLabels": {"app": name}}, "template": template, **spec},
    }


def bound(api: ApiServer, name: str, node: str = "node-1") -> None:
    """Put a pod on a node."""
    api.create("pods", NS, {"target": {"name": node}}, user=USER, subresource="binding", name=name)


class Events(list[tuple[EventType, str, int]]):
    """What a watch showed: (type, name, resourceVersion)."""

    def hear(self, kind: EventType, item: Json) -> None:
        self.append((kind, item["metadata"]["name"], int(item["metadata"]["resourceVersion"])))


def watched(api: ApiServer, resource: str, since: int | None = None) -> Events:
    """Follow a resource from now on, or from a version."""
    events = Events()
    api.watch(resource, events.hear, since=api.list(resource).rv if since is None else since)
    return events
