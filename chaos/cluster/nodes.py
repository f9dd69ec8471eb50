"""What a run does to nodes, and the way back: patches that change nothing but what the run itself put there.

What is the run's on a node carries its id: an annotation beside `unschedulable`, the value of a taint. So a node that somebody
else cordoned is never uncordoned, and a taint of somebody else stays.
"""

from chaos.cluster.port import Cluster, Json, Refused

TRIES = 5

CORDONED = "chaos-sts/cordoned"
"""Annotation of a node that a run made unschedulable: the run's id."""

TAINT = "chaos-sts/taint"
"""Key of a run's taint, whose value is the run's id. Probe pods tolerate it."""


def cordoned(node: Json, run: str) -> Json:
    """The merge patch that makes a node unschedulable."""
    return _change(node, {"annotations": {CORDONED: run}}, {"unschedulable": True})


def uncordoned(node: Json, run: str) -> Json | None:
    """The merge patch that makes a node schedulable again; None if this run did not cordon it."""
    if (node["metadata"].get("annotations") or {}).get(CORDONED) != run:
        return None
    return _change(node, {"annotations": {CORDONED: None}}, {"unschedulable": None})


def tainted(node: Json, run: str, effect: str) -> Json:
    """The merge patch that taints a node."""
    return _change(node, {}, {"taints": [*_taints(node), {"key": TAINT, "value": run, "effect": effect}]})


def untainted(node: Json, run: str) -> Json | None:
    """The merge patch that takes the run's taints from a node; None if it has none."""
    others = [taint for taint in _taints(node) if (taint["key"], taint.get("value")) != (TAINT, run)]
    if len(others) == len(_taints(node)):
        return None
    return _change(node, {}, {"taints": others or None})


async def restore(cluster: Cluster, name: str, run: str) -> bool:
    """Take back everything that a run did to a node; whether there was anything.

    Raises:
        ClusterError: the cluster refused, or could not be reached.
    """
    is_changed = False
    for back in (uncordoned, untainted):
        for left in reversed(range(TRIES)):
            try:
                node = await cluster.get("nodes", "", name)
                change = back(node, run)
                if change is None:
                    break
                await cluster.patch("nodes", "", name, change)
            except Refused as error:
                if error.status == 404:
                    return is_changed
                # Somebody else changed the node since it was read.
                if error.status != 409 or not left:
                    raise
            else:
                is_changed = True
    return is_changed


def _change(node: Json, metadata: Json, spec: Json) -> Json:
    meta = node["metadata"]
    # A list is replaced as a whole: the version says that nobody has changed it since it was read.
    version = {"resourceVersion": meta["resourceVersion"]} if "taints" in spec else {}
    return {"metadata": {"uid": meta["uid"], **version, **metadata}, "spec": spec}


def _taints(node: Json) -> list[Json]:
    return list(node["spec"].get("taints") or ())
