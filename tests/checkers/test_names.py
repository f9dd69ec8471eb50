"""Names and addresses: who held which address when, and who says so late (S72, S75, S76)."""

import pytest

from chaos.verdict import Judgement
from tests.checkers.scenes.lesson import addressed
from tests.checkers.verdicts import breached, breaches, ended, judged
from tests.checkers.world import World


def ip(ordinal: int) -> str:
    return f"10.0.0.{ordinal + 1}"


def reborn_elsewhere(world: World) -> None:
    """web-1 gets a successor with another address."""
    world.kill(1)
    world.gone(1)
    world.create_pod(1, "a")
    world.ready(1, "10.0.0.9")


def test_every_address_that_was_right_counts() -> None:
    world = addressed()
    world.dns(0, ip(0))
    world.dns(0, ip(0))
    world.dns(1)
    world.dns(1, code="ERROR", text="timed out")

    assert judged(ended(world), "dns.answers") == Judgement("held", False, 2)


def test_answers_for_the_services_own_name_are_not_a_pods() -> None:
    world = addressed()
    world.dns(-1, "10.0.0.1", "10.0.0.2", "10.9.9.9")

    assert judged(ended(world), "dns.answers").exercised == 0


@pytest.mark.parametrize(("waited_s", "expected"), [(34.0, []), (36.0, ["dns.answers"])])
def test_an_address_may_be_cached_for_35_s_after_its_pod_is_gone(waited_s: float, expected: list[str]) -> None:
    world = addressed()
    reborn_elsewhere(world)
    world.wait(waited_s)
    world.dns(1, ip(1))

    assert breached(world) == expected


def test_the_time_of_the_question_counts_and_not_that_of_the_answer() -> None:
    world = addressed()
    reborn_elsewhere(world)
    world.wait(36)
    world.dns(1, ip(1), sent_s=4)

    assert breaches(world) == {}


def test_an_address_that_another_pod_took_over_is_still_the_first_pods_of_then() -> None:
    world = addressed()
    world.kill(1)
    world.gone(1)
    world.kill(0)
    world.gone(0)
    world.create_pod(0, "a")
    world.ready(0, ip(1))
    world.dns(1, ip(1))
    world.dns(0, ip(1))

    assert breaches(world) == {}


def test_an_address_that_a_pod_gets_only_later_is_not_its_own_yet() -> None:
    world = addressed()
    entry = world.dns(0, "10.0.0.7")
    world.show()
    world.ready(0, "10.0.0.7")

    (finding,) = judged(ended(world), "dns.answers").findings
    assert finding.message == (
        "web-0.nginx was answered with 10.0.0.7, which web-0 did not hold in the 35 s before (held by: no pod of the set)"
    )
    assert entry in finding.entries


@pytest.mark.parametrize("silent_s", [2, 60])
def test_the_dns_server_may_know_a_pods_address_as_long_before_this_run_does_as_its_watch_is_silent(
    silent_s: int,
) -> None:
    world = addressed()
    world.show()
    world.dns(0, "10.0.0.7")
    world.wait(silent_s)
    world.ready(0, "10.0.0.7")
    world.show()
    world.wait(60)

    assert breaches(world) == {}


def test_one_wrong_address_among_right_ones_is_a_breach() -> None:
    world = addressed()
    world.dns(0, ip(0), ip(1))

    assert breached(world) == ["dns.answers"]


def test_a_pod_may_have_an_address_of_each_family() -> None:
    world = addressed()
    world.change("pods", "web-0", {"status": {"podIPs": [{"ip": ip(0)}, {"ip": "fd00::1"}]}})
    world.dns(0, ip(0), "fd00::1")
    world.slice(world.endpoint(0, "fd00::1"))

    assert breaches(world) == {}


def test_a_slice_lists_a_pod_with_an_address_that_it_never_had() -> None:
    world = addressed()
    world.slice(world.endpoint(0, ip(1)))

    (message,) = breaches(world)["dns.endpoints"]
    assert message == (
        f"EndpointSlice nginx-1 at {world.rv} publishes web-0 with addresses ['10.0.0.2'], expected "
        "['10.0.0.1', '10.1.0.0']"
    )


def test_a_slice_cannot_know_an_address_before_the_pod_has_it() -> None:
    world = addressed()
    world.slice(world.endpoint(0, "10.0.0.7"))
    world.ready(0, "10.0.0.7")

    assert breached(world) == ["dns.endpoints"]


def test_slices_of_other_services_and_other_pods_are_not_judged() -> None:
    world = addressed()
    world.slice(world.endpoint(0, ip(1)), name="other-1", service="other")
    world.slice({"addresses": ["10.0.0.3"], "hostname": "x", "targetRef": {"uid": "stranger"}}, {"addresses": []})

    assert breaches(world) == {}


def test_each_pod_that_is_published_counts_once() -> None:
    world = addressed()
    world.slice(world.endpoint(0, ip(0)))
    world.slice(world.endpoint(0, ip(0)), world.endpoint(1, ip(1)))

    assert judged(ended(world), "dns.endpoints") == Judgement("held", False, 2)


def test_an_empty_slice_says_nothing() -> None:
    world = addressed()
    world.slice()
    world.change("endpointslices", "nginx-1", {"endpoints": None})
    world.remove("endpointslices", "nginx-1")

    assert breaches(world) == {}
