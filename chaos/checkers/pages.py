"""What volumes hold: every claim is a register, and its successors read what was written (S53)."""

from collections import OrderedDict, deque
from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import ordinal_of
from chaos.checkers.endpoints import addresses_of, has_ended
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import KEPT_S, Event

LOST = ("403 Forbidden", "404 Not Found")
"""What a web server answers when its volume holds no page."""

MOST_CLAIMS = 1000
"""Claims whose writes are remembered."""

NAME = "identity.data"


class PageChecker(Checker):
    """A volume is a register per claim: a read gives the last ok write, or one that was unknown or overlapped it (S53).

    The page that `web-k` serves is a token `<set>/<ordinal>/<claim uid>/<pod uid>/<n>` on its claim. A read is judged only if
    the address it came from was surely web-k's at the time: a name may lead to an address that has a new owner. Ten minutes
    after a page was written over it is forgotten, and whoever reads it then leaves the guarantee unknown.
    """

    reads = ("operations", "http")
    follows = ("pods", "persistentvolumeclaims")
    minds: ClassVar = {"persistentvolumeclaims": ()}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._instants = court.instants
        self._open: dict[int, _Write] = {}
        self._claims: OrderedDict[str, _Claim] = OrderedDict()
        self._has_forgotten = False
        self._claim_of: dict[int, str] = {}
        self._pods: dict[int, list[_Pod]] = {}
        self._gone: deque[tuple[float, _Pod]] = deque()
        self._answers: deque[Entry] = deque()

    def on_entry(self, entry: Entry) -> None:
        """Writes as they were recorded; what was read is held until the pods' events of that time are surely in."""
        if entry.stream == "operations":
            self._on_operation(entry)
        elif entry.type == "answer":
            self._answers.append(entry)
            if self._answers[0].t < entry.t - KEPT_S:
                self._answers.popleft()
                self._ledger.doubted(NAME, "what was read was not judged, since no marker told of pods for 10 minutes")

    def on_event(self, event: Event, author: Author | None) -> None:
        """Which pod holds which address, and which claims are gone."""
        if event.stream == "persistentvolumeclaims":
            if event.type == "deleted" and event.uid in self._claims:
                self._claims[event.uid].is_gone = True
            return
        meta, status = event.after["metadata"], event.after.get("status")
        ordinal = ordinal_of(meta["name"], self._set_name)
        if ordinal < 0:
            return
        pods = self._pods.setdefault(ordinal, [])
        pod = next((each for each in pods if each.uid == event.uid), None)
        if pod is None:
            pod = _Pod(event.uid, ordinal)
            pods.append(pod)
        if event.before is None or not _has_same_addresses(event.before.get("status") or {}, status or {}):
            for address in addresses_of(event.after):
                pod.addresses.setdefault(address, event.t)
        # Its address may be another's as soon as its sandbox is gone, which is before the pod itself is.
        if pod.ended is None and (event.type == "deleted" or "deletionTimestamp" in meta or has_ended(event.after)):
            pod.ended = self._instants.not_before(event.rv)
        if event.type == "deleted":
            self._gone.append((event.t, pod))

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
            pod = self._gone.popleft()[1]
            self._pods[pod.ordinal].remove(pod)

    def finish(self, now: float) -> None:
        """Everything is in."""
        self.on_whole(float("inf"))

    def _server(self, entry: Entry) -> "_Pod | None":
        """The pod that surely answered: it held the address from before the question until after the answer."""
        data = entry.data
        address, sent = data.get("address", ""), data["sent"]
        for pod in self._pods.get(data["ordinal"], ()):
            if (pod.ended is None or pod.ended > entry.t) and pod.addresses.get(address, entry.t) <= sent:
                return pod
        return None

    def _on_operation(self, entry: Entry) -> None:
        if entry.type == "start" and (token := entry.data["request"].get("token")):
            _, ordinal, claim, *_ = token.split("/")
            write = self._open[entry.i] = _Write(token, entry.i, entry.t)
            self._claims.setdefault(claim, _Claim()).begin(write)
            self._claim_of[int(ordinal)] = claim
            self._claims.move_to_end(claim)
            if len(self._claims) > MOST_CLAIMS:
                self._claims.popitem(last=False)
                self._has_forgotten = True
        elif entry.type == "end" and entry.data["start"] in self._open:
            write = self._open.pop(entry.data["start"])
            write.ended, write.outcome = entry.t, entry.data["outcome"]

    def _on_read(self, entry: Entry, pod: "_Pod") -> None:
        token, ordinal = entry.data["text"].strip(), pod.ordinal
        parts = token.split("/")
        if len(parts) != 5 or parts[0] != self._set_name:
            return
        wrong = ""
        claim = self._claims.get(parts[2])
        write = claim.writes.get(token) if claim else None
        if write is None:
            if self._has_forgotten if claim is None else claim.has_forgotten:
                self._ledger.doubted(
                    NAME, "a page was read that was written over more than 10 minutes before, or never written"
                )
            # Before its first write the run does not know what a volume holds.
            elif self._written(ordinal, entry.data["sent"]):
                wrong = "which this run never wrote"
        elif parts[1] != str(ordinal):
            wrong = f"which belongs to ordinal {parts[1]}"
        elif write.outcome == "fail":
            wrong = "whose write surely failed"
        elif claim is not None:
            later = claim.overwritten(write, entry.data["sent"])
            wrong = f"although {later} was written after it and before the read" if later else ""
        if wrong:
            evidence = (entry.i,) if write is None else (write.i, entry.i)
            message = f"the page of {entry.data['name']} is {token}, {wrong}"
            self._ledger.violated(NAME, message, evidence, (f"pods/{self._set_name}-{ordinal}",))
        elif write is not None and not write.outlived and parts[3] != pod.uid:
            write.outlived = True
            self._ledger.exercised(NAME)

    def _on_nothing(self, entry: Entry, pod: "_Pod") -> None:
        """The pod answered that it has no page, although one was written to its claim."""
        name = f"{self._set_name}-{pod.ordinal}"
        before = self._written(pod.ordinal, entry.data["sent"])
        if before is not None:
            said = entry.data["text"].strip()[:60]
            message = f"{name} has no page ({said}) although {before.token} was written to its claim"
            self._ledger.violated(NAME, message, (before.i, entry.i), (f"pods/{name}",))

    def _written(self, ordinal: int, until: float) -> "_Write | None":
        """The last write that was surely made to an ordinal's claim by then."""
        claim = self._claims.get(self._claim_of.get(ordinal, ""))
        # The next claim of that name has a volume that nobody has written yet.
        if claim is None or claim.is_gone:
            return None
        return next((w for w in reversed(claim.writes.values()) if w.outcome == "ok" and w.ended < until), None)


def _has_same_addresses(old: Any, new: Any) -> bool:
    # A list that did not change is the same list.
    return old.get("podIPs") is new.get("podIPs") and old.get("podIP") == new.get("podIP")


class _Pod:
    """`addresses` and when each was first seen; `ended`: the second before which it did not begin to end, if it did."""

    def __init__(self, uid: str, ordinal: int) -> None:
        self.uid = uid
        self.ordinal = ordinal
        self.addresses: dict[str, float] = {}
        self.ended: float | None = None


class _Write:
    def __init__(self, token: str, i: int, began: float) -> None:
        self.token = token
        self.i = i
        self.began = began
        self.ended = float("inf")
        self.outcome = "unknown"
        self.outlived = False


class _Claim:
    """The writes to one claim, by token, in the order in which they began."""

    def __init__(self) -> None:
        self.writes: dict[str, _Write] = {}
        self.has_forgotten = False
        self.is_gone = False

    def begin(self, write: _Write) -> None:
        """A write begins; one that was surely written over ten minutes ago is forgotten."""
        self.writes[write.token] = write
        while True:
            oldest = next(iter(self.writes.values()))
            if not self._is_over(oldest, write.began - KEPT_S):
                break
            del self.writes[oldest.token]
            self.has_forgotten = True

    def overwritten(self, write: _Write, sent: float) -> str:
        """A write that surely replaced this one before the read was sent; empty if there is none."""
        if write.outcome != "ok":
            return ""
        for later in reversed(self.writes.values()):
            if later.began <= write.ended:
                break
            if later.outcome == "ok" and later.ended < sent:
                return later.token
        return ""

    def _is_over(self, write: _Write, before: float) -> bool:
        return any(
            later.outcome == "ok" and later.ended < before and later.began > write.began
            for later in self.writes.values()
        )
