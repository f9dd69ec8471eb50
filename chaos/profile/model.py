"""The frozen Profile: what one run does to which target, and what it must prove.

Knows the shape of a profile and which values go together; knows nothing of files, lines or YAML.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from chaos.operations import Policy, StrategyType
from chaos.profile import steps
from chaos.profile.expectations import Expectation, plain
from chaos.profile.steps import Retentions, Single, Step
from chaos.profile.values import (
    Count,
    Duration,
    Name,
    PhaseName,
    Portion,
    Positive,
    Promise,
    Shape,
    WholeSeconds,
    check_some,
    parse_positive,
    shown,
    wrong,
)

UntilState = Literal["settled", "present", "observed", "gone", "orphaned", "nothing"]

DEFAULT_WITHIN_S = 300.0
"""How long a phase may take to reach its `until` when it says nothing else."""


class Controller(Shape):
    """Which StatefulSet controller is judged, where that is not what the server itself says."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] | None = Field(
        default=None, description='a version such as "1.28.3"'
    )
    gates: dict[str, Annotated[bool, Field(strict=True)]] = Field(
        default={}, description="feature gates, each true or false"
    )


def _check_images(images: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({i for i in images if images.count(i) > 1})
    if twice:
        raise wrong(f"names {', '.join(twice)} more than once; expected different images")
    return check_some(images)


class Target(Shape):
    """The StatefulSet and Service that a run works on. The set is created with the first of `images`."""

    statefulset: Name = Field(description="the name of the StatefulSet")
    service: Name = Field(description="the name of the headless Service")
    replicas: Count = Field(description="a whole number")
    images: Annotated[tuple[str, ...], AfterValidator(_check_images)] = Field(
        description="a list of image references; the set starts with the first"
    )
    storage: Annotated[str, Field(pattern=r"^[1-9]\d*(\.\d+)?([kKMGT]i?)?$")] = Field(
        default="10Mi", description="a quantity such as 10Mi"
    )
    strategy: StrategyType = Field(default="RollingUpdate", description="RollingUpdate, OnDelete or Recreate")
    partition: Count = Field(default=0, description="a whole number")
    rolling_update: Literal["present", "absent"] = Field(
        default="present", alias="rolling-update", description="present or absent"
    )
    """absent: the type is RollingUpdate, and nothing says how. The server fills in a partition only where there is no type."""
    max_unavailable: Portion | None = Field(
        default=None, alias="max-unavailable", description='a whole number or a percentage such as "50%"'
    )
    policy: Policy = Field(default="OrderedReady", description="OrderedReady or Parallel")
    min_ready_seconds: Count = Field(default=0, alias="min-ready-seconds", description="a whole number")
    start_ordinal: Count = Field(default=0, alias="start-ordinal", description="a whole number")
    retention: Retentions | None = Field(
        default=None, description="a mapping such as {when-scaled: Delete, when-deleted: Retain}"
    )
    history_limit: Count | None = Field(default=None, alias="history-limit", description="a whole number")
    readiness: Literal["none", "file"] = Field(default="none", description="none or file")
    """file: a pod is Ready while a certain file is not there, so that `make-unready` can put it there."""
    termination_delay_s: WholeSeconds = Field(
        default=0,
        alias="termination-delay",
        description="a duration in whole seconds: how long every pod takes to stop",
    )
    controller: Controller = Field(default=Controller(), description="a mapping with version and gates")

    @field_validator("partition", "rolling_update", "max_unavailable")
    @classmethod
    def _check_rolling(cls, value: Any, info: ValidationInfo) -> Any:
        strategy, name = info.data.get("strategy"), str(info.field_name).replace("_", "-")
        if value in (0, None, "present"):
            return value
        if value == "absent" and info.data.get("partition"):
            raise wrong("absent with a partition; expected one of them")
        if strategy not in (None, "RollingUpdate"):
            raise wrong(f"{value} with strategy {strategy}; expected no {name}, only RollingUpdate has one")
        if value != "absent" and info.data.get("rolling_update") == "absent":
            raise wrong(f"{value} with rolling-update: absent; expected no {name}")
        return value


@dataclass(frozen=True)
class Until:
    """What ends a phase, and how long that may take.

    settled: the controller has seen the set's last change and carried it out, as far as partition and type allow, and
    every pod is Ready. present: it has seen the last change, and the pods that are there are those of its ordinals, none on
    its way out, Ready or not. observed: it has seen the last change (status.observedGeneration = generation). gone: the
    set and its pods do not exist. orphaned: the set does not exist, its pods do. nothing: there is nothing to wait for.
    """

    state: UntilState
    within_s: float = DEFAULT_WITHIN_S


_STATES: tuple[UntilState, ...] = get_args(UntilState)


def _parse_until(value: object) -> Until:
    written, within = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (value, None)
    state = next((state for state in _STATES if state == written), None)
    if state is None or (within is not None and state == "nothing"):
        names = ", ".join(_STATES)
        raise wrong(f"{shown(value)} ends no phase; expected {names}, or one with a limit such as {{settled: 5m}}")
    return Until(state) if within is None else Until(state, parse_positive(within))


_until_schema = WithJsonSchema(
    {
        "anyOf": [
            {"enum": list(_STATES)},
            {"type": "object", "propertyNames": {"enum": list(_STATES[:-1])}, "minProperties": 1, "maxProperties": 1},
        ]
    }
)


def _default_until(phase: dict[str, Any]) -> Until:
    return Until("nothing" if phase.get("for_s") else "settled")


class Task(Shape):
    """A step that is repeated throughout a phase."""

    step: Step = Field(alias="<step>", description="one operation")
    every_s: Duration = Field(alias="every", description="a duration such as 10s")

    @model_validator(mode="before")
    @classmethod
    def _set_step_apart(cls, value: Any) -> Any:
        # In the file the operation and `every` are keys of one mapping.
        if not isinstance(value, dict):
            return {"<step>": value}
        every = {"every": value["every"]} if "every" in value else {}
        return {"<step>": {k: v for k, v in value.items() if k != "every"}, **every}


class Phase(Shape):
    """One part of a run: the steps of `do` in order, then all tasks for `for_s` seconds, then the wait for `until`."""

    name: PhaseName = Field(description="a name")
    do: tuple[Step, ...] = Field(default=(), description="a list of operations")
    for_s: Duration | None = Field(default=None, alias="for", description="a duration such as 3m")
    tasks: tuple[Task, ...] = Field(default=(), description="a list of operations, each with `every`")
    until: Annotated[Until, PlainValidator(_parse_until), _until_schema] = Field(
        default_factory=_default_until, description=f"{', '.join(_STATES)}, or one with a limit such as {{settled: 5m}}"
    )
    expect: tuple[Expectation, ...] = Field(default=(), description="a list of what is true at the end")

    @field_validator("tasks")
    @classmethod
    def _check_tasks(cls, tasks: tuple[Task, ...], info: ValidationInfo) -> tuple[Task, ...]:
        if tasks and "for_s" in info.data and info.data["for_s"] is None:
            raise wrong("have no end; expected `for` beside them, how long they go on")
        return tasks

    @model_validator(mode="after")
    def _check_something(self) -> "Phase":
        if self.model_fields_set == {"name"}:
            raise wrong("does nothing; expected do, tasks, until or expect")
        return self

    def expected(self) -> tuple[dict[str, Any], ...]:
        """`expect` as JSON, in the form of the file."""
        return tuple(plain(e) for e in self.expect)

    def steps(self) -> Iterator[Step]:
        """Every step of the phase, those of `do` before those of `tasks`."""
        yield from self.do
        yield from (task.step for task in self.tasks)


def _read_all(value: object) -> object:
    if value == []:
        raise wrong("is empty; expected all, or a list of guarantees or families")
    return () if value == "all" else value


_judge_schema = WithJsonSchema(
    {"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
)


class Checks(Shape):
    """What the run must prove. A promise is the name of a guarantee, or of a family of them (`ordering`)."""

    require: tuple[Promise, ...] = Field(default=(), description="a list of guarantees or families")
    judge: Annotated[tuple[Promise, ...], BeforeValidator(_read_all), _judge_schema] = Field(
        default=(), description="all, or a list of guarantees or families"
    )
    """What else is judged; empty stands for all."""
    at_least: Positive = Field(
        default=1, alias="at-least", description="a whole number above 0: opportunities that a required guarantee needs"
    )


@dataclass(frozen=True)
class Origin:
    """What a profile was read from: `chaos.profile.parse` makes the same profile of it again."""

    file: str = ""
    source: str = ""
    overrides: tuple[tuple[str, str], ...] = ()


class Profile(Shape):
    """A whole run, as one file describes it."""

    name: Name = Field(description="a name")
    target: Target = Field(description="a mapping with statefulset, service, replicas and images")
    phases: Annotated[tuple[Phase, ...], AfterValidator(check_some)] = Field(description="a list of phases")
    checks: Checks = Field(default=Checks(), description="a mapping with require")
    _origin: Origin = PrivateAttr(default=Origin())

    @property
    def file(self) -> str:
        """The name of the file in error messages."""
        return self._origin.file

    @property
    def source(self) -> str:
        """The text of the file."""
        return self._origin.source

    @property
    def overrides(self) -> dict[str, str]:
        """The values that were set from outside, by path."""
        return dict(self._origin.overrides)

    @property
    def creates_target(self) -> bool:
        """Whether the first phase creates the set itself. If not, Service and set are there before it."""
        return any(isinstance(step, steps.CreateSet) for step in self.phases[0].do)

    @property
    def probe_sources(self) -> int:
        """How many busybox pods the probes of all phases need."""
        probes = [
            s.probe_dns if isinstance(s, steps.ProbeDns) else s.probe_http
            for s in self._steps()
            if isinstance(s, _PROBES)
        ]
        return max((probe.sources for probe in probes), default=0)

    @property
    def operations(self) -> tuple[type[Shape], ...]:
        """The kinds of steps that the phases may take, each once."""
        return tuple(dict.fromkeys(type(step) for step in self._steps()))

    def _steps(self) -> Iterator[Single]:
        for phase in self.phases:
            for step in phase.steps():
                yield from steps.each(step)


_PROBES = (steps.ProbeDns, steps.ProbeHttp)
