"""What is compared of two records: drawn values are not, everything else is, and order where it is fixed."""

import pytest

from tests.differential.comparing import differences
from tests.differential.following import Sight
from tests.differential.records import SETUP, a_pod, a_slice, ending, record
from tests.differential.schedule import DeletePods, Operation, Recreate, Scale, Schedule, Setup, Step, Strategy

PARALLEL = Setup("Parallel", 2, Strategy("RollingUpdate", 0))
DOWN = [Sight("DELETED", "web-1", "web-a"), Sight("DELETED", "web-0", "web-a")]
UP = [
    Sight("ADDED", "web-0", "web-a"),
    Sight("MODIFIED", "web-0", "web-a", is_ready=True),
    Sight("ADDED", "web-1", "web-a"),
]
HASTY = [UP[0], UP[2], UP[1]]
"""Without waiting for the lower one."""


def test_what_is_drawn_or_timed_is_no_difference() -> None:
    one, other = a_pod("web-0", "u1"), a_pod("web-0", "u2", address="10.0.9.9")
    ours = record(ending(pods=[one], endpointslices=[a_slice(one, "nginx-b")]))
    real = record(ending(pods=[other], endpointslices=[a_slice(other, "nginx-xyz")]))

    assert differences(ours, real) == []


def test_another_revision_is_a_difference_and_says_where() -> None:
    (found,) = differences(
        record(ending(pods=[a_pod("web-0", "u1")])), record(ending(pods=[a_pod("web-0", "u1", "web-b")]))
    )

    assert found.where == "pods/web-0/metadata/labels/controller-revision-hash"
    assert (found.seed, found.stretch, found.ours, found.real) == (1, 0, "web-a", "web-b")


def test_a_pod_too_many_is_a_difference() -> None:
    pods = [a_pod("web-0", "u1"), a_pod("web-1", "u2", address="10.0.0.2")]

    (found,) = differences(record(ending(pods=pods[:1])), record(ending(pods=pods)))

    assert (found.where, found.ours) == ("pods/web-1", "nothing")


def test_an_owner_that_is_gone_is_not_the_same_as_one_that_is_there() -> None:
    (found,) = differences(
        record(ending(pods=[a_pod("web-0", "u1")])), record(ending(pods=[a_pod("web-0", "u1", owner="older")]))
    )

    assert (found.where, found.ours, found.real) == (
        "pods/web-0/metadata/ownerReferences[0]/uid",
        "statefulsets/web",
        "gone",
    )


def test_an_address_of_another_pod_in_the_endpoints_is_a_difference() -> None:
    pod = a_pod("web-0", "u1")
    wrong = a_slice({**pod, "status": {**pod["status"], "podIP": "10.0.0.7"}}, "nginx-b")

    (found,) = differences(
        record(ending(pods=[pod], endpointslices=[a_slice(pod, "nginx-b")])),
        record(ending(pods=[pod], endpointslices=[wrong])),
    )

    assert (found.where, found.ours) == ("endpointslices/endpoints[0]/addresses[0]", "address of web-0")


def test_a_claim_that_was_made_anew_is_a_difference() -> None:
    ours, real = ending(), ending()
    ours.born["persistentvolumeclaims"]["www-web-0"] = 1
    real.born["persistentvolumeclaims"]["www-web-0"] = 2

    (found,) = differences(record(ours), record(real))

    assert (found.where, found.ours, found.real) == ("lives of claims/www-web-0", "1", "2")


def test_an_end_that_only_one_reached_is_the_only_difference() -> None:
    ours = record(ending(missing="web-0 is not Ready"))

    (found,) = differences(ours, record(ending(pods=[a_pod("web-0", "u1")])))

    assert (found.where, found.ours, found.real) == ("end", "web-0 is not Ready", "reached")


@pytest.mark.parametrize(
    ("setup", "operation", "ours", "real", "is_same"),
    [
        (SETUP, Scale(0, "spec"), DOWN, DOWN[::-1], False),
        (PARALLEL, Scale(0, "spec"), DOWN, DOWN[::-1], True),
        (PARALLEL, Scale(0, "spec"), DOWN, DOWN[:1], False),
        (SETUP, Recreate("Background"), [*DOWN, *UP], [*DOWN[::-1], *UP], True),
        (SETUP, Recreate("Background"), [*DOWN, *UP], [*DOWN, *HASTY], False),
        (SETUP, DeletePods((0, 1)), [DOWN[1], DOWN[0], *UP], [DOWN[1], *UP[:2], DOWN[0], UP[2]], True),
        (SETUP, DeletePods((0, 1)), [DOWN[1], DOWN[0], *UP], [DOWN[1], DOWN[0], *HASTY], False),
    ],
)
def test_pods_come_and_go_in_the_same_order_where_it_is_fixed(
    setup: Setup,
    operation: Operation,
    ours: list[Sight],
    real: list[Sight],
    is_same: bool,
) -> None:
    one = record(ending(), ending(*ours), setup=setup, steps=(operation,))
    other = record(ending(), ending(*real), setup=setup, steps=(operation,))

    assert [each.where for each in differences(one, other)] == ([] if is_same else ["pods"])


def test_two_operations_at_once_leave_open_which_pods_are_caught() -> None:
    steps = (Step(Scale(0, "spec"), "at once"), Step(Scale(2, "spec")))
    schedule = Schedule(1, SETUP, steps)
    ours, real = record(ending(), ending(*DOWN)), record(ending(), ending(*DOWN, *UP))

    both = [type(each)(schedule, each.version, each.seconds, each.endings) for each in (ours, real)]

    assert differences(*both) == []
