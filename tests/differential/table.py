"""TABLE.md: how much was compared, and what differs. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.differential.comparing import Difference, has_moments, has_order
from tests.differential.performing import Record
from tests.differential.schedule import (
    AnyOperation,
    DeletePods,
    LoseClaim,
    Meddle,
    Orphan,
    Recreate,
    Scale,
    SetMinReady,
    SetRetention,
    SetStart,
    SetStrategy,
    SetTemplate,
    Setup,
    Step,
    Stretch,
    stretches,
)
from tests.differential.state import UNPLAYED
from tests.differential.telling import sentences

HEAD = """# The embedded cluster and a real one

The same schedules of operations on both: {schedules} seeds ({seeds}), {endings} settled states, {date}; the real cluster is a
Kubernetes {version} made by `make cluster`, the embedded one plays the same release. Compared are whole objects (sets, pods,
claims, revisions with their names, endpoints), and how pods came and went, in order where it is fixed. `make differential`
writes this table; it asks the real cluster only for what it has not yet answered. {said}

| operation | performed | alone | with another under way | differences |
|---|---|---|---|---|
"""

EVENTS = """## What the StatefulSet controller said

Events, for comparison by eye: how many there are depends on who is faster, and the real cluster joins similar ones and drops
what is too much.

| event | embedded | real |
|---|---|---|
"""

CREATED = "create the set"


def text(date: str, here: Sequence[Record], there: Sequence[Record], found: Sequence[Difference], lacking: int) -> str:
    """The whole table; `lacking` schedules could not be performed on the real cluster."""
    seeds = [record.schedule.seed for record in there]
    head = HEAD.format(
        schedules=len(there),
        seeds=f"{min(seeds, default=0)} to {max(seeds, default=0)}",
        endings=sum(len(record.endings) for record in there),
        date=date,
        version=", ".join(sorted({record.version for record in there})),
        said=f"{lacking} more seeds could not be performed." if lacking else "",
    )
    rows = "\n".join(_rows(there, found))
    return "".join(
        [head.replace(" \n", "\n"), rows, "\n\n", _ordered(there), _differing(found), _unplayed(), _said(here, there)]
    )


def summary(records: Sequence[Record], found: Sequence[Difference]) -> str:
    """One line."""
    endings = sum(len(record.endings) for record in records)
    seeds = len({each.seed for each in found})
    return f"{len(records)} schedules, {endings} settled states compared: {len(found)} differences in {seeds} schedules"


def _rows(records: Sequence[Record], found: Sequence[Difference]) -> Iterator[str]:
    alone, joint, differing = Counter[str](), Counter[str](), Counter[str]()
    places = {(each.seed, each.stretch) for each in found}
    for record in records:
        for number, stretch in enumerate(_ended(record)):
            kinds = [kind(step.operation, before) for before, step in _with_before(stretch)] or [CREATED]
            (alone if len(kinds) == 1 else joint).update(kinds)
            if (record.schedule.seed, number) in places:
                differing.update(kinds)
    for name in sorted({*alone, *joint}, key=lambda name: (-alone[name] - joint[name], name)):
        yield f"| {name} | {alone[name] + joint[name]} | {alone[name]} | {joint[name]} | {differing[name] or ''} |"


def kind(operation: AnyOperation, before: Setup) -> str:
    """The sort of an operation, for counting."""
    match operation:
        case Scale(replicas=replicas):
            return "scale up" if replicas > before.replicas else "scale down"
        case SetTemplate():
            return f"change the template, {before.strategy.type}"
        case SetStrategy():
            return "change the update strategy"
        case SetStart():
            return "move the first ordinal"
        case SetRetention():
            return "change the claims' retention"
        case SetMinReady():
            return "change minReadySeconds"
        case Meddle(what=what):
            return f"take away or change a pod's {what}"
        case LoseClaim():
            return "lose a claim with its pod"
        case DeletePods(grace_s=None):
            return "delete pods"
        case DeletePods():
            return "delete pods by force"
        case Orphan(lost=()):
            return "orphan and adopt"
        case Orphan():
            return "orphan, lose a pod, adopt"
        case Recreate(cascade=cascade):
            return f"delete with dependents ({cascade}) and create"


def _ended(record: Record) -> list[Stretch]:
    return stretches(record.schedule)[: len(record.endings)]


def _with_before(stretch: Stretch) -> Iterator[tuple[Setup, Step]]:
    setups = [stretch.before]
    for step in stretch.steps:
        setups.append(step.operation.after(setups[-1]))
    for (before, _), step in zip(pairwise(setups), stretch.steps, strict=True):
        yield before, step


def _ordered(records: Sequence[Record]) -> str:
    ended = [stretch for record in records for stretch in _ended(record)]
    ordered, counted = sum(map(has_order, ended)), sum(map(has_moments, ended))
    return (
        f"The order in which pods came and went was compared in {ordered} stretches, only which ones did in"
        f" {counted - ordered} more (Parallel), neither in {len(ended) - counted} (two operations at once).\n\n"
    )


def _differing(found: Sequence[Difference]) -> str:
    if not found:
        return "Nothing differs.\n\n"
    lines = [
        f"- seed {each.seed}, stretch {each.stretch}, `{each.where}`: {each.ours}; real: {each.real}" for each in found
    ]
    return "## Differences\n\n" + "\n".join(lines) + "\n\n"


def _unplayed() -> str:
    lines = "\n".join(f"- `{name}`: {why}" for name, why in UNPLAYED.items())
    return f"## Not compared\n\nUids, times, addresses and container ids, as far as they are drawn; and of pods:\n\n{lines}\n\n"


def _said(here: Sequence[Record], there: Sequence[Record]) -> str:
    ours, real = sentences(here), sentences(there)
    rows = "".join(f"| {sentence} | {ours[sentence]} | {real[sentence]} |\n" for sentence in sorted({*ours, *real}))
    return f"{EVENTS}{rows}"
