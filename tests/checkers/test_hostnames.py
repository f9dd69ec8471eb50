"""What pods say they are called, when a page is written into them."""

import pytest

from tests.checkers.network import Net
from tests.checkers.scenes.network import asked_its_name
from tests.checkers.verdicts import breaches, ended, judged
from tests.checkers.world import World

HOSTS = "10.1.0.0\tweb-0.nginx.ns.svc.cluster.local\tweb-0"


def asked(said: str, **spec: object) -> World:
    """web-0, made with this in its spec, says this when it is asked."""
    world = Net()
    world.create_set(1)
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    world.create_pod(0, "a", **spec)
    world.ready(0)
    asked_its_name(world, 0, said)
    world.show()
    return world


@pytest.mark.parametrize(
    "said",
    [f"web-0\n{HOSTS}\n", f"web-0\n{HOSTS}\nfd00::1\tweb-0.nginx.ns.svc.cluster.local\tweb-0\n", "web-0\n"],
)
def test_a_pod_is_called_by_its_name(said: str) -> None:
    found = judged(ended(asked(said)), "dns.hostname")

    assert (found.verdict, found.exercised) == ("held", 1)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("node-1\n", "hostname node-1; expected web-0"),
        ("web-0\n10.1.0.0\tweb-0\n", "names web-0 in /etc/hosts; expected web-0.nginx.ns.svc.…"),
        ("web-0\n10.1.0.0\tweb-0.other.ns.svc.cluster.local web-0\n", "expected web-0.nginx.ns.svc.…"),
    ],
)
def test_another_name_is_a_breach(said: str, wrong: str) -> None:
    (message,) = breaches(asked(said))["dns.hostname"]

    assert wrong in message


@pytest.mark.parametrize(
    "spec",
    [{"hostNetwork": True}, {"setHostnameAsFQDN": True}, {"hostnameOverride": "x"}],
    ids=lambda spec: next(iter(spec)),
)
def test_a_spec_may_give_the_pod_another_name(spec: dict[str, object]) -> None:
    assert breaches(asked("node-1\n", **spec)) == {}


def test_a_set_without_a_service_name_has_no_full_names() -> None:
    assert "dns.hostname" not in breaches(asked("web-0\n10.1.0.0\tweb-0\n", subdomain=""))


@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_a_command_that_failed_says_nothing(outcome: str) -> None:
    world = Net().published(1)
    start = world.begin_write(0, "web/0/claim/pod/1")
    world.entry("operations", "end", {"start": start, "outcome": outcome, "said": "node-1\n"})
    world.show()

    assert breaches(world) == {}


def test_each_pod_counts_once() -> None:
    world = Net().published(2)
    for _ in range(2):
        asked_its_name(world, 0, "web-0\n")
    asked_its_name(world, 1, "web-1\n")

    assert judged(ended(world), "dns.hostname").exercised == 2
