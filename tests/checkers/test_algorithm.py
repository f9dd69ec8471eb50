"""The algorithm and the naming of broken conditions say the same in different words."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chaos.checkers.controller.algorithm import Action, Create, Delete, Sync, completed, sync
from chaos.checkers.controller.course import Now, is_among
from chaos.checkers.controller.glance import demand, look
from chaos.checkers.controller.naming import Condition, broken
from chaos.checkers.controller.rules import Rules, beyond, rules
from chaos.checkers.controller.states import Pod, PodsVersion, SetVersion, Sight, Status

NOTHING = Status(0, 0, 0, 0, 0, 0, "", "")


@st.composite
def pods_of(draw: st.DrawFn) -> tuple[Pod, ...]:
    result = []
    for ordinal in sorted(draw(st.lists(st.integers(0, 6), unique=True, max_size=6))):
        phase = draw(st.sampled_from(["Pending", "Running", "Running", "Running", "Failed", "Succeeded"]))
        ready = draw(st.booleans()) and phase == "Running"
        result.append(
            Pod(
                ordinal=ordinal,
                uid=f"u{ordinal}",
                name=f"web-{ordinal}",
                revision=draw(st.sampled_from(["a", "b", "c"])),
                phase=phase,
                ready=ready,
                terminating=draw(st.booleans()),
                adoptable=False,
                available=ready and draw(st.sampled_from([True, True, False])),
                ready_since=0.0,
            )
        )
    return tuple(result)


VERSIONS = st.builds(
    SetVersion,
    rv=st.just(1),
    i=st.just(1),
    t=st.just(0.0),
    written=st.just(0.0),
    generation=st.integers(1, 3),
    replicas=st.integers(0, 5),
    start=st.integers(0, 2),
    partition=st.integers(0, 5),
    has_rolling_update=st.booleans(),
    max_unavailable=st.sampled_from([1, 1, 2, 3, "1%", "50%", "100%"]),
    type=st.sampled_from(["RollingUpdate", "RollingUpdate", "OnDelete", "Recreate"]),
    parallel=st.booleans(),
    min_ready_s=st.just(10),
    deleting=st.sampled_from([False, False, False, True]),
    template=st.just("t"),
    status=st.builds(lambda current: structs.replace(NOTHING, current=current), current=st.integers(0, 3)),
)
SIGHTS = st.builds(
    lambda version, pods, revisions: Sight(version, pods, *revisions),
    VERSIONS,
    pods_of(),
    st.sampled_from([("a", "a"), ("a", "b"), ("c", "b")]),
)
RULES = st.sampled_from([rules(version, {}) for version in ("1.26.15", "1.33.13", "1.35.2", "1.36.3", "1.37.2")])


def conditions(
    sight: Sight, made: Sync, write: Action | Status, rules: Rules, there: Now | None = None
) -> list[Condition]:
    return broken(sight, made, write, there or Now(sight.pods), rules)


GONE = Now(())
"""Of what came before it in its sync, nothing is left."""


@given(SIGHTS, RULES)
def test_the_writes_that_a_sync_makes_break_no_condition(sight: Sight, rules: Rules) -> None:
    made = sync(sight, rules)

    assert [conditions(sight, made, action, rules, GONE) for action in made.actions] == [[] for _ in made.actions]
    endings = [completed(sight.version, count, rules) for count in made.counts]
    assert [conditions(sight, made, ending, rules) for ending in endings] == [[] for _ in endings]


@given(SIGHTS, RULES)
def test_every_other_pod_write_breaks_a_condition(sight: Sight, rules: Rules) -> None:
    made = sync(sight, rules)
    creates = [Create(ordinal, revision) for ordinal in range(9) for revision in "abc"]
    deletes = [Delete(pod.ordinal, pod.uid) for pod in sight.pods] + [Delete(9, "stranger")]

    writes: list[Action] = [*creates, *deletes]
    for write in writes:
        assert bool(conditions(sight, made, write, rules, GONE)) != is_among(write, made.actions)


@given(SIGHTS, RULES)
def test_no_pod_write_that_breaks_a_condition_is_left_without_a_name_of_its_own(sight: Sight, rules: Rules) -> None:
    made = sync(sight, rules)

    for pod in sight.pods:
        found = conditions(sight, made, Delete(pod.ordinal, pod.uid), rules)
        assert "only what the algorithm asks for is written" not in [each.expected for each in found]


@given(SIGHTS, RULES)
def test_every_other_status_breaks_a_condition(sight: Sight, rules: Rules) -> None:
    made = sync(sight, rules)
    ending = completed(sight.version, made.counts[0], rules)

    for field, value in structs.asdict(ending).items():
        other = value + 7 if isinstance(value, int) else "other"
        wrong = Status(**{**structs.asdict(ending), field: other})
        assert conditions(sight, made, wrong, rules)


def test_rules_follow_version_and_gates() -> None:
    assert rules("1.37.2", {}) == Rules(True, True, True, True, True, False, False, False)
    assert rules("1.36.3", {}) == Rules(False, True, False, False, True, False, False, False)
    assert rules("v1.35.3-vendor.1", {}) == Rules(False, False, True, False, True, False, False, False)
    assert rules("1.35.4", {}) == Rules(False, False, False, False, True, False, False, False)
    assert rules("1.33.13", {}) == Rules(False, False, False, False, False, False, False, False)
    assert rules("1.28.3", {}) == Rules(False, False, False, False, False, True, False, False)
    assert rules("1.26.15", {}) == Rules(False, False, False, False, False, True, True, False)
    off = {"StaleControllerConsistencyStatefulSet": False, "MaxUnavailableStatefulSet": False}
    on = {"StatefulSetRecreateStrategy": True}
    assert rules("1.37.2", {**off, **on}) == Rules(True, False, False, True, True, False, False, True)


def test_releases_that_count_in_the_middle_of_a_sync_are_not_judged() -> None:
    judged = [
        version for version in ("1.26.6", "1.26.7", "1.27.3", "1.27.4", "1.25.16", "1.37.2") if not beyond(version)
    ]

    assert judged == ["1.26.7", "1.27.4", "1.37.2"]


NAMES = st.sampled_from([[("a", "a")], [("a", "b")], [("a", "b"), ("b", "b")]])


@given(VERSIONS, st.sampled_from([(0, 20.0), (10, 5.0), (10, 20.0)]), pods_of(), NAMES, RULES, st.booleans())
def test_a_quick_look_at_versions_never_contradicts_what_a_sync_does_on_them(
    version: SetVersion,
    wait: tuple[int, float],
    aged: tuple[Pod, ...],
    named: list[tuple[str, str]],
    rules: Rules,
    stay: bool,
) -> None:
    """For every pod write and every status that a sync may end with: what cannot be is not done, and what must be is done."""
    min_ready_s, earliest = wait
    version = structs.replace(version, min_ready_s=min_ready_s)
    ready = tuple(structs.replace(pod, available=pod.ready) for pod in aged)
    pods = aged if min_ready_s > earliest else ready
    syncs = [(sight, sync(sight, rules)) for sight in (Sight(version, pods, *pair) for pair in named)]
    is_plain = not any(pod.terminal for pod in ready)
    now = Now(ready) if stay else GONE
    seen = PodsVersion(1, 1, 0.0, 0.0, ready, sum(pod.running_and_ready for pod in ready), is_plain)
    endings = [completed(version, count, rules) for _, made in syncs for count in made.counts]
    creates = [Create(ordinal, revision) for ordinal in range(8) for revision in "abc"]
    deletes = [Delete(ordinal, f"u{ordinal}") for ordinal in range(8)]

    writes: list[Action | Status] = [*creates, *deletes, *endings]
    for write in writes:
        asked = demand(version, named, write, rules)
        looked = False if asked is None else look(seen, write, asked, earliest, now)
        fits = [not conditions(sight, made, write, rules, now) for sight, made in syncs]
        assert looked is None or fits == [looked] * len(fits)
