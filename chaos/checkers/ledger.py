"""Where checkers put what they concluded, and how that becomes a judgement per guarantee."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from chaos.verdict import Finding, Guarantee, Judgement

MOST_FINDINGS = 20
"""Findings kept per guarantee; the rest is counted."""

MOST_REASONS = 50
"""Different doubts kept per name, and different notes: the rest is said to be there."""

EVERYTHING = "*"
"""Stands for every guarantee in `Ledger.doubted`."""


class Ledger:
    """Findings, opportunities and doubts of one run, by guarantee name."""

    def __init__(self) -> None:
        self._at = 0
        self._exercised: Counter[str] = Counter()
        self._findings: dict[str, list[Finding]] = {}
        self._concluded: dict[str, list[int]] = {}
        self._dropped: Counter[str] = Counter()
        self._doubts: dict[str, list[str]] = {}
        self._frozen: list[str] = []
        self.notes: Counter[str] = Counter()

    def reach(self, entry: int) -> None:
        """What is concluded from now on is concluded of the entries up to this one."""
        self._at = entry

    def exercised(self, name: str, times: int = 1) -> None:
        """Count opportunities: moments at which a controller without the rule could have acted differently, and did not."""
        self._exercised[name] += times

    def violated(self, name: str, message: str, entries: Iterable[int], objects: Sequence[str] = ()) -> None:
        """Record a violation with the indices of the entries that prove it, unless its family is frozen."""
        if any(_covers(family, name) for family in self._frozen):
            return
        found = self._findings.setdefault(name, [])
        if len(found) < MOST_FINDINGS:
            found.append(Finding(message, tuple(sorted(set(entries))), tuple(objects)))
            self._concluded.setdefault(name, []).append(self._at)
        else:
            self._dropped[name] += 1

    def doubted(self, name: str, why: str) -> None:
        """Make a guarantee unknown, unless it is violated. A name that ends in a dot stands for its whole family."""
        doubts = self._doubts.setdefault(name, [])
        if why not in doubts and len(doubts) < MOST_REASONS:
            doubts.append(why)

    def freeze(self, family: str, why: str) -> None:
        """Events are missing from here on: what was found stays, nothing more is held or violated."""
        self._frozen.append(family)
        self.doubted(family, why)

    def retract(self, family: str, why: str, since: int = -1) -> None:
        """Events are missing since some time after entry `since`: nothing that was concluded after it is proven."""
        self.freeze(family, why)
        for name in [name for name in self._findings if _covers(family, name)]:
            # They were concluded in this order.
            kept = sum(at <= since for at in self._concluded[name])
            if kept < len(self._findings[name]):
                self._dropped[name] = 0
            del self._findings[name][kept:], self._concluded[name][kept:]
            if not kept:
                del self._findings[name]

    def note(self, text: str) -> None:
        """Count a fact that decides nothing but that a reader must know."""
        known = text in self.notes or len(self.notes) < MOST_REASONS
        self.notes[text if known else "more notes, which are not listed"] += 1

    @property
    def at(self) -> int:
        """The entry up to which everything is concluded now."""
        return self._at

    @property
    def any_violated(self) -> bool:
        return bool(self._findings)

    def judgements(
        self, guarantees: Iterable[Guarantee], required: Callable[[str], bool], at_least: int
    ) -> dict[str, Judgement]:
        """Every guarantee's verdict, by name. `at_least` opportunities are asked of a required one, 1 of any other."""
        result = {}
        for guarantee in sorted(guarantees, key=lambda g: g.name):
            name = guarantee.name
            needed = at_least if required(name) else 1
            result[name] = self._judgement(guarantee, required(name), needed)
        return result

    def _judgement(self, guarantee: Guarantee, required: bool, needed: int) -> Judgement:
        name = guarantee.name
        count = self._exercised[name]
        findings = tuple(self._findings.get(name, ()))
        if findings:
            more = f"{self._dropped[name]} more findings are not listed" if self._dropped[name] else ""
            return Judgement("violated", required, count, findings, more)
        doubts = [why for doubted, reasons in self._doubts.items() if _covers(doubted, name) for why in reasons]
        if doubts:
            rest = f" (and {len(doubts) - 3} more reasons)" if len(doubts) > 3 else ""
            return Judgement("unknown", required, count, (), "; ".join(doubts[:3]) + rest)
        if count < needed:
            why = f"exercised {count} of {needed} times; it is exercised when {guarantee.opportunity}"
            return Judgement("unknown", required, count, (), why)
        return Judgement("held", required, count)


def _covers(family: str, name: str) -> bool:
    return family in (name, EVERYTHING) or (family.endswith(".") and name.startswith(family))
