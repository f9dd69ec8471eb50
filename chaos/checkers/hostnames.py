"""In its containers a pod's hostname is its name, and its full name stands in /etc/hosts (S71)."""

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import Event

NAME = "dns.hostname"


class HostnameChecker(Checker):
    """Compares what pods say when a page is written into them with what they are called.

    A command goes to whoever has the pod's name then, and so says what that pod is called, whichever it is.
    """

    reads = ("operations",)
    follows = ("pods",)
    minds: ClassVar = {"pods": ()}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._namespace = court.info.namespace
        self._ledger = court.ledger
        self._asked: dict[int, tuple[str, str]] = {}
        self._answers: deque[tuple[Entry, str, str]] = deque()
        self._judged: set[str] = set()
        self._full: dict[str, str] = {}

    def on_entry(self, entry: Entry) -> None:
        """A command that was run in a pod, and what it printed."""
        if entry.type == "start" and entry.data["request"]["verb"] == "exec":
            request = entry.data["request"]
            if request.get("token"):
                self._asked[entry.i] = (request["name"], request["uid"])
        elif entry.type == "end" and entry.data["start"] in self._asked:
            name, uid = self._asked.pop(entry.data["start"])
            if entry.data["outcome"] == "ok" and entry.data.get("said"):
                self._answers.append((entry, name, uid))

    def on_event(self, event: Event, author: Author | None) -> None:
        """What a pod's full name is to be; nothing is asked of one whose spec gives it another."""
        meta, spec = event.after["metadata"], event.after["spec"]
        if event.type == "added" and ordinal_of(meta["name"], self._set_name) >= 0:
            self._full[meta["name"]] = _full_name(meta["name"], self._namespace, spec)

    def on_whole(self, until: float) -> None:
        """Every event that was written before `until` has been given."""
        while self._answers and self._answers[0][0].t <= until:
            self._judge(*self._answers.popleft())

    def finish(self, now: float) -> None:
        """Everything is in."""
        self.on_whole(float("inf"))

    def _judge(self, entry: Entry, name: str, uid: str) -> None:
        full = self._full.get(name, "")
        if not full:
            return
        hostname, *hosts = entry.data["said"].splitlines()
        expected = name
        wrong = f"hostname {hostname}" if hostname != expected else ""
        names = [word for line in hosts for word in line.split()[1:]]
        if not wrong and names and not any(each.startswith(full) for each in names):
            wrong, expected = f"names {', '.join(names)} in /etc/hosts", f"{full}…"
        if wrong:
            message = f"{name} ({uid}) has {wrong}; expected {expected}"
            self._ledger.violated(NAME, message, (entry.i, entry.data["start"]), (f"pods/{name}",))
        elif uid not in self._judged:
            self._judged.add(uid)
            self._ledger.exercised(NAME)


def _full_name(name: str, namespace: str, spec: Mapping[str, Any]) -> str:
    """How the full name begins (the cluster's domain is not known here); empty if the spec gives the pod another hostname."""
    if spec.get("hostNetwork") or spec.get("setHostnameAsFQDN") or spec.get("hostnameOverride"):
        return ""
    if spec.get("hostname") != name:
        return ""
    return f"{name}.{spec['subdomain']}.{namespace}.svc." if spec.get("subdomain") else name
