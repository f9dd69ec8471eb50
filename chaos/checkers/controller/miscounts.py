"""What is wrong with a status in one combination of states: figures, revisions, generation."""

from msgspec import structs

from chaos.checkers.controller.algorithm import Sync, completed
from chaos.checkers.controller.course import Now, counted, may_end
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import SetVersion, Status


def miscounts(version: SetVersion, sync: Sync, write: Status, there: Now, rules: Rules) -> list[tuple[str, str]]:
    """Guarantees that the status breaks, with what was expected; empty if a sync may end with it here.

    `there`: the pods that are left.
    """
    if may_end(version, sync, (), write, there, 0, rules):
        return []
    _, most = counted(sync, (), there)
    expected = completed(version, structs.replace(sync.counts[0], current=sync.counts[0].current - most), rules)
    found = []
    if write.observed_generation != expected.observed_generation:
        found.append(("status.observed-generation", f"observedGeneration {expected.observed_generation}"))
    if write.update_revision != expected.update_revision:
        found.append(("revision.update-revision", f"updateRevision {expected.update_revision}"))
    if write.current_revision != expected.current_revision:
        found.append(_wrong_current(version, expected, write))
        # A completion rewrites currentReplicas too, so that says nothing of its own.
        write, expected = structs.replace(write, current=0), structs.replace(expected, current=0)
    for field in ("replicas", "ready", "available", "current", "updated"):
        if getattr(write, field) != getattr(expected, field):
            found.append(("status.counters", f"{field} {getattr(expected, field)}"))
    return found or [("status.counters", f"currentReplicas {expected.current}")]


def _wrong_current(version: SetVersion, expected: Status, write: Status) -> tuple[str, str]:
    if write.current_revision == write.update_revision:
        return (
            "status.completion",
            f"currentRevision {expected.current_revision}: the update is complete only when updated = ready = replicas = "
            f"spec.replicas = {version.replicas}",
        )
    return ("partition.current-revision", f"currentRevision {expected.current_revision}")
