"""EndpointSlices: what their controller may have seen, and when it must have written."""

from typing import Any

from tests.checkers.network import Net
from tests.checkers.scenes.network import departs, does_not_depart, published
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import NAME


def kept_aside(world: Net, *ordinals: int) -> list[dict[str, Any]]:
    """These pods as endpoints of now, to be written later."""
    return [world.endpoint(ordinal) for ordinal in ordinals]


def test_every_pod_that_is_listed_counts_once() -> None:
    world = published(2)
    world.unready(1)
    world.publish()

    found = judged(ended(world), "dns.endpoints")
    assert (found.verdict, found.exercised) == ("held", 2)


def test_each_change_of_readiness_that_is_told_counts() -> None:
    world = published(2)
    world.unready(1)
    world.publish()
    world.ready(1)
    world.publish()
    world.leaves(0)

    assert judged(ended(world), "dns.conditions").exercised == 3


def test_a_slice_may_tell_what_is_no_longer_so() -> None:
    world = published(2)
    world.unready(1)
    lagging = kept_aside(world, 0, 1)
    world.ready(1)
    world.kill(0)
    world.gone(0)
    world.slice(*lagging)
    world.publish()

    assert breaches(world) == {}


def test_what_was_never_so_together_is_a_breach_although_each_was_so_once() -> None:
    world = published(2)
    world.unready(0)
    (unready,) = kept_aside(world, 0)
    world.ready(0)
    world.unready(1)
    entry = world.slice(unready, world.endpoint(1))

    (finding,) = judged(ended(world), "dns.conditions").findings
    assert (
        "No state of the pods that its controller may have seen explains it (4 since its last write)" in finding.message
    )
    assert entry in finding.entries


def goes_back(world: Net, holder: str) -> Net:
    """The slice tells that web-1 is unready, then ready, then what it told before."""
    world.unready(1)
    unready = world.endpoint(1)
    world.publish()
    world.ready(1)
    world.publish()
    if holder:
        world.lease(holder)
    world.slice(world.endpoint(0), unready)
    world.publish()
    return world


def test_a_slice_that_goes_back_needs_a_new_process() -> None:
    assert breached(goes_back(published(2), "kcm")) == ["dns.conditions"]
    assert breaches(goes_back(published(2), "another")) == {}
    assert breaches(goes_back(Net().published(2), "")) == {}
    assert any("what a new process read" in why for why in doubts(goes_back(Net().published(2), "")))


def test_a_service_may_publish_who_is_not_ready() -> None:
    world = Net()
    world.service(publishNotReadyAddresses=True)
    world.settled(1)
    world.unready(0)
    world.slice(world.endpoint(0, conditions={"ready": True, "serving": False, "terminating": False}))

    assert breaches(world) == {}


def test_a_pod_that_has_ended_is_not_listed_but_may_stay_where_it_was_unready() -> None:
    world = published(2)
    world.unready(1)
    world.publish()
    world.fail(1)
    world.passes(200)

    assert "dns.endpoints" not in breaches(world)


def test_a_pod_that_ended_while_it_was_ready_is_taken_out() -> None:
    world = published(2)
    world.fail(1)
    world.passes(70)

    assert "dns.endpoints" in breached(world)


def test_a_pod_that_is_left_out_is_a_breach() -> None:
    world = published(2)
    world.unready(0)
    world.slice(world.endpoint(0))

    (message,) = breaches(world)["dns.endpoints"]
    assert "nothing of web-1; expected web-1 at 10.1.0.1, hostname web-1, ready true" in message


def test_the_pods_of_a_node_that_just_came_may_be_left_out() -> None:
    world = published(1)
    world.add("nodes", {"metadata": {"name": "new"}})
    world.spec(replicas=2)
    world.create_pod(1, "a", nodeName="new")
    world.ready(1)
    world.unready(0)
    world.slice(world.endpoint(0))
    world.ready(0)
    world.publish()

    assert breaches(world) == {}


def test_endpoints_may_be_spread_over_slices() -> None:
    world = published(2)
    world.slice(world.endpoint(0), name="nginx-2")
    world.unready(1)
    world.slice(world.endpoint(1))

    assert breaches(world) == {}


def test_each_family_has_a_slice_of_its_own() -> None:
    world = published(1)
    world.change("pods", f"{NAME}-0", {"status": {"podIPs": [{"ip": "10.1.0.0"}, {"ip": "fd00::1"}]}})
    meta = world.objects["endpointslices", "nginx-1"]["metadata"]
    six = {
        "metadata": {"name": "nginx-6", "labels": meta["labels"], "ownerReferences": meta["ownerReferences"]},
        "addressType": "IPv6",
        "endpoints": [world.endpoint(0, addresses=["fd00::1"])],
    }
    world.add("endpointslices", six)

    assert breaches(world) == {}


def test_slices_of_others_are_not_judged() -> None:
    world = published(1)
    strange = {"addresses": ["10.0.0.3"], "hostname": "x", "targetRef": {"uid": "stranger"}}
    world.slice(strange, name="other-1", service="other")
    world.add("endpointslices", {"metadata": {"name": "by-hand", "labels": {}}, "endpoints": [strange]})

    assert breaches(world) == {}


def test_a_pod_that_leaves_the_selector_leaves_the_slice() -> None:
    world = published(2)
    world.change("pods", f"{NAME}-1", {"metadata": {"labels": {"app": "other"}}})
    world.unready(0)
    stays = world.slice(*kept_aside(world, 0, 1))

    (finding,) = judged(ended(world), "dns.endpoints").findings
    assert stays in finding.entries
    assert "none of the Service's pods" in finding.message


def test_the_slices_of_a_service_that_is_gone_stay_until_they_are_collected() -> None:
    world = published(2)
    world.remove("services", "nginx")
    world.spec(replicas=1)
    world.leaves(1)
    world.counted("a", "a")
    world.passes(200)

    assert breaches(world) == {}


def test_a_service_that_is_made_anew_gets_slices_of_its_own() -> None:
    world = published(2)
    world.remove("services", "nginx")
    world.service()
    world.kill(1)
    world.publish(name="nginx-2")
    world.remove("endpointslices", "nginx-1")

    assert breaches(world) == {}


def test_a_pod_that_came_back_under_its_name_and_address_is_another() -> None:
    world = departs()
    world.comes(1)

    assert breaches(world) == {}
    assert breached(does_not_depart().world) == ["dns.departure"]


def test_a_forced_delete_takes_the_pod_out_at_once() -> None:
    world = published(2)
    world.terminate(1, grace_s=0)
    world.gone(1)
    world.publish()

    assert "dns.departure" not in breaches(world)


def overdue() -> Net:
    """A pod goes, and the slice keeps it."""
    world = published(2)
    world.spec(replicas=1)
    world.kill(1)
    world.gone(1)
    world.counted("a", "a")
    return world


def test_a_slice_that_keeps_a_pod_for_a_minute_is_overdue() -> None:
    in_time, late = overdue(), overdue()
    in_time.passes(58)
    late.passes(62)

    assert breaches(in_time) == {}
    (message,) = breaches(late)["dns.departure"]
    assert message.startswith("for 62 s the EndpointSlices of nginx have said web-1 at 10.1.0.1")


def test_a_controller_that_was_not_seen_to_run_owes_nothing() -> None:
    world = overdue()
    world.wait(100)
    world.show()

    assert breaches(world) == {}
    assert any("its controller was not seen to run all the time" in why for why in doubts(world))


def test_a_controller_that_says_why_it_cannot_write_owes_nothing() -> None:
    world = overdue()
    event = {"metadata": {"name": "e"}, "reason": "FailedToUpdateEndpointSlices", "involvedObject": {"name": "nginx"}}
    world.add("events", event)
    world.passes(62)

    assert breaches(world) == {}
    assert any("Events say that its controller failed to write" in why for why in doubts(world))


def test_a_service_without_any_slice_is_overdue_too() -> None:
    world = Net()
    world.live(4)
    world.service()
    world.settled(1)
    world.passes(62)

    assert breached(world) == ["dns.endpoints"]


def test_a_service_of_one_family_needs_no_slice_of_the_other() -> None:
    world = published(1)
    world.change("pods", f"{NAME}-0", {"status": {"podIPs": [{"ip": "10.1.0.0"}, {"ip": "fd00::1"}]}})
    world.passes(62)

    assert breaches(world) == {}


def test_who_is_gone_is_wrong_and_not_who_has_come_since() -> None:
    """Between the two states that each are one step from the slice, the younger is the one that was meant."""
    world = published(3)
    world.kill(2)
    world.publish()
    gone = world.endpoint(2)
    world.gone(2)
    world.unready(1)
    world.slice(world.endpoint(0), world.endpoint(1), gone)

    assert breached(world) == ["dns.departure"]
