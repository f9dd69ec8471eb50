"""What profiles expect at the end of a phase, true and false, and judged at that end and not at a later one."""

from typing import Any

import pytest

from chaos.verdict import Judgement
from tests.checkers.scenes.lesson import not_reached, phase, reached
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.update import updating
from tests.checkers.test_update import rolled
from tests.checkers.verdicts import ended, judged
from tests.checkers.world import SERVICE, World


def lesson(world: World) -> Judgement:
    return judged(ended(world), "lesson.expectations")


def busy(world: World) -> None:
    """web-2 is updated, web-3 is made, web-0 is replaced, and then web-3 goes."""
    rolled(world, 2, "b")
    world.spec(replicas=4)
    world.replace(3, "b")
    world.kill(0)
    world.gone(0)
    world.replace(0, "a")
    world.spec(replicas=3)
    world.terminate(3)
    world.gone(3)
    world.ready(0, "10.0.0.1")
    world.dns(0, "10.0.0.1")
    world.dns(1, "10.0.0.9")
    world.page(0, "web/0/claim/pod/1")
    world.page(1, "web/0/claim/pod/1")


TRUE: list[dict[str, Any]] = [
    {"pods": [0, 1, 2]},
    {"pods": [2, 1, 0]},
    {"image": "b", "ordinals": [2]},
    {"image": "a", "ordinals": [0, 1]},
    {"replaced": [2, 0]},
    {"created": [2, 3, 0]},
    {"removed": [3]},
    {"revisions": 2},
    {"revision": 2, "image": "b"},
    {"service": "gone"},
    {"resolves": [0]},
    {"fetched": [0]},
]

FALSE: list[tuple[dict[str, Any], str]] = [
    ({"pods": "none"}, "pods: none, but pods are [0, 1, 2]"),
    ({"image": "b"}, "image: b, but the images are {0: 'a', 1: 'a'}"),
    ({"image": "b", "ordinals": [2, 3]}, "image: b, ordinals: [2, 3], but the images are {3: 'none'}"),
    ({"replaced": [0, 2]}, "replaced: [0, 2], but replaced were [2, 0]"),
    ({"replaced": "none"}, "replaced: none, but replaced were [2, 0]"),
    ({"created": [2, 3]}, "created: [2, 3], but created were [2, 3, 0]"),
    ({"removed": "none"}, "removed: none, but removed were [3]"),
    ({"revisions": 1}, "revisions: 1, but revisions are 2"),
    ({"revision": 2, "image": "a"}, "revision: 2, image: a, but revision 2 has image b"),
    ({"revision": 3, "image": "a"}, "revision: 3, image: a, but no revision has number 3"),
    ({"set": "gone"}, "set: gone, but the set is there"),
    ({"resolves": [0, 1]}, "resolves: [0, 1], but web-1 were not resolved"),
    ({"fetched": [1]}, "fetched: [1], but web-1 were not fetched"),
]


@pytest.mark.parametrize("expect", TRUE, ids=str)
def test_what_happened_as_expected_holds(expect: dict[str, Any]) -> None:
    world = updating(3, partition=2)
    phase(world, expect)
    busy(world)
    reached(world)

    assert lesson(world) == Judgement("held", False, 1)


@pytest.mark.parametrize(("expect", "otherwise"), FALSE, ids=str)
def test_what_happened_otherwise_is_a_breach_of_the_lesson(expect: dict[str, Any], otherwise: str) -> None:
    world = updating(3, partition=2)
    phase(world, expect)
    busy(world)
    entry = reached(world)

    (finding,) = lesson(world).findings
    assert (finding.message, finding.entries) == (f"phase lesson expected {otherwise}", (entry,))


def test_pods_that_are_not_ready_are_not_as_expected() -> None:
    world = settled(2)
    phase(world, {"pods": [0, 1]})
    world.unready(1)
    reached(world)

    assert [finding.message for finding in lesson(world).findings] == [
        "phase lesson expected pods: [0, 1], but pods [1] are not Ready"
    ]


def test_the_set_and_its_service_may_be_expected_to_be_gone() -> None:
    world = settled(1)
    world.add("services", {"metadata": {"name": SERVICE}})
    phase(world, {"set": "gone"}, {"service": "gone"}, {"pods": "none"})
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)
    world.gone(0)
    world.remove("services", SERVICE)
    reached(world)

    assert lesson(world) == Judgement("held", False, 3)


def test_a_service_that_is_there_is_not_gone_though_it_goes_later() -> None:
    world = settled(1)
    world.add("services", {"metadata": {"name": SERVICE}})
    phase(world, {"service": "gone"})
    reached(world)
    world.remove("services", SERVICE)

    assert [finding.message for finding in lesson(world).findings] == [
        "phase lesson expected the service gone, but it is there"
    ]


def test_a_service_that_comes_back_later_was_gone() -> None:
    world = settled(1)
    phase(world, {"service": "gone"})
    reached(world)
    world.add("services", {"metadata": {"name": SERVICE}})

    assert lesson(world) == Judgement("held", False, 1)


def test_a_phase_that_was_not_reached_teaches_nothing() -> None:
    world = settled(1)
    phase(world, {"pods": [0, 1]})
    not_reached(world)

    assert lesson(world) == Judgement("unknown", False, 0, (), "phase lesson was not reached")


def test_a_phase_without_expectations_may_end_unreached() -> None:
    world = settled(1)
    phase(world)
    not_reached(world)

    assert lesson(world).findings == ()


def test_a_phase_is_judged_by_what_happened_in_it_though_the_next_began_before_its_events_were_in() -> None:
    world = settled(1)
    world.show()
    phase(world, {"created": [1, 0]}, {"replaced": [0]}, {"resolves": [0]}, {"fetched": [0]})
    world.spec(replicas=2)
    world.replace(1, "a")
    world.kill(0)
    world.gone(0)
    world.replace(0, "a")
    world.ready(0, "10.0.0.1")
    world.dns(0, "10.0.0.1")
    world.page(0, "web/0/claim/pod/1")
    world.phase_ended("lesson")
    world.entry("run", "phase-began", {"name": "next", "expect": [{"created": "none"}, {"removed": [1]}]})
    world.spec(replicas=1)
    world.show()
    world.terminate(1)
    world.gone(1)
    world.phase_ended("next")

    assert lesson(world) == Judgement("held", False, 6)


def test_what_happens_after_the_end_of_a_phase_is_not_the_phases() -> None:
    world = settled(1)
    phase(world, {"pods": [0]}, {"created": "none"})
    world.phase_ended("lesson")
    world.spec(replicas=2)
    world.replace(1, "a")

    assert lesson(world) == Judgement("held", False, 2)


def test_of_several_containers_the_first_has_the_image() -> None:
    world = settled(1)
    phase(world, {"image": "a"})
    world.change("pods", "web-0", {"spec": {"containers": [{"image": "a"}, {"image": "beside"}]}})
    reached(world)

    assert lesson(world) == Judgement("held", False, 1)


def test_another_service_may_come_and_go() -> None:
    world = settled(1)
    world.add("services", {"metadata": {"name": SERVICE}})
    phase(world, {"service": "gone"})
    world.add("services", {"metadata": {"name": "other"}})
    world.remove("services", SERVICE)
    world.remove("services", "other")
    world.add("services", {"metadata": {"name": "third"}})
    reached(world)

    assert lesson(world) == Judgement("held", False, 1)


def after(kind: str, outcome: str, status: int, expect: dict[str, Any], resource: str = "pods") -> Judgement:
    """What is said of a false expectation after an operation that ended so."""
    world = settled(2)
    phase(world, expect)
    start = world.start("patch", resource, "web", {"kind": kind})
    world.entry("operations", "end", {"start": start, "outcome": outcome, "status": status})
    world.show()
    reached(world)
    return lesson(world)


@pytest.mark.parametrize(("outcome", "status"), [("fail", 429), ("fail", 503), ("unknown", 0), ("unknown", 500)])
def test_what_was_asked_in_vain_is_not_expected(outcome: str, status: int) -> None:
    found = after("scale", outcome, status, {"pods": [0, 1, 2]})

    assert found.verdict == "unknown"
    assert f"scale, ended {outcome} with status {status}" in found.why


@pytest.mark.parametrize(
    ("kind", "outcome", "status", "resource"),
    [
        ("scale", "ok", 200, "statefulsets"),
        ("scale", "fail", 409, "statefulsets"),
        ("evict-pods", "fail", 429, "pods/eviction"),
        ("crash-container", "unknown", 500, "pods"),
        ("write-pages", "fail", 500, "pods"),
    ],
)
def test_what_was_done_or_refused_with_reason_excuses_nothing(
    kind: str, outcome: str, status: int, resource: str
) -> None:
    assert after(kind, outcome, status, {"pods": [0, 1, 2]}, resource).verdict == "violated"


def test_a_page_that_was_not_written_is_not_fetched() -> None:
    assert after("write-pages", "fail", 500, {"fetched": [0]}).verdict == "unknown"


def test_what_is_asked_in_vain_later_excuses_nothing() -> None:
    world = settled(2)
    phase(world, {"pods": [0, 1, 2]})
    reached(world)
    start = world.start("patch", "statefulsets", "web", {"kind": "scale"})
    world.entry("operations", "end", {"start": start, "outcome": "unknown", "status": 0})

    assert lesson(world).verdict == "violated"


@pytest.mark.parametrize(("address", "verdict"), [("", "unknown"), ("10.0.0.1", "violated")])
def test_a_probe_that_could_not_ask_proves_no_page_missing(address: str, verdict: str) -> None:
    world = settled(1)
    phase(world, {"fetched": [0]})
    answer = {"source": "probe-0", "name": "web-0.nginx", "ordinal": 0, "sent": 0.0, "ok": False, "text": "down"}
    world.entry("http", "answer", {**answer, "address": address})
    reached(world)

    assert lesson(world).verdict == verdict


@pytest.mark.parametrize(("code", "verdict"), [("ERROR", "unknown"), ("NXDOMAIN", "violated")])
def test_a_resolver_that_gave_no_answer_proves_no_name_missing(code: str, verdict: str) -> None:
    world = settled(1)
    phase(world, {"resolves": [0]})
    answer = {"source": "probe-0", "name": "web-0.nginx", "ordinal": 0, "sent": 0.0, "code": code, "addresses": []}
    world.entry("dns", "answer", answer)
    reached(world)

    assert lesson(world).verdict == verdict


def replaced_after_it_fell_ill() -> World:
    """web-0 is not Ready for a moment, and replaced."""
    world = settled(2)
    phase(world, {"replaced": "none"})
    world.unready(0)
    world.kill(0)
    world.gone(0)
    world.replace(0, "a")
    world.ready(0)
    return world


def test_what_comes_of_a_pod_that_ceased_to_be_ready_by_itself_is_not_decided() -> None:
    world = replaced_after_it_fell_ill()
    reached(world)

    found = lesson(world)

    assert (found.verdict, found.findings) == ("unknown", ())
    assert "web-0 ceased to be Ready by itself meanwhile" in found.why


def test_a_profile_that_makes_pods_unready_knows_what_comes_of_it() -> None:
    world = settled(2)
    phase(world, {"created": "none"})
    world.finish(world.start("exec", "pods", "web-0", {"kind": "make-unready", "ordinals": [0]}, world.pod_uid(0)))
    world.unready(0)
    world.kill(0)
    world.gone(0)
    world.replace(0, "a")
    world.ready(0)
    reached(world)

    assert lesson(world).verdict == "violated"
