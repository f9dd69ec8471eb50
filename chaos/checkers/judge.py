"""Puts the checkers together: entries in, a report out. Live and offline use the same fold.

Entries that are observations of ordered streams go through the merger; all others reach the checkers as they come. Whatever
the record cannot vouch for (a gap, a broken line, a run that never ended) makes guarantees unknown from there on, and leaves
what was proven before it.
"""

import gc
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from chaos.checkers.authorship import Authorship, first_deletion
from chaos.checkers.catalogue import GUARANTEES, is_named
from chaos.checkers.continuity import missed
from chaos.checkers.controller.checker import FAMILIES
from chaos.checkers.instants import Instants
from chaos.checkers.known_bugs import known_bug
from chaos.checkers.lease import ControllerLease
from chaos.checkers.ledger import EVERYTHING, Ledger
from chaos.checkers.panel import Court, Panel
from chaos.checkers.present import Present
from chaos.checkers.roster import CHECKERS, NEEDS
from chaos.history import reader, run
from chaos.history.entries import MARKED, Entry
from chaos.history.order import CHANGES, KEPT_S, Broken, Event, Merger, Objects, Versions
from chaos.verdict import Judgement, Report, worst

RECEIPT_S = 1.0
"""How late an event of the old process may be received after the entry that tells of a restart."""

RARELY = (50_000, 20, 50)
"""Thresholds of the collector of garbage."""

PROBED = ("dns", "http")
"""Streams of answers to probes."""


class Judge:
    """A fold over the entries of one run. `crash` is the traceback of a checker that raised, empty if none did."""

    def __init__(self, info: run.RunInfo) -> None:
        self._info = info
        self._ledger = Ledger()
        self._merger = Merger(MARKED)
        self._objects: dict[str, Objects] = {}
        self._occurrences = Versions()
        self._authorship = Authorship()
        self._instants = Instants()
        self._lease = ControllerLease()
        self._present = Present(info.statefulset)
        court = Court(info, self._ledger, self._lease, self._instants, self._present)
        self._panel = Panel(checker(court) for checker in CHECKERS)
        self._restarts: deque[tuple[int, float]] = deque()
        self._acquired: deque[int] = deque()
        self._phases: deque[tuple[int, Entry]] = deque()
        self._outcomes = {"ok": 0, "fail": 0, "unknown": 0}
        self._open_operations = 0
        self._closed: set[str] = set()
        self._ended = False
        self._now = 0.0
        self._whole_rv = -1
        self._whole_until = float("-inf")
        self._lost = False
        self.crash = ""

    @property
    def violated(self) -> bool:
        """Whether a violation is proven."""
        return self._ledger.any_violated

    def feed(self, entry: Entry) -> None:
        """Take in the next entry."""
        if self._ended or self._lost:
            return
        self._now = entry.t
        self._ledger.reach(entry.i)
        try:
            if entry.stream in PROBED:
                # These come most often, and change nothing that holds an event back.
                self._panel.on_entry(entry)
            else:
                self._take(entry)
                self._release()
        except Broken as error:
            self._lost = True
            self._ledger.retract(EVERYTHING, f"the record is not whole: {error}", error.since)
        except Exception:
            self._fail(f"entry {entry.i}")

    def finish(self) -> Report:
        """Everything is in: the verdict."""
        if not self._lost:
            try:
                self._conclude()
            except Exception:
                self._fail("the end")
        if not self._ended and not self._lost:
            self._ledger.doubted(EVERYTHING, "the record has no end: the run was cut off")
        return self._report()

    def _conclude(self) -> None:
        self._authorship.close()
        self._release()
        if self._ended:
            # Without the closing LISTs, what was not seen need not have failed to happen.
            while self._phases:
                self._end_phase(self._phases.popleft()[1])
            self._panel.finish(self._now)

    def _fail(self, where: str) -> None:
        """A checker raised: a bug of ours, which must neither accuse nor acquit."""
        self.crash = traceback.format_exc()
        self._lose(f"a checker failed at {where}: {self.crash.rstrip().rpartition(chr(10))[2]}")

    def _take(self, entry: Entry) -> None:
        if entry.type in CHANGES:
            self._take_change(entry)
        elif entry.stream == "run":
            self._take_run(entry)
        elif entry.stream == "operations":
            self._take_operation(entry)
        else:
            self._take_mark(entry)
        self._panel.on_entry(entry)

    def _take_run(self, entry: Entry) -> None:
        match entry.type:
            case "phase-ended":
                at = entry.data.get("at") or {}
                reached = max((int(at[stream]) for stream in at if stream in MARKED), default=0)
                self._phases.append((reached, entry))
            case "controller-restarted":
                self._restarts.append((entry.i, entry.t + RECEIPT_S))
            case "judging-ended":
                self._ended = True
                for stream in MARKED:
                    if stream not in self._closed:
                        self._merger.drop(stream)
                        self._doubt(self._ledger.doubted, stream, f"{stream} has no closing LIST")
            case "broken":
                self._lose(entry.data["why"])

    def _take_operation(self, entry: Entry) -> None:
        if entry.type == "start":
            self._open_operations += 1
        elif entry.type == "end":
            self._open_operations -= 1
            self._outcomes[entry.data["outcome"]] += 1
        elif entry.data["operation"]["kind"] == "inflict":
            self._ledger.note(f"{entry.data['operation']['fault']} was not inflicted: {entry.data['why']}")
        self._authorship.on_entry(entry)

    def _take_change(self, entry: Entry) -> None:
        stream = entry.stream
        if stream == "events":
            self._occurrences.follow(entry)
            return
        event = self._objects.setdefault(stream, Objects()).event(entry)
        why = missed(event, entry.data)
        if why:
            text = (
                f"the watch of {stream} did not show all of {event.after['metadata']['name']} before {entry.rv}: {why}"
            )
            self._doubt(lambda family, why: self._ledger.retract(family, why, event.known), stream, text)
        if stream in MARKED:
            if stream == "pods" and entry.type == "deleted":
                self._authorship.on_entry(entry)
            self._merger.push(event)
        elif stream == "leases" and entry.type != "deleted":
            holder = event.after.get("spec", {}).get("holderIdentity", "")
            if self._lease.on_version(entry, holder):
                self._acquired.append(event.rv)

    def _take_mark(self, entry: Entry) -> None:
        stream = entry.stream
        match entry.type:
            case "progress" | "synced":
                self._merger.shown(stream, int(entry.rv))
                if entry.data:
                    self._instants.tell(int(entry.rv), entry.data["sent"])
                if stream == "leases" and not self._lease.is_known:
                    self._restarts_unseen("does not exist")
            case "final":
                self._merger.shown(stream, int(entry.rv))
                self._closed.add(stream)
                recorded = self._objects.setdefault(stream, Objects())
                if stream != "events" and not recorded.agrees(entry.data, int(entry.rv)):
                    self._doubt(
                        self._ledger.retract, stream, f"the closing LIST of {stream} shows what its watch did not"
                    )
            case "gap":
                self._doubt(
                    self._ledger.freeze,
                    stream,
                    f"the watch of {stream} had a gap at entry {entry.i}: {entry.data.get('why', '')}",
                )
                if stream == "leases":
                    self._restarts_unseen("was not seen for a while")
            case "missed":
                why = (
                    f"the watch of {stream} did not show everything before entry {entry.i}: {entry.data.get('why', '')}"
                )
                self._doubt(self._ledger.retract, stream, why)
                if stream == "leases":
                    self._restarts_unseen("was not seen for a while")
            case "denied":
                self._merger.drop(stream)
                self._closed.add(stream)
                self._doubt(self._ledger.freeze, stream, f"{stream} could not be watched: {entry.data.get('why', '')}")
                if stream == "leases":
                    self._restarts_unseen("may not be watched")

    def _restarts_unseen(self, why: str) -> None:
        """A new process may start from any older state, so that without the Lease no write is beyond explanation."""
        for family in FAMILIES:
            self._ledger.freeze(family, f"the controller's Lease {why}: a restart of it would go unseen")

    def _doubt(self, how: Callable[[str, str], None], stream: str, why: str) -> None:
        for family, needed in NEEDS.items():
            if stream in needed:
                how(family, why)

    def _lose(self, why: str) -> None:
        self._lost = True
        self._ledger.freeze(EVERYTHING, f"the record is not whole: {why}")

    def _release(self) -> None:
        """Give out everything whose order is certain, phases between the events they ended at."""
        while True:
            event = self._merger.peek()
            if self._phases and self._phase_is_due(event):
                self._end_phase(self._phases.popleft()[1])
                continue
            if event is None:
                self._whole(self._merger.certain)
                return
            deletes = first_deletion(event)
            if deletes and self._authorship.is_pending(event):
                self._whole(event.rv - 1)
                return
            self._merger.pop()
            if self._acquired or self._restarts:
                self._restart_before(event)
            author = self._authorship.author(event) if deletes else None
            self._authorship.on_event(event)
            self._present.on_event(event)
            self._panel.on_event(event, author)

    def _whole(self, rv: int) -> None:
        """Everything up to a version has been given out."""
        if rv == self._whole_rv:
            return
        self._whole_rv = rv
        until = self._instants.not_before(rv)
        if until > self._whole_until:
            self._whole_until = until
            self._panel.on_whole(until)

    def _phase_is_due(self, event: Event | None) -> bool:
        reached = self._phases[0][0]
        if event is not None:
            return event.rv > reached and (reached > 0 or event.i > self._phases[0][1].i)
        return self._merger.certain >= reached if reached else self._merger.is_idle

    def _end_phase(self, entry: Entry) -> None:
        if not entry.data["reached"]:
            why = f"phase {entry.data['name']} was not reached, so that what follows it was not tried"
            for name in GUARANTEES:
                if is_named(name, self._info.require):
                    self._ledger.doubted(name, why)
        self._panel.on_phase_ended(entry)

    def _restart_before(self, event: Event) -> None:
        """Restart the controller where its place is among the events: by the Lease's version, or by time of receipt."""
        while self._acquired and self._acquired[0] < event.rv:
            self._acquired.popleft()
            self._panel.on_restart()
        if any(i < event.i and event.t <= until for i, until in self._restarts):
            self._panel.on_restart()
        while self._restarts and self._restarts[0][1] < event.t - KEPT_S:
            self._restarts.popleft()

    def _report(self) -> Report:
        info = self._info
        names = [g for g in GUARANTEES.values() if not info.judge or is_named(g.name, info.judge + info.require)]
        judged = self._ledger.judgements(names, lambda name: is_named(name, info.require), info.at_least)
        relevant = [j.verdict for j in judged.values() if j.required or j.verdict == "violated"]
        outcomes = {**self._outcomes, "unknown": self._outcomes["unknown"] + self._open_operations}
        return Report(
            verdict=worst(relevant),
            seed=info.seed,
            target={
                "profile": info.profile,
                "namespace": info.namespace,
                "statefulset": info.statefulset,
                "server": info.server,
                "controller": info.controller.version,
            },
            guarantees={name: self._annotated(name, judgement) for name, judgement in judged.items()},
            operations=outcomes,
            notes=tuple(f"{text} ({times})" for text, times in sorted(self._ledger.notes.items())),
        )

    def _annotated(self, name: str, judgement: Judgement) -> Judgement:
        bug = known_bug(self._info.controller.version, name)
        if not bug:
            return judgement
        findings = tuple(msgspec.structs.replace(finding, known_bug=bug) for finding in judgement.findings)
        return msgspec.structs.replace(judgement, findings=findings)


def judge(folder: Path) -> Report:
    """Judge a recorded run again, from its files alone.

    Raises:
        OSError: a file is missing.
        msgspec.MsgspecError: run.json is not of this version.
        chaos.history.reader.NotAHistory: history.jsonl has no header.
    """
    return fold(run.read(folder), reader.read(folder / reader.FILE))


def fold(info: run.RunInfo, entries: Iterable[Entry]) -> Report:
    """The report of these entries."""
    judging = Judge(info)
    with _collecting_rarely():
        for entry in entries:
            judging.feed(entry)
    return judging.finish()


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Almost everything goes when nobody holds it any more; to look for the rest after every 700 objects takes a sixth."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
