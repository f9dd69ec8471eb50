"""What differs between releases of the StatefulSet controller, as promised, without the known bugs of single releases.

Read off pkg/controller/statefulset/stateful_set_control.go of 1.26.15, 1.27.16, 1.28.15, 1.33.13, 1.36.3 and 1.37.2, and the
defaults of pkg/features/kube_features.go.
"""

from msgspec import Struct

from chaos.checkers.known_bugs import release


class Rules(Struct, frozen=True, gc=False):
    """What a release does.

    `completes_any_type`: OnDelete and Recreate complete, too. `reads_own_writes`: a sync starts only on caches that hold the
    controller's own earlier writes. `has_budget`: maxUnavailable counts. `unavailable_first`: of a Parallel set, pods that are
    down are updated without a budget. `condemns_unavailable`: the first of the condemned pods that are down is the first that
    is not available, not the first that is not Ready. `replaces_at_once`: a pod that ended may be deleted and created in one
    sync. `counts_failed`: an update delete that failed may be counted as made. `recreates`: the strategy Recreate is known.
    """

    completes_any_type: bool
    reads_own_writes: bool
    has_budget: bool
    unavailable_first: bool
    condemns_unavailable: bool
    replaces_at_once: bool
    counts_failed: bool
    recreates: bool


def rules(version: str, gates: dict[str, bool]) -> Rules:
    """The rules of a controller version such as 1.37.2; `gates` overrides that version's defaults."""
    at = release(version)
    budget = at >= (1, 37) or (1, 35) <= at < (1, 35, 4)
    return Rules(
        completes_any_type=at >= (1, 37),
        reads_own_writes=gates.get("StaleControllerConsistencyStatefulSet", at >= (1, 36)),
        has_budget=gates.get("MaxUnavailableStatefulSet", budget),
        unavailable_first=at >= (1, 37),
        condemns_unavailable=at >= (1, 34),
        replaces_at_once=at < (1, 31),
        counts_failed=at < (1, 27),
        recreates=gates.get("StatefulSetRecreateStrategy", False) and at >= (1, 37),
    )


def beyond(version: str) -> str:
    """Why no rules here fit this controller version; empty if some do."""
    at = release(version)
    if at < (1, 26, 7) or (1, 27) <= at < (1, 27, 4):
        return f"the status of controller {version} counts pods in the middle of a sync: not judged"
    return ""
