"""A schedule: a StatefulSet, and what is done to it one after another. Pure data, with no choice left open.

`Setup` is what the set's spec asks for; an operation gives the next one, so that a set can be created again as it was.
"""

from typing import Any, Literal

import msgspec

Policy = Literal["OrderedReady", "Parallel"]
Retention = Literal["Retain", "Delete"]
Until = Literal["settled", "observed", "at once"]
Cascade = Literal["Background", "Foreground"]


class Template(msgspec.Struct, frozen=True, order=True):
    """What varies in the pod template: a value of an annotation, and one of an environment variable."""

    annotation: int = 0
    env: int = 0

    def __str__(self) -> str:
        return f"a{self.annotation}e{self.env}"


class Strategy(msgspec.Struct, frozen=True):
    """The update strategy. `partition` None: RollingUpdate without its stanza, or OnDelete."""

    type: Literal["RollingUpdate", "OnDelete"]
    partition: int | None = None
    max_unavailable: int | str = 1

    def __str__(self) -> str:
        if self.partition is None:
            return "OnDelete" if self.type == "OnDelete" else "RollingUpdate without stanza"
        several = f" M{self.max_unavailable}" if self.max_unavailable != 1 else ""
        return f"partition {self.partition}{several}"


class Setup(msgspec.Struct, frozen=True):
    """A StatefulSet as it is asked for."""

    policy: Policy
    replicas: int
    strategy: Strategy
    template: Template = Template()
    start: int = 0
    min_ready_s: int = 0
    has_claims: bool = False
    when_scaled: Retention = "Retain"
    when_deleted: Retention = "Retain"
    history_limit: int = 10

    @property
    def ordinals(self) -> range:
        return range(self.start, self.start + self.replicas)

    def __str__(self) -> str:
        parts = [self.policy, f"n{self.replicas}", str(self.strategy)]
        parts += [f"start {self.start}"] if self.start else []
        parts += [f"minReady {self.min_ready_s}"] if self.min_ready_s else []
        parts += [f"claims {self.when_scaled}/{self.when_deleted}"] if self.has_claims else []
        parts += [f"history {self.history_limit}"] if self.history_limit != 10 else []
        return " ".join(parts)


class Operation(msgspec.Struct, frozen=True, tag=True):
    """One thing done to the set."""

    def after(self, setup: Setup) -> Setup:
        """What the set is asked to be from then on."""
        return setup


class Scale(Operation, frozen=True):
    """Set spec.replicas, in the spec or through the scale subresource."""

    replicas: int
    via: Literal["spec", "scale"]

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, replicas=self.replicas)

    def __str__(self) -> str:
        return f"scale {self.replicas}" + (" by subresource" if self.via == "scale" else "")


class SetTemplate(Operation, frozen=True):
    """Change the template; to one that was before, this is a rollback."""

    template: Template

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, template=self.template)

    def __str__(self) -> str:
        return f"template {self.template}"


class SetStrategy(Operation, frozen=True):
    """Put the whole update strategy in place of the other."""

    strategy: Strategy

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, strategy=self.strategy)

    def __str__(self) -> str:
        return str(self.strategy)


class SetStart(Operation, frozen=True):
    """Set spec.ordinals.start."""

    start: int

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, start=self.start)

    def __str__(self) -> str:
        return f"start {self.start}"


class SetRetention(Operation, frozen=True):
    """Set the claims' retention policy."""

    when_scaled: Retention
    when_deleted: Retention

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, when_scaled=self.when_scaled, when_deleted=self.when_deleted)

    def __str__(self) -> str:
        return f"retention {self.when_scaled}/{self.when_deleted}"


class DeletePods(Operation, frozen=True):
    """Delete pods at one instant; `grace_s` 0 is a forced delete, None leaves the pods' own."""

    ordinals: tuple[int, ...]
    grace_s: int | None = None

    def __str__(self) -> str:
        which = ",".join(map(str, self.ordinals))
        return f"{'delete' if self.grace_s is None else 'force'} {which}"


class SetMinReady(Operation, frozen=True):
    """Set spec.minReadySeconds."""

    seconds: int

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, min_ready_s=self.seconds)

    def __str__(self) -> str:
        return f"minReady {self.seconds}"


class Meddle(Operation, frozen=True):
    """Change what the controller made of a pod: `owner` takes its owner away, `name` its name label, `revision` changes its
    revision label to one that is none."""

    what: Literal["owner", "name", "revision"]
    ordinal: int

    def __str__(self) -> str:
        return f"meddle with the {self.what} of {self.ordinal}"


class LoseClaim(Operation, frozen=True):
    """Delete a pod's claim, then the pod, which lets the claim go."""

    ordinal: int

    def __str__(self) -> str:
        return f"lose the claim of {self.ordinal}"


class Orphan(Operation, frozen=True):
    """Delete the set and leave its dependents; `lost` pods are deleted while there is no set; create it again."""

    template: Template
    lost: tuple[int, ...] = ()

    def after(self, setup: Setup) -> Setup:
        return msgspec.structs.replace(setup, template=self.template)

    def __str__(self) -> str:
        lost = f"lose {','.join(map(str, self.lost))}, " if self.lost else ""
        return f"orphan, {lost}adopt at {self.template}"


class Recreate(Operation, frozen=True):
    """Delete the set with its dependents, wait until they are gone, create it again."""

    cascade: Cascade

    def __str__(self) -> str:
        return f"recreate {self.cascade}"


AnyOperation = (
    Scale
    | SetTemplate
    | SetStrategy
    | SetStart
    | SetRetention
    | SetMinReady
    | DeletePods
    | Meddle
    | LoseClaim
    | Orphan
    | Recreate
)


class Step(msgspec.Struct, frozen=True):
    """An operation, and what is waited for before the next: that all is done, that the controller has seen it, or nothing."""

    operation: AnyOperation
    until: Until = "settled"

    def __str__(self) -> str:
        return str(self.operation) + ("" if self.until == "settled" else f" ({self.until})")


class Schedule(msgspec.Struct, frozen=True):
    """What is done with one seed; the last step waits until all is done."""

    seed: int
    setup: Setup
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "; ".join([str(self.setup), *map(str, self.steps)])

    def setups(self) -> list[Setup]:
        """What the set is asked to be, at first and after each step."""
        found = [self.setup]
        for step in self.steps:
            found.append(step.operation.after(found[-1]))
        return found


class Stretch(msgspec.Struct, frozen=True):
    """The steps between two moments at which all was done; `before` is what the set was asked to be at its beginning.

    The first stretch is the creation: `before` is the set that is created, and it has no steps.
    """

    before: Setup
    steps: tuple[Step, ...]


def stretches(schedule: Schedule) -> list[Stretch]:
    """A schedule cut where it waits until all is done."""
    found = [Stretch(schedule.setup, ())]
    setups, first = schedule.setups(), 0
    for number, step in enumerate(schedule.steps):
        if step.until == "settled":
            found.append(Stretch(setups[first], schedule.steps[first : number + 1]))
            first = number + 1
    return found


def plain(schedule: Schedule) -> Any:
    """A schedule as JSON."""
    return msgspec.to_builtins(schedule)
