"""Every step there is: by its name in profiles, and as the one type that a profile's lists hold."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from chaos.profile.steps.faults import Inflict
from chaos.profile.steps.nodes import Cordon, Drain, Taint, Uncordon, Untaint
from chaos.profile.steps.pods import (
    CrashContainer,
    CreateBudget,
    DeleteBudget,
    DeleteClaims,
    DeletePods,
    EvictPods,
    FailPods,
    HoldClaims,
    HoldPods,
    MakeReady,
    MakeUnready,
    OrphanPods,
    RelabelPods,
    ReleaseClaims,
    ReleasePods,
    StealName,
)
from chaos.profile.steps.probes import ProbeDns, ProbeHttp, WritePages
from chaos.profile.steps.sets import (
    ChangeTemplate,
    ConflictingWriters,
    CreateService,
    CreateSet,
    DeleteService,
    DeleteSet,
    Rollback,
    Scale,
    SetHistoryLimit,
    SetImage,
    SetMaxUnavailable,
    SetMinReadySeconds,
    SetPartition,
    SetRetention,
    SetStartOrdinal,
    SetStrategy,
)
from chaos.profile.values import Positive, Shape, check_some

SINGLE: dict[str, type[Shape]] = {
    "create-service": CreateService,
    "delete-service": DeleteService,
    "create-set": CreateSet,
    "delete-set": DeleteSet,
    "scale": Scale,
    "set-partition": SetPartition,
    "set-strategy": SetStrategy,
    "set-max-unavailable": SetMaxUnavailable,
    "set-min-ready-seconds": SetMinReadySeconds,
    "set-start-ordinal": SetStartOrdinal,
    "set-retention": SetRetention,
    "set-history-limit": SetHistoryLimit,
    "set-image": SetImage,
    "change-template": ChangeTemplate,
    "rollback": Rollback,
    "conflicting-writers": ConflictingWriters,
    "delete-pods": DeletePods,
    "evict-pods": EvictPods,
    "create-budget": CreateBudget,
    "delete-budget": DeleteBudget,
    "delete-claims": DeleteClaims,
    "hold-claims": HoldClaims,
    "release-claims": ReleaseClaims,
    "relabel-pods": RelabelPods,
    "steal-name": StealName,
    "orphan-pods": OrphanPods,
    "hold-pods": HoldPods,
    "release-pods": ReleasePods,
    "crash-container": CrashContainer,
    "fail-pods": FailPods,
    "make-unready": MakeUnready,
    "make-ready": MakeReady,
    "cordon": Cordon,
    "uncordon": Uncordon,
    "drain": Drain,
    "taint": Taint,
    "untaint": Untaint,
    "inflict": Inflict,
    "write-pages": WritePages,
    "probe-dns": ProbeDns,
    "probe-http": ProbeHttp,
}
"""Every operation by its name in profiles."""

PLAIN: dict[str, object] = {
    "create-service": "target",
    "delete-service": "target",
    "create-set": "target",
    "delete-set": "background",
    "delete-budget": "target",
    "cordon": "random",
    "uncordon": "all",
    "drain": "random",
    "taint": "NoExecute",
    "untaint": "all",
    "write-pages": "each-pod",
    "probe-dns": {},
    "probe-http": {},
}
"""Operations that need no more than their name, with what the name alone stands for."""


def _spell_out(value: object) -> object:
    return {value: PLAIN[value]} if isinstance(value, str) and value in PLAIN else value


def _which_single(value: Any) -> str | None:
    if isinstance(value, Shape):
        return next((f"<{name}>" for name, shape in SINGLE.items() if isinstance(value, shape)), None)
    named = [key for key in value if key in SINGLE] if isinstance(value, dict) else []
    return f"<{named[0]}>" if len(named) == 1 else None


_Singles = (
    Annotated[CreateService, Tag("<create-service>")]
    | Annotated[DeleteService, Tag("<delete-service>")]
    | Annotated[CreateSet, Tag("<create-set>")]
    | Annotated[DeleteSet, Tag("<delete-set>")]
    | Annotated[Scale, Tag("<scale>")]
    | Annotated[SetPartition, Tag("<set-partition>")]
    | Annotated[SetStrategy, Tag("<set-strategy>")]
    | Annotated[SetMaxUnavailable, Tag("<set-max-unavailable>")]
    | Annotated[SetMinReadySeconds, Tag("<set-min-ready-seconds>")]
    | Annotated[SetStartOrdinal, Tag("<set-start-ordinal>")]
    | Annotated[SetRetention, Tag("<set-retention>")]
    | Annotated[SetHistoryLimit, Tag("<set-history-limit>")]
    | Annotated[SetImage, Tag("<set-image>")]
    | Annotated[ChangeTemplate, Tag("<change-template>")]
    | Annotated[Rollback, Tag("<rollback>")]
    | Annotated[ConflictingWriters, Tag("<conflicting-writers>")]
    | Annotated[DeletePods, Tag("<delete-pods>")]
    | Annotated[EvictPods, Tag("<evict-pods>")]
    | Annotated[CreateBudget, Tag("<create-budget>")]
    | Annotated[DeleteBudget, Tag("<delete-budget>")]
    | Annotated[DeleteClaims, Tag("<delete-claims>")]
    | Annotated[HoldClaims, Tag("<hold-claims>")]
    | Annotated[ReleaseClaims, Tag("<release-claims>")]
    | Annotated[RelabelPods, Tag("<relabel-pods>")]
    | Annotated[StealName, Tag("<steal-name>")]
    | Annotated[OrphanPods, Tag("<orphan-pods>")]
    | Annotated[HoldPods, Tag("<hold-pods>")]
    | Annotated[ReleasePods, Tag("<release-pods>")]
    | Annotated[CrashContainer, Tag("<crash-container>")]
    | Annotated[FailPods, Tag("<fail-pods>")]
    | Annotated[MakeUnready, Tag("<make-unready>")]
    | Annotated[MakeReady, Tag("<make-ready>")]
    | Annotated[Cordon, Tag("<cordon>")]
    | Annotated[Uncordon, Tag("<uncordon>")]
    | Annotated[Drain, Tag("<drain>")]
    | Annotated[Taint, Tag("<taint>")]
    | Annotated[Untaint, Tag("<untaint>")]
    | Annotated[Inflict, Tag("<inflict>")]
    | Annotated[WritePages, Tag("<write-pages>")]
    | Annotated[ProbeDns, Tag("<probe-dns>")]
    | Annotated[ProbeHttp, Tag("<probe-http>")]
)

Single = Annotated[_Singles, Discriminator(_which_single), BeforeValidator(_spell_out)]
"""One operation of a profile."""


class Weighted(Shape):
    """A step of a mix, and how likely it is beside the others."""

    step: Single = Field(alias="<choice>", description="one operation")
    weight: Positive = Field(default=1, description="a whole number above 0")

    @model_validator(mode="before")
    @classmethod
    def _set_step_apart(cls, value: Any) -> Any:
        # In the file the operation and `weight` are keys of one mapping.
        if not isinstance(value, dict):
            return {"<choice>": value}
        weight = {"weight": value["weight"]} if "weight" in value else {}
        return {"<choice>": {k: v for k, v in value.items() if k != "weight"}, **weight}


class Mix(Shape):
    """One of several steps, drawn anew each time."""

    mix: Annotated[tuple[Weighted, ...], AfterValidator(check_some)] = Field(
        description="a list of operations, each with `weight`"
    )


SHAPES: dict[str, type[Shape]] = {**SINGLE, "mix": Mix}
"""Every step by its name in profiles."""


def _which_step(value: Any) -> str | None:
    if isinstance(value, Mix) or (isinstance(value, dict) and list(value) == ["mix"]):
        return "<mix>"
    return _which_single(value)


Step = Annotated[_Singles | Annotated[Mix, Tag("<mix>")], Discriminator(_which_step), BeforeValidator(_spell_out)]
"""One operation of a profile, or several of which one is drawn."""


def each(step: Step) -> Iterator[Single]:
    """The operations that a step may become."""
    if isinstance(step, Mix):
        yield from (weighted.step for weighted in step.mix)
    else:
        yield step
