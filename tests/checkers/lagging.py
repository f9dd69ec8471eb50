"""A correct controller with caches that lag, and a world that disturbs it: whatever it does must be explained.

It acts by the algorithm itself, so this tests the frontier (that no legal staleness is an alarm), not the algorithm. Between the
writes of one sync anything may happen; a write may fail, and the answer to one that worked may be lost.
"""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import structs

from chaos import time
from chaos.checkers.controller.algorithm import Action, Create, Sync, completed, sync
from chaos.checkers.controller.roster import Roster
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, SetVersion, Sight, set_version
from chaos.history.order import Event
from tests.checkers.world import NAME, World

Mutation = Callable[[Sight, Sync, Rules], Sync]


class Kind(NamedTuple):
    """What a set is like, and how rough the world is to its controller.

    `failing`: the share of writes that fail; `losing`: of those that work and whose answer is lost; `calm`: how often the kubelets
    act, where users do about 6 things.
    """

    parallel: bool = False
    min_ready_s: int = 0
    start: int = 0
    stanza: bool = True
    max_unavailable: int | str = 1
    type: str = "RollingUpdate"
    failing: float = 0.0
    losing: float = 0.0
    calm: int = 12


PLAIN = Kind()


class Lagging:
    """Caches are indices into the versions so far; they move forward at random, never back."""

    def __init__(self, world: World, chance: random.Random, rules: Rules, kind: Kind) -> None:
        self.world = world
        self.chance = chance
        self.rules = rules
        self.kind = kind
        self.sets: list[tuple[SetVersion, str]] = []
        self.pods: list[tuple[Pod, ...]] = []
        self.s = self.p = 0
        self.own_s = self.own_p = 0
        self.mutation: Mutation | None = None
        self.writes = 0

    def observe(self) -> None:
        """Take the world's present state into the history that the caches follow."""
        state = self.world.set
        event = Event(self.world.rv, 0, 0.0, "statefulsets", "modified", state["metadata"]["uid"], None, state)
        self.sets.append((set_version(event, 0.0, None), state["spec"]["template"]["metadata"]["annotations"]["v"]))
        roster = Roster(state["metadata"]["uid"], NAME, {"matchLabels": {"app": "nginx"}})
        for (kind, _), each in self.world.objects.items():
            if kind == "pods":
                roster.see(each["metadata"]["uid"], each)
        self.pods.append(roster.version(event, 0.0).pods)

    def step(self) -> None:
        """One sync, on caches as old as chance makes them."""
        newest = len(self.sets) - 1
        floor_s, floor_p = self.s, self.p
        if self.rules.reads_own_writes:
            floor_s, floor_p = max(floor_s, self.own_s), max(floor_p, self.own_p)
        self.s = self.chance.choice([newest, self.chance.randint(floor_s, newest)])
        self.p = self.chance.choice([newest, self.chance.randint(floor_p, newest)])
        version, text = self.sets[self.s]
        update = self._revision(text)
        sight = Sight(
            version, self._aged(version, self.pods[self.p]), version.status.current_revision or update, update
        )
        made = sync(sight, self.rules)
        if self.mutation is not None:
            made = self.mutation(sight, made, self.rules)
        status = completed(version, self._perform(made), self.rules)
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
                available=status.available,
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

    def _aged(self, version: SetVersion, pods: tuple[Pod, ...]) -> tuple[Pod, ...]:
        now = time.EPOCH.timestamp() + self.world.t
        return tuple(
            structs.replace(
                each,
                available=each.ready and (each.ready_since + version.min_ready_s <= now or not version.min_ready_s),
            )
            for each in pods
        )

    def _perform(self, made: Sync) -> Any:
        """Write what the sync has to, until something fails; gives the status before completion."""
        first, second = list(made.replicas), list(made.condemned)
        count = made.counts[0]
        self.chance.shuffle(first)
        self.chance.shuffle(second)
        for group in (first, second):
            # What is under way in a batch is not stopped by what fails in it.
            done = [self._write(action) for action in group if self._is_reached()]
            if not all(done) or len(done) < len(group):
                return count
        for update in made.updates:
            if not self._write(update):
                return count
            count = structs.replace(count, current=count.current - 1)
        return count

    def _is_reached(self) -> bool:
        return self.chance.random() >= self.kind.failing / 2

    def _write(self, action: Action) -> bool:
        """Whether it worked, as far as the controller knows."""
        if self.chance.random() < 0.2:
            disturb(self.world, self.chance, self.kind)
            self.observe()
        if self.chance.random() < self.kind.failing:
            return False
        done = self._act(action)
        self.observe()
        if done and self.chance.random() < self.kind.losing:
            return False
        if done and isinstance(action, Create):
            self.own_p = len(self.pods) - 1
        return done

    def _act(self, action: Action) -> bool:
        state = self.world.objects.get(("pods", f"{NAME}-{action.ordinal}"))
        if isinstance(action, Create):
            if state is not None:
                return False
            self.world.create_pod(action.ordinal, action.revision.removeprefix("web-"))
            self.writes += 1
        elif state is not None and "deletionTimestamp" not in state["metadata"]:
            self.world.terminate(action.ordinal)
            self.writes += 1
        return True


def disturb(world: World, chance: random.Random, kind: Kind = PLAIN) -> None:
    """One thing that a user, a kubelet or this run may do."""
    pods: list[tuple[int, Any]] = [
        (int(name.rpartition("-")[2]), state) for (each, name), state in world.objects.items() if each == "pods"
    ]
    names = ["kubelet", "kill", "scale", "partition", "template", "strategy", "start", "wait"]
    weights = [kind.calm, 2, 2, 1, 1, 0.3, 0.3 if kind.start else 0, 2 if kind.min_ready_s else 0]
    what = chance.choices(names, weights)[0]
    if what == "kubelet" and pods:
        _move(world, chance, kind, *chance.choice(pods))
    elif what == "kill":
        alive = [ordinal for ordinal, state in pods if "deletionTimestamp" not in state["metadata"]]
        if alive:
            world.kill(chance.choice(alive))
    elif what == "scale":
        world.spec(replicas=chance.randint(0, 6))
    elif what == "partition" and "rollingUpdate" in world.set["spec"]["updateStrategy"]:
        world.partition(chance.randint(0, 5))
    elif what == "template":
        world.new_template(chance.choice("abcd"))
    elif what == "strategy":
        world.spec(updateStrategy=_strategy(chance, kind))
    elif what == "start":
        world.spec(ordinals={"start": chance.randint(0, kind.start)})
    elif what == "wait":
        world.wait(chance.choice([0.4, 1.0, 3.0]))
        if chance.random() < 0.5:
            world.show()


def _move(world: World, chance: random.Random, kind: Kind, ordinal: int, state: Any) -> None:
    """What the kubelet does to a pod next."""
    if "deletionTimestamp" in state["metadata"]:
        world.gone(ordinal)
    elif any(c["status"] == "True" for c in state["status"].get("conditions", ())):
        if chance.random() < 1.2 / kind.calm:
            chance.choice([world.unready, world.fail])(ordinal)
    elif state["status"]["phase"] == "Pending" or chance.random() < 0.5:
        world.ready(ordinal)


def _strategy(chance: random.Random, kind: Kind) -> dict[str, Any]:
    if chance.random() < 0.33:
        return {"type": "OnDelete", "rollingUpdate": None}
    if kind.type == "Recreate":
        return {"type": "Recreate", "rollingUpdate": None}
    if not kind.stanza:
        return {"type": "RollingUpdate"}
    limit = {} if kind.max_unavailable == 1 else {"maxUnavailable": kind.max_unavailable}
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": chance.randint(0, 3), **limit}}


def play(seed: int, rules: Rules, steps: int = 250, mutation: Mutation | None = None, kind: Kind = PLAIN) -> World:
    """A history of `steps` steps; without a mutation every controller write in it is right."""
    chance = random.Random(seed)
    world = World()
    limit = {} if kind.max_unavailable == 1 else {"maxUnavailable": kind.max_unavailable}
    strategy = {"type": kind.type, **({"rollingUpdate": {"partition": 0, **limit}} if kind.stanza else {})}
    world.create_set(
        chance.randint(1, 5),
        updateStrategy=strategy,
        podManagementPolicy="Parallel" if kind.parallel else "OrderedReady",
        minReadySeconds=kind.min_ready_s,
        ordinals={"start": kind.start},
    )
    controller = Lagging(world, chance, rules, kind)
    controller.observe()
    controller.mutation = mutation
    for _ in range(steps):
        if chance.random() < 0.5:
            disturb(world, chance, kind)
            controller.observe()
        else:
            controller.step()
    world.show()
    return world
