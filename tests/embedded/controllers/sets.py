"""Sets and pods as the StatefulSet controller sees them, and what one sync makes of them."""

import datetime
from typing import Any

from chaos.embedded.controllers.statefulset import Rules, sync
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.interface import Json

AT = datetime.datetime(2026, 1, 1, 1, 0, tzinfo=datetime.UTC)
TEMPLATES: dict[str, Json] = {
    name: {"metadata": {"annotations": {"at": name}}, "spec": {"containers": []}} for name in "ab"
}


def a_set(replicas: int = 3, **spec: Any) -> Json:
    """A set whose template is revision b."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}}
    claims = [{"metadata": {"name": "www"}, "spec": {}}]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "ns", "uid": "s", "generation": 4},
        "spec": {
            "replicas": replicas,
            "serviceName": "nginx",
            "selector": {"matchLabels": {"app": "web"}},
            "updateStrategy": strategy,
            "volumeClaimTemplates": claims,
            "template": TEMPLATES["b"],
            **spec,
        },
        "status": {},
    }


def rolling(partition: int = 0, most: Any = 1) -> Json:
    """An update strategy."""
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": partition, "maxUnavailable": most}}


def a_pod(number: int, state: str = "ready", revision: str = "b", ready_s: float = 60) -> Json:
    """A pod: `ready`, `running`, `pending`, `failed`, and with a `-` in front terminating."""
    made = p.new(a_set(), TEMPLATES[revision], revision, number)
    made["metadata"]["uid"] = f"u{number}"
    if state.startswith("-"):
        made["metadata"]["deletionTimestamp"] = "2026-01-01T00:59:59Z"
    plain = state.removeprefix("-")
    phase = {"ready": "Running", "running": "Running", "pending": "Pending", "failed": "Failed"}[plain]
    since = (AT - datetime.timedelta(seconds=ready_s)).isoformat()
    ready = "True" if plain == "ready" else "False"
    made["status"] = {"phase": phase, "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}]}
    return made


def decide(
    pods: str | list[Json],
    statefulset: Json | None = None,
    current: str = "b",
    rules: Rules | None = None,
) -> tuple[list[str], Json]:
    """The actions of a sync as `create web-1 b`, and its status.

    `pods` may be words for ordinals from 0 on: `ready:a -ready pending . failed`; a dot is a missing pod.
    """
    found = statefulset or a_set()
    seen = sync.Seen(found, _pods(pods), current, "b", TEMPLATES[current], TEMPLATES["b"], 0, AT)
    decision = sync.decide(seen, rules or Rules())
    told = [
        f"{action.kind} {action.pod['metadata']['name']}"
        + (f" {p.revision(action.pod)}" if action.kind == "create" else "")
        for action in decision.actions
        if action.kind not in ("claims", "own")
    ]
    return told, decision.status


def _pods(words: str | list[Json]) -> list[Json]:
    if not isinstance(words, str):
        return words
    found = []
    for number, word in enumerate(words.split()):
        state, _, revision = word.partition(":")
        if state != ".":
            found.append(a_pod(number, state, revision or "b"))
    return found
