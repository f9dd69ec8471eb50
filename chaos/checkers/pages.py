"""What volumes hold: every claim is a register, and its successors read what was written (S53)."""

from collections import deque
from typing import NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import ordinal_of
from chaos.checkers.names import addresses_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import Event

LOST = ("403 Forbidden", "404 Not Found")
"""What a web server answers when its volume holds no page."""


class PageChecker(Checker):
    """A volume is a register per claim: a read gives the last ok write, or one that was unknown or overlapped it (S53).

    The page that `web-k` serves is a token `<set>/<ordinal>/<claim uid>/<pod uid>/<n>` on its claim. A read is judged only if
    the address it came from was surely web-k's at the time: a name may lead to an address that has a new owner.
    """

    reads = ("operations", "http")
    follows = ("pods",)

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._instants = court.instants
        self._writes: dict[str, _Write] = {}
        self._by_start: dict[int, str] = {}
        self._by_claim: dict[str, list[str]] = {}
        self._claims: dict[int, str] = {}
        self._pods: dict[str, _Pod] = {}
        self._gone: deque[tuple[float, str]] = deque()
        self._answers: deque[Entry] = deque()

    def on_entry(self, entry: Entry) -> None:
        """Writes as they were recorded; what was read is held until the pods' events of that time are surely in."""
        if entry.stream == "operations":
            self._on_operation(entry)
        elif entry.type == "answer":
            self._answers.append(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """Which pod holds which address, and which claim is whose."""
        meta = event.after["metadata"]
        ordinal = ordinal_of(meta["name"], self._set_name)
        if ordinal < 0:
            return
        pod = self._pods.setdefault(event.uid, _Pod(ordinal, event.uid, {}, []))
        for address in addresses_of(event.after):
            pod.addresses.setdefault(address, event.t)
        # Its address may be another's as soon as its sandbox is gone, which is before the pod itself is.
        if not pod.ended and (event.type == "deleted" or "deletionTimestamp" in meta or _has_ended(event)):
            pod.ended.append(self._instants.not_before(event.rv))
        if event.type == "deleted":
            self._gone.append((event.t, event.uid))

    def on_whole(self, until: float) -> None:
        """Every event that was written before `until` has been given."""
        while self._answers and self._answers[0].t <= until:
            entry = self._answers.popleft()
            pod = self._server(entry)
            if pod is None:
                continue
            if entry.data["ok"]:
                self._on_read(entry, pod)
            elif any(code in entry.data["text"] for code in LOST):
                self._on_nothing(entry, pod)
        # Every answer that one of these can have given has been judged.
        while self._gone and self._gone[0][0] <= until:
            self._pods.pop(self._gone.popleft()[1], None)

    def finish(self, now: float) -> None:
        """Everything is in."""
        self.on_whole(float("inf"))

    def _server(self, entry: Entry) -> "_Pod | None":
        """The pod that surely answered: it held the address from before the question until after the answer."""
        address, sent = entry.data.get("address", ""), entry.data["sent"]
        for pod in self._pods.values():
            lived = not pod.ended or pod.ended[0] > entry.t
            if pod.ordinal == entry.data["ordinal"] and lived and pod.addresses.get(address, entry.t) <= sent:
                return pod
        return None

    def _on_operation(self, entry: Entry) -> None:
        if entry.type == "start" and (token := entry.data["request"].get("token")):
            self._writes[token] = _Write(entry.i, entry.t)
            self._by_start[entry.i] = token
            self._by_claim.setdefault(_claim_of(token), []).append(token)
            self._claims[int(token.split("/")[1])] = _claim_of(token)
        elif entry.type == "end" and entry.data["start"] in self._by_start:
            write = self._writes[self._by_start.pop(entry.data["start"])]
            write.ended, write.outcome = entry.t, entry.data["outcome"]

    def _on_read(self, entry: Entry, pod: "_Pod") -> None:
        token = entry.data["text"].strip()
        ordinal, sent, name = entry.data["ordinal"], entry.data["sent"], entry.data["name"]
        parts = token.split("/")
        if len(parts) != 5 or parts[0] != self._set_name:
            return
        wrong = ""
        write = self._writes.get(token)
        if write is None:
            # Before its first write the run does not know what a volume holds.
            wrong = "which this run never wrote" if self._written(ordinal, sent) else ""
        elif parts[1] != str(ordinal):
            wrong = f"which belongs to ordinal {parts[1]}"
        elif write.outcome == "fail":
            wrong = "whose write surely failed"
        else:
            later = self._overwritten(token, write, sent)
            wrong = f"although {later} was written after it and before the read" if later else ""
        if wrong:
            evidence = (entry.i,) if write is None else (write.i, entry.i)
            message = f"the page of {name} is {token}, {wrong}"
            self._ledger.violated("identity.data", message, evidence, (f"pods/{self._set_name}-{ordinal}",))
        elif write is not None and not write.outlived and parts[3] != pod.uid:
            write.outlived = True
            self._ledger.exercised("identity.data")

    def _on_nothing(self, entry: Entry, pod: "_Pod") -> None:
        """The pod answered that it has no page, although one was written to its claim."""
        name = f"{self._set_name}-{pod.ordinal}"
        before = self._written(pod.ordinal, entry.data["sent"])
        if before:
            said = entry.data["text"].strip()[:60]
            message = f"{name} has no page ({said}) although {before[-1]} was written to its claim"
            self._ledger.violated("identity.data", message, (self._writes[before[-1]].i, entry.i), (f"pods/{name}",))

    def _written(self, ordinal: int, until: float) -> list[str]:
        """The tokens that were surely written to an ordinal's claim by then."""
        tokens = self._by_claim.get(self._claims.get(ordinal, ""), ())
        return [token for token in tokens if self._writes[token].outcome == "ok" and self._writes[token].ended < until]

    def _overwritten(self, token: str, write: "_Write", sent: float) -> str:
        """A write that surely replaced this one before the read was sent; empty if there is none."""
        if write.outcome != "ok":
            return ""
        for other in self._by_claim[_claim_of(token)]:
            later = self._writes[other]
            if later.outcome == "ok" and later.began > write.ended and later.ended < sent:
                return other
        return ""


class _Pod(NamedTuple):
    """`addresses` and when each was first seen; `ended` holds the second before which the pod did not begin to end, if it did."""

    ordinal: int
    uid: str
    addresses: dict[str, float]
    ended: list[float]


class _Write:
    def __init__(self, i: int, began: float) -> None:
        self.i = i
        self.began = began
        self.ended = float("inf")
        self.outcome = "unknown"
        self.outlived = False


def _claim_of(token: str) -> str:
    return token.split("/")[2]


def _has_ended(event: Event) -> bool:
    return event.after.get("status", {}).get("phase") in ("Failed", "Succeeded")
