"""Hostnames, EndpointSlices, DNS answers."""

from tests.checkers.network import Net
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import SERVICE

IP = "10.1.0"
SERVER = "10.9.0.1"


def published(replicas: int) -> Net:
    """A set behind a Service whose slice tells of all pods, under a controller manager that is seen to run."""
    world = Net()
    world.live(4)
    return world.published(replicas)


def asked_its_name(world: Net, ordinal: int, said: str) -> int:
    """A command in a pod printed this."""
    start = world.begin_write(ordinal, f"web/{ordinal}/claim/{world.pod_uid(ordinal)}/1")
    return world.entry("operations", "end", {"start": start, "outcome": "ok", "said": said})


def called_right() -> Net:
    world = published(1)
    asked_its_name(world, 0, f"web-0\n{IP}.0\tweb-0.{SERVICE}.ns.svc.cluster.local\tweb-0\n")
    world.show()
    return world


def called_after_its_node() -> Broken:
    world = published(1)
    entry = asked_its_name(world, 0, "node-1\n")
    world.show()
    return Broken(world, entry, ("web-0", "hostname node-1"))


def listed() -> Net:
    return published(2)


def listed_without_a_hostname() -> Broken:
    world = published(1)
    world.ready(0, f"{IP}.7")
    return broken(
        world, world.slice(world.endpoint(0, hostname="")), "web-0", "hostname none", "expected", "hostname web-0"
    )


def told_that_it_ends() -> Net:
    world = published(2)
    world.leaves(1)
    return world


def told_to_be_ready_while_it_ends() -> Broken:
    world = published(2)
    world.kill(1)
    ready = {"ready": True, "serving": True, "terminating": True}
    return broken(world, world.slice(world.endpoint(0), world.endpoint(1, conditions=ready)), "web-1", "ready true")


def departs() -> Net:
    return told_that_it_ends()


def does_not_depart() -> Broken:
    """The slice tells of a pod that came after web-1 was gone, and still of web-1."""
    world = published(2)
    world.kill(1)
    world.publish()
    gone = world.endpoint(1)
    world.gone(1)
    world.create_pod(1, "a")
    world.ready(1)
    return broken(
        world, world.slice(world.endpoint(0), world.endpoint(1), gone), "web-1", "the pod is gone or has ended"
    )


def answered_right() -> Net:
    world = published(2)
    world.asks(0, f"{IP}.0")
    world.asks(1, f"{IP}.1")
    return world


def answered_with_the_neighbour() -> Broken:
    world = published(2)
    return Broken(world, world.asks(0, f"{IP}.1"), ("web-0.nginx", f"{IP}.1", "web-1"))


def is_forgotten_in_time() -> Net:
    world = published(2)
    world.leaves(1)
    world.asks(1, f"{IP}.1")
    world.passes(60)
    world.asks(1)
    return world


def is_answered_long_after() -> Broken:
    world = published(2)
    world.leaves(1)
    world.passes(60)
    return Broken(world, world.asks(1, f"{IP}.1"), ("web-1.nginx", f"{IP}.1", "60.", "no address"))


def appears_in_time() -> Net:
    world = published(2)
    world.leaves(1)
    world.asks(1)
    world.comes(1)
    world.asks(1)
    world.passes(60)
    world.asks(1, f"{IP}.1")
    return world


def is_denied_for_too_long() -> Broken:
    world = published(1)
    world.passes(60)
    return Broken(world, world.asks(0), ("web-0.nginx", "NXDOMAIN", "60.", f"{IP}.0"))


def all_together() -> Net:
    world = published(2)
    world.asks(-1, f"{IP}.1", f"{IP}.0")
    return world


def one_is_left_out() -> Broken:
    world = published(2)
    world.passes(60)
    return Broken(world, world.asks(-1, f"{IP}.1"), ("nginx was answered with 10.1.0.1,", f"{IP}.0, {IP}.1"))


def goes_on() -> Net:
    """A server shows each state in turn, each a minute after the last."""
    world = published(2)
    world.asks(1, f"{IP}.1", resolver=SERVER)
    world.leaves(1)
    world.comes(1, f"{IP}.7")
    world.passes(60)
    world.asks(1, f"{IP}.7", resolver=SERVER)
    return world


def goes_back() -> Broken:
    """A server shows what is new, and later than its cache explains what was before."""
    world = published(2)
    world.leaves(1)
    world.comes(1, f"{IP}.7")
    world.asks(1, f"{IP}.7", resolver=SERVER)
    world.passes(33)
    return Broken(world, world.asks(1, f"{IP}.1", resolver=SERVER), (SERVER, "web-1.nginx", f"{IP}.1"))


SCENES = (
    Scene("dns.hostname", called_right, called_after_its_node),
    Scene("dns.endpoints", listed, listed_without_a_hostname, needs="endpointslices"),
    Scene("dns.conditions", told_that_it_ends, told_to_be_ready_while_it_ends, needs="endpointslices"),
    Scene("dns.departure", departs, does_not_depart, needs="endpointslices"),
    Scene("dns.answers", answered_right, answered_with_the_neighbour, needs="endpointslices"),
    Scene("dns.freshness", is_forgotten_in_time, is_answered_long_after, needs="endpointslices"),
    Scene("dns.appearance", appears_in_time, is_denied_for_too_long, needs="endpointslices"),
    Scene("dns.service", all_together, one_is_left_out, needs="endpointslices"),
    Scene("dns.monotonic", goes_on, goes_back, needs="endpointslices"),
)
