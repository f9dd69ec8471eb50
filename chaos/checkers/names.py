"""Names resolve to the pod that held the address: DNS answers (S75) and EndpointSlices (S72), judged by historical ownership."""

from collections import deque
from typing import Any, NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import Event

CACHED_S = 35.0
"""How old an answer may be: a resolver may cache 30 s (the kubeadm and cluster add-on Corefiles), and watches lag."""

KEPT_S = 600.0
"""How long a pod that is gone is remembered: a slice that still publishes it then is too old to be judged."""


class _Held(NamedTuple):
    """An address that a pod name held: not before `since`, and not after `until`."""

    address: str
    since: float
    until: float
    i: int


class NamesChecker(Checker):
    """Answers for `web-k.nginx` are addresses that web-k held lately; slices tell the truth about each pod."""

    reads = ("dns",)
    follows = ("pods", "endpointslices")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._service = court.info.service
        self._ledger = court.ledger
        self._instants = court.instants
        self._held: dict[int, list[_Held]] = {}
        self._pods: dict[str, tuple[str, set[str], int]] = {}
        self._gone: deque[tuple[float, str]] = deque()
        self._answers: deque[Entry] = deque()
        self._listed: set[str] = set()

    def on_entry(self, entry: Entry) -> None:
        """Hold answers that what was seen until now does not explain: the DNS server may know of a pod before this run does."""
        if entry.type == "answer":
            data = entry.data
            if data["code"] == "NOERROR" and data["ordinal"] >= 0 and not self._is_explained(entry):
                self._answers.append(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order: pods own addresses, slices publish them."""
        if event.stream == "pods":
            self._on_pod(event)
        elif event.type != "deleted":
            self._on_slice(event)
        while self._gone and self._gone[0][0] <= event.t - KEPT_S:
            _, uid = self._gone.popleft()
            self._pods.pop(uid, None)
            self._listed.discard(uid)

    def on_whole(self, until: float) -> None:
        """Every event that was written before `until` has been given."""
        while self._answers and self._answers[0].t <= until:
            self._on_answer(self._answers.popleft())

    def finish(self, now: float) -> None:
        """Everything is in."""
        self.on_whole(float("inf"))

    def _on_pod(self, event: Event) -> None:
        meta = event.after["metadata"]
        ordinal = ordinal_of(meta["name"], self._set_name)
        if ordinal < 0:
            return
        known = self._pods.get(event.uid)
        if known is not None and event.type == "modified" and event.before["status"] is event.after.get("status"):
            return
        name, addresses, i = known or (meta["name"], set(), event.i)
        held = self._held.setdefault(ordinal, [])
        for address in addresses_of(event.after):
            if address not in addresses:
                addresses.add(address)
                held.append(_Held(address, self._instants.not_before(event.rv), float("inf"), event.i))
        self._pods[event.uid] = (name, addresses, i)
        if event.type == "deleted":
            self._gone.append((event.t, event.uid))
            self._held[ordinal] = [
                one._replace(until=event.t) if one.address in addresses and one.until == float("inf") else one
                for one in held
                if one.until > event.t - 2 * CACHED_S
            ]

    def _is_explained(self, entry: Entry) -> bool:
        """Whether all of an answer's addresses were the pod's; each of them counts then."""
        addresses = entry.data["addresses"]
        for address in addresses:
            if not self._is_owned(entry, address):
                return False
        self._ledger.exercised("dns.answers", len(addresses))
        return True

    def _is_owned(self, entry: Entry, address: str) -> bool:
        """Whether the pod may have held an address when the question was answered, or so lately that it may be cached."""
        for one in self._held.get(entry.data["ordinal"], ()):
            if one.address == address and one.since <= entry.t and one.until >= entry.data["sent"] - CACHED_S:
                return True
        return False

    def _on_answer(self, entry: Entry) -> None:
        data = entry.data
        held = self._held.get(data["ordinal"], ())
        for address in data["addresses"]:
            if self._is_owned(entry, address):
                self._ledger.exercised("dns.answers")
                continue
            others = [
                f"{self._set_name}-{o}"
                for o, all_held in self._held.items()
                if any(h.address == address for h in all_held)
            ]
            message = (
                f"{data['name']} was answered with {address}, which {self._set_name}-{data['ordinal']} did not hold in the "
                f"{CACHED_S:.0f} s before (held by: {', '.join(others) or 'no pod of the set'})"
            )
            entries = (entry.i, *(one.i for one in held[-2:]))
            self._ledger.violated("dns.answers", message, entries, (f"pods/{self._set_name}-{data['ordinal']}",))

    def _on_slice(self, event: Event) -> None:
        if event.after["metadata"].get("labels", {}).get("kubernetes.io/service-name") != self._service:
            return
        for endpoint in event.after.get("endpoints") or ():
            target = endpoint.get("targetRef", {})
            known = self._pods.get(target.get("uid", ""))
            if known is None:
                continue
            name, addresses, i = known
            wrong = []
            if endpoint.get("hostname") != name:
                wrong.append(f"hostname {endpoint.get('hostname')!r}, expected {name!r}")
            if not set(endpoint["addresses"]) <= addresses:
                wrong.append(f"addresses {endpoint['addresses']}, expected {sorted(addresses)}")
            if wrong:
                slice_name = event.after["metadata"]["name"]
                message = f"EndpointSlice {slice_name} at {event.rv} publishes {name} with {'; '.join(wrong)}"
                self._ledger.violated(
                    "dns.endpoints", message, (event.i, i), (f"endpointslices/{slice_name}", f"pods/{name}")
                )
            elif target["uid"] not in self._listed:
                self._listed.add(target["uid"])
                self._ledger.exercised("dns.endpoints")


def addresses_of(state: Any) -> list[str]:
    """Every address that a pod's status gives it: one of each IP family."""
    status = state.get("status") or {}
    listed = [each["ip"] for each in status.get("podIPs") or ()]
    first = status.get("podIP", "")
    return listed if first in ("", *listed) else [first, *listed]
