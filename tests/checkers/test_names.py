"""DNS answers: what the slices published when, what caches may have kept, and what excuses a server that is behind."""

import pytest

from chaos.checkers.judge import fold
from chaos.history.run import Resolver
from chaos.verdict import Judgement
from tests.checkers.network import Net
from tests.checkers.scenes.network import SERVER, published
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import info

UNCACHED = Resolver(0, 0, "Corefile")


def ip(number: int) -> str:
    return f"10.1.0.{number}"


def verdict(world: Net, name: str, resolver: Resolver | None = None) -> str:
    return fold(info(resolver=resolver or Resolver()), ended(world)).guarantees[name].verdict


def withdrawn(passes_s: float) -> Net:
    """web-1 and its name went; so much later the old address is answered."""
    world = published(2)
    world.leaves(1)
    world.passes(passes_s)
    world.asks(1, ip(1))
    return world


def test_every_address_that_was_right_counts() -> None:
    world = published(2)
    world.asks(0, ip(0))
    world.asks(0, ip(0))
    world.asks(1, code="ERROR", text="timed out")

    assert judged(ended(world), "dns.answers") == Judgement("held", False, 2)


@pytest.mark.parametrize(
    ("passes_s", "expected"), [(34, "unknown"), (36, "unknown"), (44, "unknown"), (46, "violated")]
)
def test_an_old_address_is_wrong_only_beyond_what_caches_and_an_outage_explain(passes_s: float, expected: str) -> None:
    assert verdict(withdrawn(passes_s), "dns.freshness") == expected


def test_between_caches_and_the_longest_outage_an_old_address_is_a_suspect() -> None:
    assert doubts(withdrawn(34)) == set()
    (why,) = doubts(withdrawn(36))
    assert why.startswith(f"suspect: web-1.nginx was answered with {ip(1)}, which has not been right for 36.")


@pytest.mark.parametrize(("passes_s", "expected"), [(4, "unknown"), (14, "unknown"), (16, "violated")])
def test_where_nothing_is_cached_an_address_may_be_as_old_as_a_watch_alone(passes_s: float, expected: str) -> None:
    assert verdict(withdrawn(passes_s), "dns.freshness", UNCACHED) == expected


def test_the_time_of_the_question_counts_and_not_that_of_the_answer() -> None:
    world = published(2)
    world.leaves(1)
    world.passes(46)
    world.asks(1, ip(1), sent_s=12)

    assert breaches(world) == {}


def test_a_server_that_gave_no_answer_at_all_may_be_catching_up() -> None:
    world = published(2)
    world.leaves(1)
    world.passes(60)
    world.asks(1, code="ERROR")
    world.asks(1, ip(1))

    (why,) = doubts(world)
    assert "a question got no answer at all" in why


def test_a_lease_that_was_not_renewed_may_mean_that_the_server_was_cut_off() -> None:
    world = published(2)
    world.leaves(1)
    world.wait(60)
    world.live(8)
    world.show()
    world.asks(1, ip(1))

    (why,) = doubts(world)
    assert "Lease was not seen renewed all the time" in why


def test_an_address_that_another_pod_took_over_is_still_the_first_pods_of_then() -> None:
    world = published(2)
    world.leaves(1)
    world.leaves(0)
    world.comes(0, ip(1))
    world.asks(1, ip(1))
    world.asks(0, ip(1))
    world.asks(0, ip(0))

    assert breaches(world) == {}


def test_a_pod_that_flaps_may_be_answered_and_denied_in_turn() -> None:
    world = published(2)
    for _ in range(5):
        world.unready(1)
        world.publish()
        world.asks(1)
        world.asks(1, ip(1))
        world.ready(1)
        world.publish()
        world.asks(1)
        world.asks(1, ip(1))
        world.passes(10)

    assert breaches(world) == {}


def test_an_address_that_is_never_published_under_the_name_is_wrong_at_once() -> None:
    world = published(2)
    entry = world.asks(0, "10.9.9.9")

    (finding,) = judged(ended(world), "dns.answers").findings
    assert finding.message == (
        "web-0.nginx was answered with 10.9.9.9, which has not been right as far back as is remembered (caches may keep it "
        "for 30 s); the EndpointSlices published 10.1.0.0; no pod of the set had it"
    )
    assert entry in finding.entries


def test_an_unready_pod_has_no_name_although_it_has_the_address() -> None:
    world = Net()
    world.service()
    world.settled(1)
    world.unready(0)
    world.publish()
    world.asks(0, ip(0))

    assert breached(world) == ["dns.answers"]


@pytest.mark.parametrize("silent_s", [2, 60])
def test_the_dns_server_may_know_a_slice_as_long_before_this_run_does_as_its_watch_is_silent(silent_s: int) -> None:
    world = published(1)
    world.asks(0, "10.0.0.7")
    world.wait(silent_s)
    world.ready(0, "10.0.0.7")
    world.publish()
    world.show()

    assert breaches(world) == {}


def test_one_wrong_address_among_right_ones_is_a_breach() -> None:
    world = published(2)
    world.asks(0, ip(0), ip(1))

    assert breached(world) == ["dns.answers"]


def test_the_families_of_one_name_may_be_of_different_moments() -> None:
    world = published(1)
    world.change("pods", "web-0", {"status": {"podIPs": [{"ip": ip(0)}, {"ip": "fd00::1"}]}})
    six = {**world.endpoint(0), "addresses": ["fd00::1"]}
    meta = world.objects["endpointslices", "nginx-1"]["metadata"]
    labels = {"labels": meta["labels"], "ownerReferences": meta["ownerReferences"]}
    world.add("endpointslices", {"metadata": {"name": "nginx-6", **labels}, "addressType": "IPv6", "endpoints": [six]})
    world.asks(0, ip(0), "fd00::1")
    world.asks(-1, ip(0), "fd00::1")
    world.asks(-1, ip(0))

    assert breaches(world) == {}


def test_a_denial_is_right_as_long_as_the_service_may_have_been_away() -> None:
    world = published(1)
    world.passes(60)
    world.remove("services", "nginx")
    world.asks(0)
    world.asks(-1)
    world.service()
    world.passes(20)
    world.asks(0)

    assert breaches(world) == {}


def test_a_service_that_was_made_anew_counts_from_then() -> None:
    world = published(1)
    world.passes(60)
    world.remove("services", "nginx")
    world.remove("endpointslices", "nginx-1")
    world.service()
    world.publish(name="nginx-2")
    world.passes(60)
    world.asks(0)

    assert breached(world) == ["dns.appearance"]


def test_a_name_that_exists_without_an_address_is_denied_too() -> None:
    world = published(1)
    world.passes(60)
    world.asks(0, code="NOERROR")

    assert breached(world) == ["dns.appearance"]


def test_a_pod_that_never_was_has_no_name() -> None:
    world = published(1)
    world.passes(60)
    world.asks(7)

    assert breaches(world) == {}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((ip(0), ip(1)), []),
        ((ip(1), ip(0)), []),
        ((ip(0),), []),
        ((ip(0), ip(7)), []),
        ((), ["dns.service"]),
        ((ip(1),), ["dns.service"]),
        ((ip(0), ip(1), ip(7)), ["dns.service"]),
    ],
)
def test_the_services_name_has_the_addresses_of_one_moment(answer: tuple[str, ...], expected: list[str]) -> None:
    world = published(2)
    world.passes(60)
    world.leaves(1)
    world.comes(1, ip(7))
    world.asks(-1, *answer)

    assert breached(world) == expected


def test_an_answer_of_many_addresses_may_be_cut_short() -> None:
    world = published(1)
    many = [{"addresses": [f"10.2.0.{number}"], "conditions": {"ready": True}} for number in range(30)]
    labels = {"kubernetes.io/service-name": "nginx"}
    world.add("endpointslices", {"metadata": {"name": "own", "labels": labels}, "endpoints": many})
    world.passes(60)
    world.asks(-1, *(f"10.2.0.{number}" for number in range(28)))

    assert breaches(world) == {}


def shown(world: Net, *answers: tuple[str, ...], resolver: str = SERVER, sent_s: float = 0.0) -> str:
    """After web-1 got another address, a server without a cache gives these answers; the verdict on their order."""
    for addresses in answers:
        world.asks(1, *addresses, resolver=resolver, sent_s=sent_s)
    return verdict(world, "dns.monotonic", UNCACHED)


def moved() -> Net:
    world = published(2)
    world.passes(10)
    world.asks(1, ip(1), resolver=SERVER)
    world.leaves(1)
    world.comes(1, ip(7))
    return world


def test_a_server_without_a_cache_never_goes_back() -> None:
    assert shown(moved(), (ip(1),), (), (ip(7),)) == "held"
    assert shown(moved(), (ip(7),), (ip(1),)) == "violated"
    assert shown(moved(), (ip(7),), ()) == "violated"


def test_questions_that_overlap_may_be_answered_in_any_order() -> None:
    assert shown(moved(), (ip(7),), (ip(1),), sent_s=0.05) == "held"


def test_each_server_is_as_far_as_it_is() -> None:
    world = moved()
    world.asks(1, ip(7), resolver="10.9.0.2")

    assert shown(world, (ip(1),), (ip(7),)) == "held"


def test_a_server_that_was_started_anew_may_go_back() -> None:
    world = moved()
    world.asks(1, ip(7), resolver=SERVER)
    world.asks(1, code="ERROR", resolver=SERVER)

    assert shown(world, (ip(1),)) == "unknown"


def test_who_answers_pods_may_be_any_server() -> None:
    world = moved()
    world.asks(1, ip(7))
    world.asks(1, ip(1))

    assert breaches(world) == {}
