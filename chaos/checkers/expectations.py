"""What a profile expects at the end of a phase, judged on the states at the resourceVersions that the phase ended at.

An expectation is a claim of the profile, not of Kubernetes: a false one says that the lesson did not happen as written. Where
an operation before it was not performed, or may not have been, it says nothing.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.controller.states import is_ready, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import Event

NAME = "lesson.expectations"

COUNTED = ("created", "replaced", "removed")
"""Expectations that ask for every pod that came or went."""

MAKE_UNREADY = ("make-unready", "crash-container", "fail-pods")
"""Operations that take readiness from pods, as whoever wrote the profile knows."""

PAGES = "write-pages"

OFTEN_VAIN = ("crash-container",)
"""What ends with its own success, or is refused as it should be (evictions), is no reason for doubt."""


@dataclass
class _Phase:
    """What happened in one phase, as far as what is expected of it asks (`asked`, keys of expectations).

    `changes` are (created or not, ordinal), in judged order. `answered` are the ordinals that a probe could ask about. `unwell` is
    a pod that ceased to be Ready, and nobody knows why unless the phase `makes_unready`.
    """

    began: int = -1
    asked: frozenset[str] = frozenset()
    changes: list[tuple[bool, int]] = field(default_factory=list)
    resolved: dict[int, set[str]] = field(default_factory=dict)
    fetched: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    unwell: str = ""
    makes_unready: bool = False

    @property
    def created(self) -> list[int]:
        return [ordinal for is_created, ordinal in self.changes if is_created]

    @property
    def replaced(self) -> list[int]:
        return [ordinal for ordinal, came_back in self._lost() if came_back]

    @property
    def removed(self) -> list[int]:
        return [ordinal for ordinal, came_back in self._lost() if not came_back]

    def _lost(self) -> list[tuple[int, bool]]:
        return [
            (ordinal, (True, ordinal) in self.changes[at:])
            for at, (is_created, ordinal) in enumerate(self.changes)
            if not is_created
        ]


class ExpectationsChecker(Checker):
    """Follows the phases and compares. The next may have begun before the events of the last are in."""

    reads = ("run", "operations", "dns", "http", "services")
    follows = ("pods", "statefulsets", "controllerrevisions")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._service = court.info.service
        self._ledger = court.ledger
        self._expect: dict[str, list[Any]] = {}
        self._state: dict[str, dict[str, Any]] = {"pods": {}, "statefulsets": {}, "controllerrevisions": {}}
        self._services: dict[str, list[int]] = {}
        self._service_claims: list[tuple[str, int, int]] = []
        self._phases: deque[_Phase] = deque()
        self._phase = _Phase()
        self._addresses: dict[int, str] = {}
        self._asked: dict[int, tuple[str, str]] = {}
        # The first request of all, and the first for a page, that may have been in vain: the entry of its end, and words.
        self._vain: dict[str, tuple[int, str]] = {}

    def on_entry(self, entry: Entry) -> None:
        """Phases, answers and the Service, as they were recorded."""
        data = entry.data
        if entry.stream == "run" and entry.type == "phase-began":
            expect = self._expect[data["name"]] = list(data.get("expect", ()))
            self._phases.append(_Phase(entry.i, frozenset(key for item in expect for key in item)))
        elif entry.stream == "operations":
            self._on_operation(entry)
        elif entry.stream == "dns":
            if self._phases and "resolves" in self._phases[-1].asked and entry.type == "answer":
                if data["code"] != "ERROR":
                    self._phases[-1].answered.add(data["ordinal"])
                self._phases[-1].resolved.setdefault(data["ordinal"], set()).update(data["addresses"])
        elif entry.stream == "http":
            if not (self._phases and "fetched" in self._phases[-1].asked and entry.type == "answer"):
                return
            if data["ok"] or data["address"]:
                self._phases[-1].answered.add(data["ordinal"])
            parts = data["text"].strip().split("/")
            if data["ok"] and len(parts) == 5 and parts[:2] == [self._set_name, str(data["ordinal"])]:
                self._phases[-1].fetched.add(data["ordinal"])
        elif entry.stream == "services" and entry.type in ("listed", "added", "modified", "deleted"):
            self._on_service(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        held = self._state[event.stream]
        name = event.after["metadata"]["name"]
        if event.stream == "pods":
            ordinal = ordinal_of(name, self._set_name)
            if ordinal < 0:
                return
            came_or_went = event.type == "added" or first_deletion(event)
            if came_or_went or _falls_ill(event):
                phase = next((each for each in reversed(self._phases) if each.began < event.i), None)
                if phase is not None and not phase.asked.isdisjoint(COUNTED):
                    if came_or_went:
                        phase.changes.append((event.type == "added", ordinal))
                    else:
                        phase.unwell = phase.unwell or name
            address = event.after.get("status", {}).get("podIP")
            if address and event.type != "deleted":
                self._addresses[ordinal] = address
        elif event.stream == "statefulsets" and name != self._set_name:
            return
        if event.type == "deleted":
            held.pop(event.uid, None)
        else:
            held[event.uid] = event.after

    def on_phase_ended(self, entry: Entry) -> None:
        """Compare; called when every event up to the phase's end is in."""
        name = entry.data["name"]
        expect = self._expect.get(name, [])
        self._phase = self._phases.popleft() if self._phases else _Phase()
        if not entry.data["reached"]:
            if expect:
                self._ledger.doubted(NAME, f"phase {name} was not reached")
            return
        for item in expect:
            if "service" in item:
                self._service_claims.append((name, int(entry.data["at"]["services"]), entry.i))
                continue
            wrong = self._compare(item)
            self._ledger.exercised(NAME)
            if wrong and self._is_mute(item):
                self._ledger.doubted(NAME, f"phase {name} expected {_plain(item)}, but no probe could ask")
            elif wrong and self._phase.unwell and not self._phase.makes_unready and not item.keys().isdisjoint(COUNTED):
                why = f"{self._phase.unwell} ceased to be Ready by itself meanwhile"
                self._ledger.doubted(NAME, f"phase {name} expected {_plain(item)}, but {wrong}; {why}")
            elif wrong:
                self._accuse(f"phase {name} expected {_plain(item)}, but {wrong}", entry.i, item)

    def finish(self, now: float) -> None:
        """The Service's watch has no marker, so what is claimed of it is compared when everything is in."""
        for phase, rv, i in self._service_claims:
            self._ledger.exercised(NAME)
            alive = [uid for uid, (since, until) in self._services.items() if since <= rv < until]
            if alive:
                self._accuse(f"phase {phase} expected the service gone, but it is there", i, {})

    def _is_mute(self, item: Mapping[str, Any]) -> bool:
        """Whether nothing is known of what was not fetched or resolved, since the probes did not get as far."""
        if "fetched" in item:
            lacking = [ordinal for ordinal in item["fetched"] if ordinal not in self._phase.fetched]
        else:
            lacking = [ordinal for ordinal in item.get("resolves", ()) if not self._resolves(ordinal)]
        return bool(lacking) and self._phase.answered.isdisjoint(lacking)

    def _accuse(self, message: str, ended: int, item: Mapping[str, Any]) -> None:
        """An expectation of the phase that ended at this entry is false."""
        kinds = ("", PAGES) if "fetched" in item else ("",)
        vain = next((each for each in map(self._vain.get, kinds) if each is not None and each[0] < ended), None)
        if vain is not None:
            self._ledger.doubted(NAME, f"{message}; {vain[1]}")
        else:
            self._ledger.violated(NAME, message, (ended,), (f"statefulsets/{self._set_name}",))

    def _on_operation(self, entry: Entry) -> None:
        """Remember the first request that the server had no time for, or did not answer."""
        data = entry.data
        if entry.type == "start":
            self._asked[entry.i] = data["operation"]["kind"], data["request"]["resource"]
            if self._phases and data["operation"]["kind"] in MAKE_UNREADY:
                self._phases[-1].makes_unready = True
        elif entry.type == "end":
            kind, resource = self._asked.pop(data["start"], ("", ""))
            status, outcome = data.get("status", 0), data["outcome"]
            is_refused = outcome == "fail" and (status == 429 or status >= 500)
            if kind in OFTEN_VAIN or resource == "pods/eviction" or not (outcome == "unknown" or is_refused):
                return
            about = f"entry {data['start']}, {kind}, ended {outcome} with status {status}"
            self._vain.setdefault(kind if kind == PAGES else "", (entry.i, about))

    def _on_service(self, entry: Entry) -> None:
        whole = entry.data.get("whole") if isinstance(entry.data, dict) else None
        if whole is not None and whole["metadata"]["name"] == self._service:
            self._services.setdefault(entry.uid, [int(entry.rv), 2**63])
        if entry.type == "deleted" and entry.uid in self._services:
            self._services[entry.uid][1] = int(entry.rv)

    def _compare(self, item: Mapping[str, Any]) -> str:
        """What is otherwise than expected; empty if nothing is."""
        if "revision" in item:
            return self._revision(item)
        comparisons: dict[str, Callable[[Mapping[str, Any]], str]] = {
            "pods": self._pods,
            "image": self._image,
            "replaced": lambda i: _differs("replaced were", self._phase.replaced, _ordinals(i["replaced"])),
            "created": lambda i: _differs("created were", self._phase.created, _ordinals(i["created"])),
            "removed": lambda i: _differs("removed were", self._phase.removed, _ordinals(i["removed"])),
            "revisions": lambda i: _differs("revisions are", len(self._own_revisions()), i["revisions"]),
            "set": lambda i: "the set is there" if self._state["statefulsets"] else "",
            "resolves": lambda i: self._absent("resolved", i["resolves"], self._resolves),
            "fetched": lambda i: self._absent("fetched", i["fetched"], self._phase.fetched.__contains__),
        }
        key = next(key for key in item if key in comparisons)
        return comparisons[key](item)

    def _by_ordinal(self) -> dict[int, Any]:
        pods = self._state["pods"].values()
        return {ordinal_of(state["metadata"]["name"], self._set_name): state for state in pods}

    def _pods(self, item: Mapping[str, Any]) -> str:
        by_ordinal = self._by_ordinal()
        differs = _differs("pods are", sorted(by_ordinal), sorted(_ordinals(item["pods"])))
        unready = [o for o, state in sorted(by_ordinal.items()) if not is_ready(state)]
        return differs or (f"pods {unready} are not Ready" if unready else "")

    def _image(self, item: Mapping[str, Any]) -> str:
        by_ordinal = self._by_ordinal()
        images = {o: state["spec"]["containers"][0]["image"] for o, state in sorted(by_ordinal.items())}
        wanted = item.get("ordinals", list(images))
        wrong = {o: images.get(o, "none") for o in wanted if images.get(o) != item["image"]}
        return f"the images are {wrong}" if wrong else ""

    def _own_revisions(self) -> list[Any]:
        revisions = self._state["controllerrevisions"].values()
        return [r for r in revisions if r["metadata"]["name"].rpartition("-")[0] == self._set_name]

    def _revision(self, item: Mapping[str, Any]) -> str:
        for revision in self._own_revisions():
            if revision["revision"] == item["revision"]:
                image = revision["data"]["spec"]["template"]["spec"]["containers"][0]["image"]
                return _differs(f"revision {item['revision']} has image", image, item["image"])
        return f"no revision has number {item['revision']}"

    def _resolves(self, ordinal: int) -> bool:
        return self._addresses.get(ordinal) in self._phase.resolved.get(ordinal, ())

    def _absent(self, what: str, wanted: list[int], holds: Callable[[int], bool]) -> str:
        missing = [f"{self._set_name}-{ordinal}" for ordinal in wanted if not holds(ordinal)]
        return f"{', '.join(missing)} were not {what}" if missing else ""


def _falls_ill(event: Event) -> bool:
    """Whether a pod that nobody deletes was Ready and is not any more."""
    if event.type != "modified" or event.before is None or "deletionTimestamp" in event.after["metadata"]:
        return False
    return is_ready(event.before) and not is_ready(event.after)


def _ordinals(value: Any) -> list[int]:
    return [] if value == "none" else list(value)


def _differs(what: str, got: Any, wanted: Any) -> str:
    return "" if got == wanted else f"{what} {got}"


def _plain(item: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in item.items())
