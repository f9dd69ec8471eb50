"""What volumes hold: every claim is a register, and its successors read what was written (S53)."""

from collections import deque

from chaos.checkers.ledger import Ledger
from chaos.checkers.names import EARLY_S, addresses_of
from chaos.history.entries import Entry
from chaos.history.order import Event

LOST = ("403 Forbidden", "404 Not Found")
"""What a web server answers when its volume holds no page."""


class PageChecker:
    """A volume is a register per claim: a read gives the last ok write, or one that was unknown or overlapped it (S53).

    The page that `web-k` serves is a token `<set>/<ordinal>/<claim uid>/<pod uid>/<n>` on its claim.
    """

    def __init__(self, set_name: str, ledger: Ledger) -> None:
        self._set_name = set_name
        self._ledger = ledger
        self._writes: dict[str, _PageWrite] = {}
        self._by_start: dict[int, str] = {}
        self._claim_writes: dict[str, list[str]] = {}
        self._addresses: dict[str, list[str]] = {}
        self._removed: dict[str, float] = {}
        self._ordinals: dict[int, list[str]] = {}
        self._answers: deque[Entry] = deque()

    def on_entry(self, entry: Entry) -> None:
        """Writes as they were recorded; what was read is held until the pods' events of that time are surely in."""
        if entry.stream == "operations":
            self._on_operation(entry)
        elif entry.stream == "http" and entry.type == "answer":
            self._answers.append(entry)
        elif entry.stream == "run" and entry.type == "judging-ended":
            self._judge(float("inf"))

    def on_event(self, event: Event) -> None:
        """Which addresses each pod had, since a stale name may lead to a pod that took over an address."""
        self._judge(event.t - EARLY_S)
        if event.stream != "pods":
            return
        if event.type == "deleted":
            self._removed.setdefault(event.uid, event.t)
        name = event.after["metadata"]["name"]
        for address in addresses_of(event.after):
            holders = self._addresses.setdefault(address, [])
            if name not in holders:
                holders.append(name)

    def _judge(self, until: float) -> None:
        while self._answers and self._answers[0].t <= until:
            entry = self._answers.popleft()
            if entry.data["ok"]:
                self._on_read(entry)
            elif any(code in entry.data["text"] for code in LOST):
                self._on_nothing(entry)

    def _on_operation(self, entry: Entry) -> None:
        if entry.type == "start" and entry.data["request"]["verb"] == "exec":
            token = entry.data["request"]["token"]
            self._writes[token] = _PageWrite(entry.i, entry.t)
            self._by_start[entry.i] = token
            self._claim_writes.setdefault(_claim_of(token), []).append(token)
            self._ordinals.setdefault(int(token.split("/")[1]), []).append(token)
        elif entry.type == "end" and entry.data["start"] in self._by_start:
            write = self._writes[self._by_start.pop(entry.data["start"])]
            write.ended, write.outcome = entry.t, entry.data["outcome"]

    def _on_read(self, entry: Entry) -> None:
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
            if self._shared_address(f"{self._set_name}-{ordinal}", f"{self._set_name}-{parts[1]}"):
                return
            wrong = f"which belongs to ordinal {parts[1]}"
        elif write.outcome == "fail":
            wrong = "whose write surely failed"
        else:
            later = self._overwritten(token, write, sent)
            if later:
                wrong = f"although {later} was written after it and before the read"
        evidence = (entry.i,) if write is None else (write.i, entry.i)
        if wrong:
            message = f"the page of {name} is {token}, {wrong}"
            self._ledger.violated("identity.data", message, evidence, (f"pods/{self._set_name}-{ordinal}",))
        elif write is not None and not write.outlived and self._removed.get(parts[3], sent) < sent:
            write.outlived = True
            self._ledger.exercised("identity.data")

    def _on_nothing(self, entry: Entry) -> None:
        """The pod answered that it has no page, although one was written to its claim."""
        ordinal, sent = entry.data["ordinal"], entry.data["sent"]
        name = f"{self._set_name}-{ordinal}"
        before = self._written(ordinal, sent)
        if before and not any(name in holders and len(holders) > 1 for holders in self._addresses.values()):
            message = (
                f"{name} has no page ({entry.data['text'].strip()[:60]}) although {before[-1]} was written to its claim"
            )
            self._ledger.violated("identity.data", message, (self._writes[before[-1]].i, entry.i), (f"pods/{name}",))

    def _written(self, ordinal: int, until: float) -> list[str]:
        """The tokens that were surely written to an ordinal's claim by then."""
        tokens = self._ordinals.get(ordinal, ())
        return [token for token in tokens if self._writes[token].outcome == "ok" and self._writes[token].ended < until]

    def _overwritten(self, token: str, write: "_PageWrite", sent: float) -> str:
        """A write that surely replaced this one before the read was sent; empty if there is none."""
        if write.outcome != "ok":
            return ""
        for other in self._claim_writes[_claim_of(token)]:
            later = self._writes[other]
            if later.outcome == "ok" and later.began > write.ended and later.ended < sent:
                return other
        return ""

    def _shared_address(self, one: str, other: str) -> bool:
        return any(one in holders and other in holders for holders in self._addresses.values())


class _PageWrite:
    def __init__(self, i: int, began: float) -> None:
        self.i = i
        self.began = began
        self.ended = float("inf")
        self.outcome = "unknown"
        self.outlived = False


def _claim_of(token: str) -> str:
    return token.split("/")[2]
