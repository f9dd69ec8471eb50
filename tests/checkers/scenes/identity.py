"""Names, labels, claims and pages of the pods."""

from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import CLAIM, NAME, World


def with_claims(replicas: int) -> World:
    """A settled set whose pods mount claims."""
    world = World(claims=True)
    for ordinal in range(replicas):
        world.claim(ordinal)
    world.settled(replicas)
    return world


def reborn(world: World, ordinal: int) -> World:
    """This run deletes a pod, and the controller makes its successor."""
    world.kill(ordinal)
    world.gone(ordinal)
    world.replace(ordinal, "a")
    return world


def pod_is_shaped() -> World:
    world = World()
    world.settled(2)
    return world


def pod_has_another_hostname() -> Broken:
    world = World()
    world.create_set(1)
    world.revision("a")
    return broken(world, world.create_pod(0, "a", hostname="web-1"), "hostname")


def name_is_taken_again() -> World:
    return reborn(pod_is_shaped(), 1)


def name_is_taken_twice() -> Broken:
    """A second web-1, of nobody, before the first is gone."""
    world = pod_is_shaped()
    world.kill(1)
    key = ("pods", f"{NAME}-1")
    first = world.objects.pop(key)
    entry = world.add("pods", {"metadata": {"name": f"{NAME}-1"}, "status": {"phase": "Pending"}})
    second, world.objects[key] = world.objects[key], first
    world.gone(1)
    world.objects[key] = second
    return broken(world, entry, first["metadata"]["uid"])


def claim_outlives_its_pod() -> World:
    return reborn(with_claims(2), 1)


def pods_swap_claims() -> Broken:
    world = with_claims(2)
    world.kill(1)
    world.gone(1)
    return broken(world, world.create_pod(1, "a", claim=f"{CLAIM}-web-0"), f"{CLAIM}-web-0", f"{CLAIM}-web-1")


def page_outlives_its_pod() -> World:
    world = with_claims(2)
    token = world.write_page(1, 1)
    reborn(world, 1)
    world.show()
    world.wait(1)
    world.page(1, token)
    return world


def page_is_lost() -> Broken:
    world = with_claims(2)
    first = world.write_page(1, 1)
    world.write_page(1, 2)
    reborn(world, 1)
    world.wait(1)
    entry = world.page(1, first)
    world.wait(10)
    world.unready(0)
    world.show()
    return Broken(world, entry, (f"{NAME}-1", first))


SCENES = (
    Scene("identity.pod", pod_is_shaped, pod_has_another_hostname),
    Scene("identity.succession", name_is_taken_again, name_is_taken_twice),
    Scene("identity.claim", claim_outlives_its_pod, pods_swap_claims, needs="persistentvolumeclaims"),
    Scene("identity.data", page_outlives_its_pod, page_is_lost),
)
