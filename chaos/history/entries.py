"""Entries of history version 1: one JSON line each, `{i, t, stream, rv, uid, type, data, seal}`, after a header line.

The seal is a checksum of all lines before it (`chaos.history.seal`), which a reader checks and nobody else sees.

Streams and their types:

- one stream per watched resource (`WATCHED`): `listed` (an object of the first LIST or of one after a gap), `added`,
  `modified`, `deleted`, `progress` (the stream has shown everything up to rv; data is null), `gap` (events may be missing
  since the last one; data `{"why": …}`), `missed` (an event was not shown, nobody knows when; data `{"why": …}`), `denied`
  (rights forbid the watch; data `{"why": …}`), `synced` (a LIST is complete at rv), `final` (the closing LIST at rv; data
  `{uid: rv, …}` of what it holds).
  `listed`/`added` of a uid not seen before hold the whole object, `{"whole": object}`; every later entry of that uid holds a
  JSON merge patch (RFC 7386) against the last state, and that state's resourceVersion: `{"patch": patch, "from": rv}`, or,
  where a patch cannot say it (a null), `{"whole": object, "from": rv}`. So a lost line shows at the object's next one.
- `operations`: `start` (written before the request leaves; uid = target's, if known), `end` (data.start = index of its
  start entry; rv and uid from the answer), `skipped` (data.why). See `Start`, `End`, `Skipped`.
- `dns`, `http`: `answer`, one lookup or fetch by a probe pod: see `DnsAnswer`, `HttpAnswer`.
- `run`: `phase-began`, `phase-ended`, `controller-restarted`, `judging-ended`, `note`. See `PhaseBegan`, `PhaseEnded`.
"""

from typing import Any, Literal

import msgspec

from chaos.operations import AnyOperation, Outcome

SCHEMA = 1

SERVICE = -1
"""Stands for the Service's own name where an ordinal says whose name was asked for."""

WATCHED = (
    "pods",
    "statefulsets",
    "persistentvolumeclaims",
    "controllerrevisions",
    "services",
    "endpointslices",
    "poddisruptionbudgets",
    "events",
    "nodes",
    "leases",
)

MARKED = ("pods", "statefulsets", "persistentvolumeclaims", "controllerrevisions", "services", "endpointslices")
"""Streams that carry a marker: an object of the run's own that is patched every second, seen only as `progress`."""


class Header(msgspec.Struct, frozen=True):
    """First line of a history."""

    schema: int
    run: str
    began: str


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of a history. i counts from 0 without a hole; t is seconds since the run began; rv is decimal or empty."""

    i: int
    t: float
    stream: str
    rv: str
    uid: str
    type: str
    data: Any = None


Verb = Literal["create", "update", "patch", "delete", "exec", "inflict"]


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """One write request as it leaves: everything but the credentials.

    `exec` runs `command` in a pod; where that writes the pod's page, `token` is the page. An eviction is a create of
    `pods/eviction` with the pod's name. `inflict` is a fault of the control plane: `resource` is `faults`, `name` the fault.
    """

    verb: Verb
    resource: str
    name: str
    uid: str = ""
    body: Any = None
    patch_type: Literal["merge", "json", "strategic"] = "merge"
    grace_s: int | None = None
    propagation: str = ""
    ordinal: int | None = None
    command: tuple[str, ...] = ()
    token: str = ""


class Start(msgspec.Struct, frozen=True, omit_defaults=True):
    """Data of `operations`/`start`: the drawn operation and the one request that it resolved to."""

    phase: str
    task: str
    k: int
    operation: AnyOperation
    request: Request


class End(msgspec.Struct, frozen=True, omit_defaults=True):
    """Data of `operations`/`end`. `status` is the HTTP status, 0 if no answer came; `said` what a command printed."""

    start: int
    outcome: Outcome
    status: int = 0
    error: str = ""
    said: str = ""


class Skipped(msgspec.Struct, frozen=True):
    """Data of `operations`/`skipped`: drawn and not performed (its predecessor still ran, or nothing to act on)."""

    phase: str
    task: str
    k: int
    operation: AnyOperation
    why: str


class DnsAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Data of `dns`/`answer`. The entry's t is the time of receipt.

    `code`: NOERROR, NXDOMAIN, or ERROR (no usable answer: nothing is concluded from it). Addresses are in the order given.
    `ordinal` is `SERVICE` for the service's own name. `resolver` is the address that was asked; empty: the one that pods ask.
    """

    source: str
    name: str
    ordinal: int
    sent: float
    code: Literal["NOERROR", "NXDOMAIN", "ERROR"]
    addresses: tuple[str, ...]
    text: str = ""
    resolver: str = ""


class HttpAnswer(msgspec.Struct, frozen=True):
    """Data of `http`/`answer`: the page that `name` served. `ok` False: nothing could be fetched (text says why).

    `address` is the one that was connected to; empty if no connection was tried.
    """

    source: str
    name: str
    ordinal: int
    sent: float
    ok: bool
    text: str
    address: str = ""


class PhaseBegan(msgspec.Struct, frozen=True):
    """Data of `run`/`phase-began`; `rv` of the entry is empty. `expect` is the profile's list, in its YAML form."""

    name: str
    expect: tuple[Any, ...] = ()


class PhaseEnded(msgspec.Struct, frozen=True):
    """Data of `run`/`phase-ended`. `reached` False: `until` expired, and `why` says what was missing.

    `at`: per watched resource the resourceVersion of a LIST made after the phase was reached (empty where not reached or no
    `expect`): what `expect` claims is judged on the states at exactly these.
    """

    name: str
    reached: bool
    why: str = ""
    at: dict[str, str] = {}
