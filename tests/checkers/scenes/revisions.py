"""Revisions: what they hold, how they are numbered, which are dropped."""

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import NAME, World


def updated_to(world: World, text: str, *, number: int = 0, name: str = "") -> int:
    """A one-pod set gets the template `text`, whose revision is `name`, numbered anew with `number`; gives its first status."""
    name = name or text
    before = world.set["status"]["updateRevision"].removeprefix(f"{NAME}-")
    world.new_template(text)
    world.revision(name, text=text)
    if number:
        world.change("controllerrevisions", f"{NAME}-{name}", {"revision": number})
    return world.status(1, 1, 1, 0, before, name)


def roll(world: World, before: str, name: str) -> None:
    """The pod of a one-pod set is replaced, and the update is complete."""
    world.terminate(0)
    world.gone(0)
    world.status(0, 0, 0, 0, before, name)
    world.replace(0, name)
    world.status(1, 1, 1, 1, name, name)
    world.show()


def on_second_template() -> World:
    world = settled(1)
    updated_to(world, "b")
    roll(world, "a", "b")
    return world


def status_names_another() -> Broken:
    """A template is ignored: the status observes its generation and names the revision of the one before."""
    world = settled(1)
    world.new_template("b")
    entry = world.counted("a", "a")
    return broken(world, entry, "updateRevision web-a", "generation 2")


def scaled() -> World:
    world = settled(1)
    world.spec(replicas=2)
    world.counted("a", "a")
    return world


def made_for_the_partition() -> Broken:
    world = settled(1)
    world.partition(1)
    data = {"spec": {"template": {**world.template("a"), "partition": 1, "$patch": "replace"}}}
    owner = {"uid": world.set["metadata"]["uid"], "controller": True}
    meta = {"name": f"{NAME}-p", "ownerReferences": [owner]}
    entry = world.add("controllerrevisions", {"metadata": meta, "data": data, "revision": 2})
    return broken(world, entry, "never had")


def rolled_back() -> World:
    world = on_second_template()
    updated_to(world, "a", number=3)
    return world


def rolled_back_to_a_copy() -> Broken:
    world = on_second_template()
    world.new_template("a")
    world.revision("a2", text="a")
    entry = world.entries[-1].i
    return broken(world, entry, "web-a,")


def rolled_back_without_a_new_number() -> Broken:
    world = on_second_template()
    return broken(world, updated_to(world, "a"), "web-a with number 1", "above 2", "web-b")


def past_the_limit() -> World:
    """Two old revisions where one may stay: the oldest goes."""
    world = settled(1)
    world.spec(revisionHistoryLimit=1)
    for before, text in (("a", "b"), ("b", "c")):
        updated_to(world, text)
        roll(world, before, text)
    world.wait(20)
    updated_to(world, "d")
    roll(world, "c", "d")
    world.remove("controllerrevisions", f"{NAME}-a")
    return world


def dropped_too_early() -> Broken:
    world = on_second_template()
    world.wait(20)
    world.show()
    return broken(world, world.remove("controllerrevisions", f"{NAME}-a"), "limit of 10")


def dropped_in_use() -> Broken:
    """The pod is still at the revision that goes."""
    world = settled(1)
    world.spec(revisionHistoryLimit=0, updateStrategy={"type": "OnDelete", "rollingUpdate": None})
    updated_to(world, "b")
    world.status(1, 1, 0, 0, "b", "b")
    world.wait(20)
    world.show()
    return broken(world, world.remove("controllerrevisions", f"{NAME}-a"), "that of a pod")


def changed_afterwards() -> Broken:
    world = settled(1)
    data = {"spec": {"template": {"metadata": {"annotations": {"v": "x"}}}}}
    return broken(world, world.change("controllerrevisions", f"{NAME}-a", {"data": data}), "something else")


def made_of_its_revision() -> World:
    world = on_second_template()
    world.kill(0)
    world.gone(0)
    world.replace(0, "b")
    return world


def made_of_another_revision() -> Broken:
    world = on_second_template()
    world.kill(0)
    world.gone(0)
    other = world.template("a")
    entry = world.create_pod(
        0, "b", annotations=other["metadata"]["annotations"], containers=other["spec"]["containers"]
    )
    return broken(world, entry, "revision web-b", "web-a", "image is a, expected b")


NEEDS = "controllerrevisions"

SCENES = (
    Scene("revisions.template", on_second_template, status_names_another, NEEDS, also=("revision.update-revision",)),
    Scene("revisions.only-templates", scaled, made_for_the_partition, "statefulsets"),
    Scene("revisions.reuse", rolled_back, rolled_back_to_a_copy, NEEDS),
    Scene("revisions.newest", rolled_back, rolled_back_without_a_new_number, NEEDS),
    Scene("revisions.limit", past_the_limit, dropped_too_early, NEEDS),
    Scene(
        "revisions.live-kept",
        past_the_limit,
        dropped_in_use,
        NEEDS,
        also=("status.completion", "partition.current-revision", "status.counters"),
    ),
    Scene("revisions.pod-content", made_of_its_revision, made_of_another_revision),
    Scene("revisions.immutable", rolled_back, changed_afterwards, NEEDS),
)
