"""What happened to pods, from what their watch showed."""

from tests.differential.following import Sight
from tests.differential.moments import Moment, moments_of


def test_a_deletion_is_told_once_with_its_grace() -> None:
    going = Sight("MODIFIED", "web-1", "web-a", is_ready=True, is_going=True, grace_s=2)
    sights = [going, going, Sight("DELETED", "web-1", "web-a", is_going=True)]

    assert moments_of(sights, {"web-0": True, "web-1": True}) == [Moment("delete", "web-1", "web-a", (), 2)]


def test_a_create_tells_the_lower_pods_that_were_not_ready_and_a_delete_all_others() -> None:
    sights = [
        Sight("ADDED", "web-1", "web-a"),
        Sight("ADDED", "web-0", "web-a"),
        Sight("MODIFIED", "web-0", "web-a", is_ready=True),
        Sight("DELETED", "web-0", "web-a"),
        Sight("ADDED", "web-2", "web-b"),
    ]

    assert [str(each) for each in moments_of(sights, {})] == [
        "create web-1 web-a",
        "create web-0 web-a",
        "delete web-0 web-a beside unready web-1",
        "create web-2 web-b beside unready web-1",
    ]


def test_a_pod_that_goes_a_second_time_is_told_a_second_time() -> None:
    lives = [Sight("DELETED", "web-0", "web-a"), Sight("ADDED", "web-0", "web-b"), Sight("DELETED", "web-0", "web-b")]

    assert [each.alone() for each in moments_of(lives, {"web-0": True})] == [
        "delete web-0 web-a",
        "create web-0 web-b",
        "delete web-0 web-b",
    ]
