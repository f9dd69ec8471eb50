"""Questions about oneself: who one is, whether one may do something, what one may do. There are no roles: everybody may do everything.

Facts: k8s.io/kubernetes 1.37.2 pkg/registry/authentication/selfsubjectreview, pkg/registry/authorization; the rules are those that
a real 1.37.2 gives a member of system:masters.
"""

import datetime

from chaos.embedded.api.errors import Cause, invalid
from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json

GROUPS = ["system:masters", "system:authenticated"]

_HEALTH = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
_DISCOVERY = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
]


def answered(kind: Resource, body: Json, user: str, now: datetime.datetime) -> Json:
    """A review with its answer.

    Raises:
        ApiError: 422, it is not said what is asked about.
    """
    match kind.kind:
        case "SelfSubjectReview":
            meta = {"creationTimestamp": timestamp(now)}
            return {**body, "metadata": meta, "status": {"userInfo": {"username": user, "groups": GROUPS}}}
        case "SelfSubjectRulesReview":
            return {**body, "spec": {}, "status": _rules()}
    _check(kind, body.get("spec"))
    return {**body, "status": {"allowed": True}}


def _check(kind: Resource, spec: object) -> None:
    told = [
        each for each in ("resourceAttributes", "nonResourceAttributes") if isinstance(spec, dict) and spec.get(each)
    ]
    if len(told) != 1:
        why = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(kind, "", [Cause("spec", "FieldValueInvalid", why)])


def _rules() -> Json:
    own: dict[str, list[str]] = {}
    for each in RESOURCES.values():
        if not each.stored:
            own.setdefault(each.group, []).append(each.name)
    of_groups = [{"verbs": ["create"], "apiGroups": [group], "resources": names} for group, names in own.items()]
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    paths = ((["get"], _HEALTH), (["get"], _DISCOVERY), (["*"], ["*"]))
    return {
        "resourceRules": [*of_groups, everything],
        "nonResourceRules": [{"verbs": verbs, "nonResourceURLs": urls} for verbs, urls in paths],
        "incomplete": False,
    }
