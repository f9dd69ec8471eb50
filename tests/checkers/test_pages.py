"""What volumes hold: registers, one per claim (S53)."""

import pytest

from chaos.verdict import Judgement
from tests.checkers.scenes.identity import reborn, with_claims
from tests.checkers.verdicts import ended, judged
from tests.checkers.world import CLAIM, World


def messages(world: World) -> list[str]:
    world.wait(10)
    return [finding.message for finding in judged(ended(world), "identity.data").findings]


def test_a_page_that_its_own_pod_serves_exercises_nothing() -> None:
    world = with_claims(1)
    world.page(0, world.write_page(0, 1))

    assert judged(ended(world), "identity.data").exercised == 0


def test_every_page_that_outlives_its_pod_counts_once() -> None:
    world = with_claims(1)
    token = world.write_page(0, 1)
    reborn(world, 0)
    world.page(0, token)
    world.page(0, token)

    assert judged(ended(world), "identity.data") == Judgement("held", False, 1)


@pytest.mark.parametrize(("outcome", "expected"), [("ok", 1), ("unknown", 0), ("fail", 0)])
def test_a_read_may_return_the_older_page_unless_the_newer_was_surely_written(outcome: str, expected: int) -> None:
    world = with_claims(1)
    first = world.write_page(0, 1)
    world.write_page(0, 2, outcome)
    world.page(0, first)

    assert len(messages(world)) == expected


@pytest.mark.parametrize(("outcome", "expected"), [("ok", 0), ("unknown", 0), ("fail", 1)])
def test_a_read_may_return_the_newer_page_unless_it_surely_failed(outcome: str, expected: int) -> None:
    world = with_claims(1)
    world.write_page(0, 1)
    second = world.write_page(0, 2, outcome)
    world.page(0, second)

    assert len(messages(world)) == expected


def test_a_write_of_unknown_outcome_may_still_land_after_a_later_one() -> None:
    world = with_claims(1)
    late = world.write_page(0, 1, "unknown")
    world.write_page(0, 2)
    world.page(0, late)

    assert messages(world) == []


def test_a_read_during_a_write_may_return_either() -> None:
    world = with_claims(1)
    first = world.write_page(0, 1)
    second = world.token(0, 2)
    start = world.begin_write(0, second)
    world.page(0, first)
    world.page(0, second)
    world.finish(start)
    world.page(0, first, sent_s=0.025)

    assert messages(world) == []


def test_two_writes_at_once_may_land_in_either_order() -> None:
    world = with_claims(1)
    tokens = [world.token(0, number) for number in (1, 2)]
    starts = [world.begin_write(0, token) for token in tokens]
    for start in starts:
        world.finish(start)
    for token in tokens:
        world.page(0, token)

    assert messages(world) == []


def test_the_page_of_another_ordinal_is_a_breach() -> None:
    world = with_claims(2)
    world.page(0, world.write_page(1, 1))

    (message,) = messages(world)
    assert message.startswith("the page of web-0.nginx is web/1/")
    assert message.endswith("which belongs to ordinal 1")


def test_the_page_of_another_ordinal_may_come_from_an_address_that_both_pods_had() -> None:
    world = with_claims(2)
    world.ready(0, "10.0.0.1")
    token = world.write_page(1, 1)
    world.kill(0)
    world.gone(0)
    world.page(0, token)
    # The address was taken over before that; the event that says so is received later.
    world.ready(1, "10.0.0.1")

    assert messages(world) == []


def test_a_page_that_nobody_wrote_is_a_breach_once_this_run_has_written() -> None:
    world = with_claims(1)
    stranger = world.token(0, 99)
    world.page(0, stranger)
    world.write_page(0, 1)
    read = world.page(0, stranger)

    world.wait(10)
    (finding,) = judged(ended(world), "identity.data").findings
    assert finding.message == f"the page of web-0.nginx is {stranger}, which this run never wrote"
    assert finding.entries == (read,)


@pytest.mark.parametrize("answer", ["server returned error: HTTP/1.1 404 Not Found", "HTTP/1.1 403 Forbidden"])
def test_a_page_that_is_gone_is_a_breach(answer: str) -> None:
    world = with_claims(1)
    token = world.write_page(0, 1)
    reborn(world, 0)
    world.page(0, answer, ok=False)

    assert messages(world) == [f"web-0 has no page ({answer}) although {token} was written to its claim"]


def test_a_claim_that_took_the_place_of_another_begins_without_a_page() -> None:
    world = with_claims(1)
    world.write_page(0, 1)
    world.kill(0)
    world.gone(0)
    world.remove("persistentvolumeclaims", f"{CLAIM}-web-0")
    world.claim(0)
    world.replace(0, "a")
    world.page(0, "HTTP/1.1 403 Forbidden", ok=False)
    token = world.write_page(0, 2)
    world.page(0, "HTTP/1.1 403 Forbidden", ok=False)

    assert messages(world) == [f"web-0 has no page (HTTP/1.1 403 Forbidden) although {token} was written to its claim"]


def test_a_pod_that_cannot_be_reached_says_nothing_about_its_page() -> None:
    world = with_claims(1)
    world.write_page(0, 1)
    world.page(0, "wget: can't connect to remote host: Connection refused", ok=False)
    world.page(0, "<html>bad gateway</html>")

    assert messages(world) == []


def test_a_page_that_was_not_surely_written_may_be_missing() -> None:
    world = with_claims(1)
    world.write_page(0, 1, "unknown")
    world.page(0, "HTTP/1.1 404 Not Found", ok=False)

    assert messages(world) == []


def test_what_was_read_while_a_pod_perhaps_began_to_end_is_nobodys() -> None:
    """Its address may have had a new owner by then; only a marker between the two tells that the pod still lived."""

    def read(*, told: bool) -> World:
        world = with_claims(1)
        first = world.write_page(0, 1)
        world.write_page(0, 2)
        world.page(0, first)
        if told:
            world.show()
        world.kill(0)
        return world

    assert messages(read(told=False)) == []
    assert len(messages(read(told=True))) == 1


def test_a_new_claim_begins_without_what_was_written_to_the_one_before() -> None:
    world = with_claims(1)
    world.write_page(0, 1)
    world.kill(0)
    world.gone(0)
    world.remove("persistentvolumeclaims", "www-web-0")
    world.claim(0)
    world.replace(0, "a")
    world.page(0, "HTTP/1.1 404 Not Found", ok=False)

    assert messages(world) == []
