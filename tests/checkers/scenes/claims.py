"""Claims: made before their pods, owned as the retention policy says, gone with their owners."""

from typing import Any

from tests.checkers.scenes.identity import with_claims
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import CLAIM, NAME, World

NEEDS = "persistentvolumeclaims"


def make(world: World, ordinal: int, **labels: str) -> int:
    """The controller creates the claim of an ordinal."""
    return world.add(NEEDS, {"metadata": {"name": f"{CLAIM}-{NAME}-{ordinal}", "labels": {"app": "nginx", **labels}}})


def own(world: World, ordinal: int, *refs: dict[str, Any]) -> int:
    """The claim of an ordinal now has these owners."""
    return world.change(NEEDS, f"{CLAIM}-{NAME}-{ordinal}", {"metadata": {"ownerReferences": list(refs) or None}})


def the_set(world: World) -> dict[str, Any]:
    return {"kind": "StatefulSet", "name": NAME, "uid": world.set["metadata"]["uid"], "controller": True}


def the_pod(world: World, ordinal: int) -> dict[str, Any]:
    return {"kind": "Pod", "name": f"{NAME}-{ordinal}", "uid": world.pod_uid(ordinal), "controller": True}


def foreigner(*, controls: bool = True) -> dict[str, Any]:
    return {"kind": "ConfigMap", "name": "mine", "uid": "foreign", "controller": controls}


def going(world: World, ordinal: int) -> int:
    """Somebody deleted the claim of an ordinal; it stays as long as it is used."""
    return world.change(NEEDS, f"{CLAIM}-{NAME}-{ordinal}", {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})


def deleted_by_us(world: World, ordinal: int) -> None:
    name = f"{CLAIM}-{NAME}-{ordinal}"
    world.finish(world.start("delete", NEEDS, name, {"kind": "delete-claims", "ordinals": [ordinal]}))


def under(scaled: str, deleted: str, replicas: int) -> World:
    """A settled set with claims under a retention policy, whose owners are not written yet."""
    world = with_claims(replicas)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenScaled": scaled, "whenDeleted": deleted})
    return world


def owned_by_set(replicas: int, scaled: str = "Retain") -> World:
    """Under whenDeleted: Delete, with the set as the owner of every claim."""
    world = under(scaled, "Delete", replicas)
    for ordinal in range(replicas):
        own(world, ordinal, the_set(world))
    world.counted("a", "a")
    return world


def newborn() -> World:
    """A set with its first status, and neither pods nor claims."""
    world = World(claims=True)
    world.create_set(1)
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    return world


def made_first() -> World:
    world = newborn()
    make(world, 0)
    world.create_pod(0, "a")
    return world


def made_without_labels() -> Broken:
    world = newborn()
    return broken(world, make(world, 0, app="other"), "app is 'other'", "nginx")


def pod_without_claim() -> Broken:
    world = newborn()
    return broken(world, world.create_pod(0, "a"), f"{CLAIM}-web-0", "does not exist")


def pending() -> World:
    """web-1 waits for a claim that this run deleted."""
    world = with_claims(2)
    world.kill(1)
    deleted_by_us(world, 1)
    going(world, 1)
    world.gone(1)
    world.remove(NEEDS, f"{CLAIM}-web-1")
    world.counted("a", "a")
    make(world, 1)
    world.create_pod(1, "a")
    world.counted("a", "a")
    deleted_by_us(world, 1)
    world.remove(NEEDS, f"{CLAIM}-web-1")
    return world


def made_again() -> World:
    world = pending()
    make(world, 1)
    world.ready(1)
    world.counted("a", "a")
    return world


def not_made_again() -> Broken:
    world = World(claims=True)
    world.entry("run", "phase-began", {"name": "wait", "expect": ()})
    world.claim(0)
    world.settled(1)
    world.kill(0)
    deleted_by_us(world, 0)
    going(world, 0)
    world.gone(0)
    world.remove(NEEDS, f"{CLAIM}-web-0")
    world.counted("a", "a")
    make(world, 0)
    world.create_pod(0, "a")
    world.counted("a", "a")
    deleted_by_us(world, 0)
    world.remove(NEEDS, f"{CLAIM}-web-0")
    world.live(15)
    world.change("pods", "web-0", {"status": {"conditions": [{"type": "PodScheduled", "status": "False"}]}})
    world.show()
    world.live(300)
    entry = world.entry("run", "phase-ended", {"name": "wait", "reached": False, "why": "web-0 is not Ready"})
    world.show()
    return Broken(world, entry, ("web-0 is Pending", f"{CLAIM}-web-0 is missing"))


def scaled_down_under_retain() -> World:
    world = with_claims(2)
    world.spec(replicas=1)
    world.terminate(1)
    return world


def owned_under_retain() -> Broken:
    world = scaled_down_under_retain()
    return broken(world, own(world, 1, the_pod(world, 1)), "Pod web-1", "expected none", "whenScaled is Retain")


def scaled_down() -> World:
    """Under whenScaled: Delete, web-1 and its claim go."""
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    world.spec(replicas=1)
    own(world, 1, the_pod(world, 1))
    world.terminate(1)
    world.counted("a", "a")
    world.gone(1)
    world.remove(NEEDS, f"{CLAIM}-web-1")
    world.counted("a", "a")
    return world


def owned_by_a_pod_in_range() -> Broken:
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    return broken(world, own(world, 1, the_pod(world, 1)), "Pod web-1", "replicas are 2")


def deleted_before_its_claims() -> Broken:
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    world.wait(20)
    world.show()
    world.spec(replicas=1)
    return broken(world, world.terminate(1), "web-1", "whenScaled: Delete")


def deleted_with_its_set() -> World:
    world = owned_by_set(1)
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)
    world.gone(0)
    world.remove(NEEDS, f"{CLAIM}-web-0")
    return world


def owned_by_set_under_other_policy() -> Broken:
    world = under("Delete", "Retain", 1)
    world.counted("a", "a")
    return broken(world, own(world, 0, the_set(world)), "StatefulSet web", "whenDeleted is Retain")


def let_go_of() -> World:
    """Somebody else takes over a claim that the set owns: the set's reference goes."""
    world = owned_by_set(1)
    name = f"{CLAIM}-web-0"
    start = world.start("patch", NEEDS, name, {"kind": "delete-claims", "ordinals": [0]})
    own(world, 0, the_set(world), foreigner())
    world.finish(start, rv=world.rv)
    own(world, 0, foreigner())
    return world


def owned_beside_a_foreigner() -> Broken:
    world = let_go_of()
    return broken(world, own(world, 0, foreigner(), the_set(world)), "ConfigMap mine (foreign)", "StatefulSet web")


def never_owned() -> Broken:
    world = under("Retain", "Delete", 1)
    world.counted("a", "a")
    for _ in range(4):
        world.live(9)
        world.unready(0)
        world.counted("a", "a")
        world.ready(0)
        entry = world.counted("a", "a")
    world.show()
    return Broken(world, entry, (f"{CLAIM}-web-0",))


def stays() -> World:
    world = with_claims(1)
    world.kill(0)
    world.gone(0)
    return world


def vanishes() -> Broken:
    world = with_claims(1)
    return broken(world, world.remove(NEEDS, f"{CLAIM}-web-0"), "no owner")


SCENES = (
    Scene("claims.shape", made_first, made_without_labels, NEEDS),
    Scene("claims.before-pod", made_first, pod_without_claim, NEEDS),
    Scene("claims.repaired", made_again, not_made_again, NEEDS),
    Scene("claims.retain", scaled_down_under_retain, owned_under_retain, NEEDS),
    Scene("claims.when-scaled", scaled_down, owned_by_a_pod_in_range, NEEDS),
    Scene("claims.when-deleted", deleted_with_its_set, owned_by_set_under_other_policy, NEEDS),
    Scene("claims.foreign-owner", let_go_of, owned_beside_a_foreigner, NEEDS),
    Scene("claims.owner-first", scaled_down, deleted_before_its_claims, NEEDS),
    Scene("claims.owned", lambda: owned_by_set(2), never_owned, NEEDS),
    Scene("claims.kept", stays, vanishes, NEEDS),
)
