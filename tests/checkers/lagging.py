"""A correct controller with caches that lag, and a world that disturbs it: whatever it does must be explained.

It acts by the algorithm itself, so this tests the frontier (that no legal staleness is an alarm), not the algorithm.
"""

import random
from collections.abc import Callable
from typing import Any

from chaos.checkers.controller.algorithm import Action, Create, Delete, Rules, sync
from chaos.checkers.controller.states import Pod, SetVersion, pod, set_version
from chaos.history.order import Event
from tests.checkers.world import NAME, World

Mutation = Callable[[SetVersion, list[Pod], Action | None, str, str], Action | None]


class Lagging:
    """Caches are indices into the versions so far; they move forward at random, never back."""

    def __init__(self, world: World, chance: random.Random, rules: Rules) -> None:
        self.world = world
        self.chance = chance
        self.rules = rules
        self.sets: list[tuple[SetVersion, str]] = []
        self.pods: list[list[Pod]] = []
        self.s = self.p = 0
        self.own_s = self.own_p = 0
        self.mutation: Mutation | None = None
        self.writes = 0

    def observe(self) -> None:
        """Take the world's present state into the history that the caches follow."""
        state = self.world.set
        event = Event(self.world.rv, 0, 0.0, "statefulsets", "modified", state["metadata"]["uid"], None, state)
        self.sets.append((set_version(event), state["spec"]["template"]["metadata"]["annotations"]["v"]))
        uid = state["metadata"]["uid"]
        seen = [pod(o, uid, NAME, {"app": "nginx"}) for (kind, _), o in self.world.objects.items() if kind == "pods"]
        self.pods.append(sorted(one for one in seen if one is not None))

    def step(self) -> None:
        """One sync, on caches as old as chance makes them."""
        newest = len(self.sets) - 1
        floor_s, floor_p = self.s, self.p
        if self.rules.reads_own_writes:
            floor_s, floor_p = max(floor_s, self.own_s), max(floor_p, self.own_p)
        self.s = self.chance.choice([newest, self.chance.randint(floor_s, newest)])
        self.p = self.chance.choice([newest, self.chance.randint(floor_p, newest)])
        version, text = self.sets[self.s]
        pods = self.pods[self.p]
        update = self._revision(text)
        current = version.status.current_revision or update
        made = sync(version, pods, current, update, self.rules)
        action = made.action
        if self.mutation is not None:
            action = self.mutation(version, pods, action, current, update)
        done = action is not None and self._act(action)
        self.observe()
        if done and isinstance(action, Create):
            self.own_p = len(self.pods) - 1
        status = made.status if done or isinstance(action, Delete) else made.refused
        if status != version.status:
            self.writes += 1
            self.world.status(
                status.replicas,
                status.ready,
                status.current,
                status.updated,
                status.current_revision.removeprefix("web-"),
                status.update_revision.removeprefix("web-"),
                observed=status.observed_generation,
            )
            self.observe()
            self.own_s = len(self.sets) - 1

    def _revision(self, text: str) -> str:
        """The revision of a template, numbered anew unless it is the newest."""
        name = self.world.revision(text)
        numbers = {n: o["revision"] for (kind, n), o in self.world.objects.items() if kind == "controllerrevisions"}
        if numbers[name] < max(numbers.values()):
            self.world.change("controllerrevisions", name, {"revision": max(numbers.values()) + 1})
        return name

    def _act(self, action: Action) -> bool:
        objects = self.world.objects
        if isinstance(action, Create):
            if ("pods", f"{NAME}-{action.ordinal}") in objects:
                return False
            self.world.create_pod(action.ordinal, action.revision.removeprefix("web-"))
            self.writes += 1
            return True
        for (kind, name), state in objects.items():
            if kind == "pods" and state["metadata"]["uid"] == action.uid:
                if "deletionTimestamp" not in state["metadata"]:
                    self.world.terminate(int(name.rpartition("-")[2]))
                    self.writes += 1
                return True
        return True


def disturb(world: World, chance: random.Random) -> None:
    """One thing that a user, a kubelet or this run may do."""
    pods: list[tuple[int, Any]] = [
        (int(name.rpartition("-")[2]), state) for (kind, name), state in world.objects.items() if kind == "pods"
    ]
    kind = chance.choices(["kubelet", "kill", "scale", "partition", "template", "strategy"], [12, 2, 2, 1, 1, 0.3])[0]
    if kind == "kubelet" and pods:
        ordinal, state = chance.choice(pods)
        if "deletionTimestamp" in state["metadata"]:
            world.gone(ordinal)
        elif any(c["status"] == "True" for c in state["status"].get("conditions", ())):
            if chance.random() < 0.1:
                chance.choice([world.unready, world.fail])(ordinal)
        elif state["status"]["phase"] == "Pending" or chance.random() < 0.5:
            world.ready(ordinal)
    elif kind == "kill":
        alive = [ordinal for ordinal, state in pods if "deletionTimestamp" not in state["metadata"]]
        if alive:
            world.kill(chance.choice(alive))
    elif kind == "scale":
        world.spec(replicas=chance.randint(0, 6))
    elif kind == "partition" and world.set["spec"]["updateStrategy"]["type"] == "RollingUpdate":
        world.partition(chance.randint(0, 5))
    elif kind == "template":
        world.new_template(chance.choice("abcd"))
    elif kind == "strategy":
        on_delete = {"type": "OnDelete", "rollingUpdate": None}
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": chance.randint(0, 3)}}
        world.spec(updateStrategy=chance.choice([on_delete, rolling, rolling]))


def play(seed: int, rules: Rules, steps: int = 250, mutation: Mutation | None = None) -> World:
    """A history of `steps` steps; without a mutation every controller write in it is right."""
    chance = random.Random(seed)
    world = World()
    world.create_set(chance.randint(1, 5))
    controller = Lagging(world, chance, rules)
    controller.observe()
    controller.mutation = mutation
    for _ in range(steps):
        if chance.random() < 0.5:
            disturb(world, chance)
            controller.observe()
        else:
            controller.step()
    world.show()
    return world
