"""Steps that look: pages on volumes, names, and what the names serve."""

from typing import Literal

from pydantic import Field

from chaos.operations import Names
from chaos.profile.values import Positive, Shape


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


ProbeStep = WritePages | ProbeDns | ProbeHttp
