"""The algorithm and the naming of broken conditions say the same in different words."""

from hypothesis import given
from hypothesis import strategies as st

from chaos.checkers.controller.algorithm import Create, Delete, Rules, rules, sync
from chaos.checkers.controller.naming import broken
from chaos.checkers.controller.states import Pod, SetVersion, Status

RULES = Rules(completes_any_type=True, reads_own_writes=True)
NOTHING = Status(0, 0, 0, 0, 0, 0, "", "")


def pods_of(ordinals: st.SearchStrategy[list[int]]) -> st.SearchStrategy[list[Pod]]:
    one = st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["Pending", "Running", "Running", "Running", "Failed", "Succeeded"]),
        st.booleans(),
        st.booleans(),
    )

    @st.composite
    def build(draw: st.DrawFn) -> list[Pod]:
        result = []
        for ordinal in draw(ordinals):
            revision, phase, ready, terminating = draw(one)
            is_ready = ready and phase == "Running"
            result.append(Pod(ordinal, f"u{ordinal}", f"web-{ordinal}", revision, phase, is_ready, terminating, False))
        return result

    return build()


PODS = pods_of(st.lists(st.integers(0, 6), unique=True, max_size=6).map(sorted))
VERSIONS = st.builds(
    SetVersion,
    rv=st.just(1),
    i=st.just(1),
    t=st.just(0.0),
    generation=st.integers(1, 3),
    replicas=st.integers(0, 5),
    start=st.integers(0, 2),
    partition=st.integers(0, 5),
    has_rolling_update=st.booleans(),
    type=st.sampled_from(["RollingUpdate", "RollingUpdate", "OnDelete"]),
    deleting=st.sampled_from([False, False, False, True]),
    template=st.just("t"),
    status=st.builds(NOTHING._replace, current=st.integers(0, 3)),
)
REVISIONS = st.sampled_from([("a", "a"), ("a", "b"), ("c", "b")])


@given(VERSIONS, PODS, REVISIONS)
def test_the_write_that_a_sync_makes_breaks_no_condition(
    version: SetVersion, pods: list[Pod], revisions: tuple[str, str]
) -> None:
    made = sync(version, pods, *revisions, RULES)

    if made.action is not None:
        assert broken(version, pods, *revisions, made.action, RULES) == []
    assert broken(version, pods, *revisions, made.status, RULES) == []


@given(VERSIONS, PODS, REVISIONS)
def test_every_other_pod_write_breaks_a_condition(
    version: SetVersion, pods: list[Pod], revisions: tuple[str, str]
) -> None:
    made = sync(version, pods, *revisions, RULES).action
    creates = [Create(ordinal, revision) for ordinal in range(9) for revision in "abc"]
    deletes = [Delete(pod.uid) for pod in pods] + [Delete("stranger")]

    writes: list[Create | Delete] = [*creates, *deletes]
    accepted = [write for write in writes if not broken(version, pods, *revisions, write, RULES)]

    assert accepted == ([] if made is None else [made])


@given(VERSIONS, PODS, REVISIONS)
def test_every_other_status_breaks_a_condition(
    version: SetVersion, pods: list[Pod], revisions: tuple[str, str]
) -> None:
    made = sync(version, pods, *revisions, RULES)

    for field, value in made.status._asdict().items():
        other = value + 7 if isinstance(value, int) else "other"
        wrong = Status(**{**made.status._asdict(), field: other})
        assert broken(version, pods, *revisions, wrong, RULES)


def test_rules_follow_version_and_gates() -> None:
    assert rules("1.37.2", {}) == Rules(True, True)
    assert rules("1.36.3", {}) == Rules(False, True)
    assert rules("1.28.3", {}) == Rules(False, False)
    assert rules("1.37.2", {"StaleControllerConsistencyStatefulSet": False}) == Rules(True, False)
