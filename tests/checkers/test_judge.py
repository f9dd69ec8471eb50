"""From entries to a report: what is required, what a record must show, and the same verdict from its files alone."""

from pathlib import Path

import msgspec
import pytest

from chaos.checkers.judge import Judge, fold, judge
from chaos.checkers.roster import CORE
from chaos.history import reader, run
from chaos.history.entries import MARKED, Entry
from chaos.verdict import Report
from tests.checkers.scenes.cascade import orphaned
from tests.checkers.scenes.lesson import happens_as_written
from tests.checkers.scenes.ordering import made_out_of_range, settled
from tests.checkers.scenes.update import updating
from tests.checkers.tamper import renumbered, with_gap, without
from tests.checkers.verdicts import breached, breaches, ended
from tests.checkers.world import World, info
from tests.history.lines import lines


def verdict(world: World, *require: str, at_least: int = 1) -> str:
    return fold(info(require=require, at_least=at_least), ended(world)).verdict


def unknown(report: Report, why: str) -> set[str]:
    """The families that are unknown for this reason."""
    return {name.partition(".")[0] for name, each in report.guarantees.items() if why in each.why}


def test_a_run_is_held_by_what_it_requires() -> None:
    assert verdict(settled(2), "ordering.range", "identity.pod") == "held"


def test_a_run_that_requires_nothing_proves_nothing() -> None:
    assert verdict(settled(2)) == "unknown"


def test_a_family_is_required_whole() -> None:
    assert verdict(settled(2), "identity") == "unknown"
    assert verdict(settled(2), "identity.pod") == "held"
    assert fold(info(require=("identity",)), ended(settled(2))).guarantees["identity.succession"].required


def test_a_name_does_not_require_the_names_that_begin_alike() -> None:
    report = fold(info(require=("status.co",)), ended(settled(2)))

    assert [name for name, each in report.guarantees.items() if each.required] == []


def test_a_violation_counts_though_it_was_not_required() -> None:
    assert verdict(made_out_of_range().world, "identity.pod") == "violated"


def test_a_required_guarantee_needs_its_opportunities() -> None:
    report = fold(info(require=("identity.pod",), at_least=3), ended(settled(2)))

    found = report.guarantees["identity.pod"]
    assert (report.verdict, found.verdict, found.exercised) == ("unknown", "unknown", 2)
    assert found.why == "exercised 2 of 3 times; it is exercised when the controller creates a pod"
    assert report.guarantees["status.counters"].verdict == "held"


def test_a_report_says_what_was_judged_and_how_operations_ended() -> None:
    world = settled(2)
    for outcome in ("ok", "fail", "unknown", "ok"):
        world.finish(world.start("patch", "statefulsets", "web", {"kind": "scale", "replicas": 2}), outcome)
    world.start("patch", "statefulsets", "web", {"kind": "scale", "replicas": 2})

    report = fold(info(seed=7), ended(world))

    assert report.operations == {"ok": 2, "fail": 1, "unknown": 2}
    assert (report.seed, report.target) == (
        7,
        {
            "profile": "test",
            "namespace": "ns",
            "statefulset": "web",
            "server": "1.37.2",
            "controller": "1.37.2",
        },
    )


@pytest.mark.parametrize("stream", ["services", "nodes", "events", "poddisruptionbudgets"])
def test_a_gap_in_a_stream_costs_nothing_but_what_reads_it(stream: str) -> None:
    world = happens_as_written()
    entries = ended(world)

    report = fold(info(), with_gap(entries, 20, stream))

    readers = {"services": {"dns", "lesson"}, "events": {"progress"}}
    assert unknown(report, "had a gap") == readers.get(stream, set())


def test_a_gap_in_the_slices_costs_the_names() -> None:
    report = fold(info(), with_gap(ended(settled(2)), 20, "endpointslices"))

    assert unknown(report, "had a gap") == {"dns"}


@pytest.mark.parametrize("stream", CORE)
def test_a_gap_in_what_the_controller_reads_costs_every_rule_of_its_writes(stream: str) -> None:
    report = fold(info(), with_gap(ended(settled(2)), 20, stream))

    ruled = {"ordering", "update", "partition", "ondelete", "recreate", "status", "revision", "cascade"}
    assert ruled <= unknown(report, f"the watch of {stream} had a gap at entry 20: 410 Gone")


def test_a_line_that_is_no_entry_ends_the_record() -> None:
    world = settled(2)
    world.entry("run", "broken", {"why": "line 9 holds entry 8, expected 7"})
    world.create_pod(5, "a")

    report = fold(info(), ended(world))

    assert {each.verdict for each in report.guarantees.values()} == {"unknown"}
    assert {each.why for each in report.guarantees.values()} == {
        "the record is not whole: line 9 holds entry 8, expected 7"
    }


def test_what_was_proven_before_a_broken_line_stays() -> None:
    world = made_out_of_range().world
    world.show()
    world.entry("run", "broken", {"why": "torn"})

    assert fold(info(), world.entries).verdict == "violated"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"patch": {"metadata": {}}}, "changes stranger, which was never seen whole"),
        (None, "has no object"),
        ({}, "has no object"),
    ],
)
def test_a_change_of_something_never_seen_breaks_the_record(data: object, why: str) -> None:
    world = settled(2)
    entry = world.entry("pods", "modified", data, rv=world.rv + 1, uid="stranger")

    report = fold(info(), ended(world))

    assert report.guarantees["identity.pod"].why == f"the record is not whole: entry {entry} {why}"


def test_nothing_after_the_end_of_judging_is_judged() -> None:
    world = settled(2)
    entries = ended(world)
    world.create_pod(7, "a")
    world.set_gone()
    world.entry("pods", "gap", {"why": "cleanup"})
    world.entry("run", "broken", {"why": "cleanup"})

    assert fold(info(), world.entries) == fold(info(), entries[:-4])


@pytest.mark.parametrize(
    ("stream", "families"),
    [
        ("endpointslices", {"dns"}),
        (
            "persistentvolumeclaims",
            {
                "claims",
                "quietness",
                "identity",
                "ordering",
                "update",
                "partition",
                "ondelete",
                "recreate",
                "status",
                "revision",
            },
        ),
    ],
)
def test_a_stream_without_a_closing_list_leaves_what_needs_it_unknown(stream: str, families: set[str]) -> None:
    entries = without(ended(settled(2)), lambda entry: entry.type == "final" and entry.stream == stream)

    report = fold(info(), entries)

    assert families <= unknown(report, f"{stream} has no closing LIST") <= {*families, "cascade", "claims"}


def test_a_closing_list_that_disagrees_takes_back_what_was_found() -> None:
    world = made_out_of_range().world
    lost = world.create_pod(7, "a")
    world.end()

    report = fold(info(), without(world.entries, lambda entry: entry.i == lost))

    assert unknown(report, "the closing LIST of pods shows what its watch did not") > {"ordering", "identity"}
    assert {name for name, each in report.guarantees.items() if each.findings} == set()


def test_an_object_that_the_closing_list_lacks_was_lost() -> None:
    world = settled(2)
    gone = world.gone(1)
    world.end()

    report = fold(info(), without(world.entries, lambda entry: entry.i == gone))

    assert report.guarantees["identity.pod"].why == "the closing LIST of pods shows what its watch did not"


def test_a_restart_of_the_controller_opens_every_retained_state() -> None:
    world = updating(3, partition=3)
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.show()
    world.entry("run", "controller-restarted")
    world.terminate(2)

    assert breaches(world) == {}


def test_a_new_holder_of_the_lease_is_a_restart() -> None:
    world = updating(3, partition=3)
    world.lease("kcm-1")
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.show()
    world.lease("kcm-2")
    world.terminate(2)

    assert breaches(world) == {}


def test_a_renewed_lease_is_none() -> None:
    world = updating(3, partition=3)
    world.lease("kcm-1")
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.show()
    world.lease("kcm-1")
    world.terminate(2)

    assert breached(world) == ["partition.update-floor"]


def test_a_restart_excuses_only_until_the_new_process_is_tied_to_a_state() -> None:
    world = updating(3, partition=3)
    world.show()
    world.entry("run", "controller-restarted")
    world.wait(5)
    world.partition(2)
    world.counted("a", "b")
    world.terminate(1)

    assert breached(world) == ["partition.update-floor"]


def test_without_the_controllers_lease_only_single_objects_are_judged() -> None:
    denied = Entry(i=-1, t=0.0, stream="leases", rv="", uid="", type="denied", data={"why": "403"})
    world = made_out_of_range().world
    world.create_pod(3, "a", hostname="x")

    report = fold(info(), renumbered([denied, *ended(world)]))

    assert {name for name, each in report.guarantees.items() if each.findings} == {"identity.pod"}
    assert "cascade" in unknown(report, "the controller's Lease may not be watched: a restart of it would go unseen")


def test_only_what_a_profile_names_is_judged() -> None:
    report = fold(
        info(judge=("identity.pod", "dns.answers"), require=("status.counters",)), ended(made_out_of_range().world)
    )

    assert list(report.guarantees) == ["dns.answers", "identity.pod", "status.counters"]
    assert report.verdict == "held"


def test_findings_above_twenty_are_counted() -> None:
    world = orphaned(30)
    world.live(11)
    for ordinal in range(30):
        world.terminate(ordinal)

    found = fold(info(), ended(world)).guarantees["cascade.orphan"]

    assert (len(found.findings), found.why) == (20, "10 more findings are not listed")


def test_a_record_is_judged_from_its_files_as_it_was_live(tmp_path: Path) -> None:
    broken = made_out_of_range().world
    live = Judge(info())
    run.write(tmp_path, info())
    with (tmp_path / reader.FILE).open("wb") as file:
        file.writelines(lines(ended(broken)))
    for entry in broken.entries:
        live.feed(entry)

    assert msgspec.json.encode(judge(tmp_path)) == msgspec.json.encode(live.finish())


def test_a_violation_is_known_as_soon_as_its_order_is_certain() -> None:
    broken = made_out_of_range()
    broken.world.show()
    live = Judge(info())

    known = []
    for entry in broken.world.entries:
        live.feed(entry)
        known.append(live.violated)

    streams = len(MARKED)
    assert known.index(True) > broken.entry
    assert len(known) - known.index(True) <= streams


def test_the_order_of_entries_in_a_record_is_that_of_receipt() -> None:
    entries = ended(settled(2))

    assert [entry.i for entry in renumbered(entries)] == [entry.i for entry in entries]


def test_after_a_phase_that_was_not_reached_nothing_required_is_held() -> None:
    world = World()
    world.entry("run", "phase-began", {"name": "one"})
    world.settled(2)
    world.entry("run", "phase-ended", {"name": "one", "reached": False, "why": "web-1 is not Ready"})

    report = world.report(require=("status.counters",))

    assert report.verdict == "unknown"
    assert report.guarantees["status.counters"].why == (
        "phase one was not reached, so that what follows it was not tried"
    )
    assert report.guarantees["identity.pod"].verdict == "held"


def test_what_follows_a_delete_whose_answer_never_came_is_judged_at_the_end() -> None:
    world = settled(2)
    world.start("delete", "pods", "web-1", {"kind": "delete-pods", "ordinals": [1]}, world.pod_uid(1))
    world.terminate(1)
    world.create_pod(7, "a")

    assert "ordering.range" in breached(world)


@pytest.mark.parametrize(("is_seen_again", "verdict"), [(True, "violated"), (False, "unknown")])
def test_a_line_that_is_missing_takes_back_what_was_found_since_it_may_be(is_seen_again: bool, verdict: str) -> None:
    world = made_out_of_range().world
    world.show()
    if is_seen_again:
        world.unready(0)
    world.entry("pods", "modified", {"patch": {}, "from": "1"}, rv=world.rv + 1, uid=world.pod_uid(0))

    assert fold(info(), world.entries).guarantees["ordering.range"].verdict == verdict
