"""Steps: operations as a profile writes them, with the choices still open.

A step is a mapping of one key, the operation's name, to what it needs. Each class here has the name of the operation in
`chaos.operations` that a plan draws from it.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationInfo, field_validator

from chaos.operations import Cascade, Names, StrategyType
from chaos.profile.choices import Amount, Grace
from chaos.profile.values import Count, Images, Ordinals, Positive, Shape, wrong


class CreateService(Shape):
    """Create the target's headless Service."""

    create_service: None = Field(alias="create-service", description="nothing: write it as a plain word")


class DeleteService(Shape):
    """Delete the target's Service."""

    delete_service: None = Field(alias="delete-service", description="nothing: write it as a plain word")


class CreateSet(Shape):
    """Create the target's StatefulSet as the profile describes it."""

    create_set: None = Field(alias="create-set", description="nothing: write it as a plain word")


class DeleteSet(Shape):
    """Delete the StatefulSet with the given propagation policy."""

    delete_set: Cascade = Field(alias="delete-set", description="background, foreground or orphan")


class Scale(Shape):
    """Set the number of replicas."""

    scale: Amount = Field(description="a whole number, {between: [lowest, highest]} or {choose: [n, ...]}")


class SetPartition(Shape):
    """Set the partition of the rolling update."""

    set_partition: Amount = Field(
        alias="set-partition", description="a whole number, {between: [lowest, highest]} or {choose: [n, ...]}"
    )


class Strategy(Shape):
    """The type of update strategy, with its partition."""

    type: StrategyType = Field(description="RollingUpdate or OnDelete")
    partition: Count = Field(default=0, description="a whole number")

    @field_validator("partition")
    @classmethod
    def _check_partition(cls, partition: int, info: ValidationInfo) -> int:
        if partition and info.data.get("type") == "OnDelete":
            raise wrong(f"{partition} with type OnDelete; expected no partition, only RollingUpdate has one")
        return partition


def _spell_out_strategy(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class SetStrategy(Shape):
    """Set the update strategy."""

    set_strategy: Annotated[Strategy, BeforeValidator(_spell_out_strategy)] = Field(
        alias="set-strategy", description="RollingUpdate, OnDelete or {type: RollingUpdate, partition: N}"
    )


class SetImage(Shape):
    """Change the image of the first container."""

    set_image: Images = Field(alias="set-image", description="one of target.images, or {choose: any}")


class ChangeTemplate(Shape):
    """Change the pod template without an image pull."""

    change_template: Literal["annotation", "env"] = Field(alias="change-template", description="annotation or env")


class Rollback(Shape):
    """Put back the template of an older ControllerRevision."""

    rollback: Literal["previous", "random"] = Field(description="previous or random")


def _which_pods(value: Any) -> str:
    return "<ordinals>" if isinstance(value, list | tuple) else "<word>"


class Victims(Shape):
    """Which pods, how many at one instant, and with which grace period."""

    pick: Annotated[
        Annotated[Literal["random", "each"], Tag("<word>")] | Annotated[Ordinals, Tag("<ordinals>")],
        Discriminator(_which_pods),
    ] = Field(description="random, each or a list of ordinals")
    count: Positive = Field(default=1, description="a whole number above 0")
    grace: Grace = Field(default=None, description="a duration, [shortest, longest] or none")

    @field_validator("count")
    @classmethod
    def _check_count(cls, count: int, info: ValidationInfo) -> int:
        if "pick" in info.data and info.data["pick"] != "random":
            raise wrong("goes with pick: random only; expected no count, what is picked says how many")
        return count


class DeletePods(Shape):
    """Delete pods of the set at one instant."""

    delete_pods: Victims = Field(alias="delete-pods", description="a mapping such as {pick: random}")


class WritePages(Shape):
    """Write a fresh token into the volume of every Ready pod."""

    write_pages: Literal["each-pod"] = Field(alias="write-pages", description="each-pod")


class Probe(Shape):
    """From how many busybox pods, and for which names."""

    sources: Positive = Field(default=1, alias="from", description="a whole number above 0")
    names: Literal["each-pod"] = Field(default="each-pod", description="each-pod")


class DnsProbe(Shape):
    """From how many busybox pods, and for which names."""

    sources: Positive = Field(default=1, alias="from", description="a whole number above 0")
    names: Names = Field(default="each-pod", description="each-pod, service, absent or all")


class ProbeDns(Shape):
    """Resolve names: of each pod, of the Service, of pods that are gone or not there yet."""

    probe_dns: DnsProbe = Field(alias="probe-dns", description="a mapping such as {from: 2, names: each-pod}")


class ProbeHttp(Shape):
    """Fetch the page of every pod by its name."""

    probe_http: Probe = Field(alias="probe-http", description="a mapping such as {from: 2, names: each-pod}")


SHAPES: dict[str, type[Shape]] = {
    "create-service": CreateService,
    "delete-service": DeleteService,
    "create-set": CreateSet,
    "delete-set": DeleteSet,
    "scale": Scale,
    "set-partition": SetPartition,
    "set-strategy": SetStrategy,
    "set-image": SetImage,
    "change-template": ChangeTemplate,
    "rollback": Rollback,
    "delete-pods": DeletePods,
    "write-pages": WritePages,
    "probe-dns": ProbeDns,
    "probe-http": ProbeHttp,
}
"""Every operation by its name in profiles."""

PLAIN: dict[str, object] = {
    "create-service": None,
    "delete-service": None,
    "create-set": None,
    "delete-set": "background",
    "write-pages": "each-pod",
    "probe-dns": {},
    "probe-http": {},
}
"""Operations that need no more than their name, with what the name alone stands for."""


def _spell_out(value: object) -> object:
    return {value: PLAIN[value]} if isinstance(value, str) and value in PLAIN else value


def _which_step(value: Any) -> str | None:
    if isinstance(value, Shape):
        return next((f"<{name}>" for name, shape in SHAPES.items() if isinstance(value, shape)), None)
    named = [key for key in value if key in SHAPES] if isinstance(value, dict) else []
    return f"<{named[0]}>" if len(named) == 1 else None


Step = Annotated[
    Annotated[CreateService, Tag("<create-service>")]
    | Annotated[DeleteService, Tag("<delete-service>")]
    | Annotated[CreateSet, Tag("<create-set>")]
    | Annotated[DeleteSet, Tag("<delete-set>")]
    | Annotated[Scale, Tag("<scale>")]
    | Annotated[SetPartition, Tag("<set-partition>")]
    | Annotated[SetStrategy, Tag("<set-strategy>")]
    | Annotated[SetImage, Tag("<set-image>")]
    | Annotated[ChangeTemplate, Tag("<change-template>")]
    | Annotated[Rollback, Tag("<rollback>")]
    | Annotated[DeletePods, Tag("<delete-pods>")]
    | Annotated[WritePages, Tag("<write-pages>")]
    | Annotated[ProbeDns, Tag("<probe-dns>")]
    | Annotated[ProbeHttp, Tag("<probe-http>")],
    Discriminator(_which_step),
    BeforeValidator(_spell_out),
]
"""One operation of a profile."""
