"""Waiting for pods of the run's own, and the one line that says what keeps one from becoming Ready."""

from pathlib import Path

import anyio
import pytest

from chaos.cluster.port import Json, Refused
from chaos.cluster.reflector import Reflector
from chaos.observers.pods import PodTrouble, create_pod, hopeless, wait_ready
from chaos.observers.probes import make_pods, pod_manifest
from tests.cluster.recording import recording
from tests.cluster.scripted import Scripted, Watch, event, listing, thing

READY = {"conditions": [{"type": "Ready", "status": "True"}]}


def waiting(reason: str) -> Json:
    return {"containerStatuses": [{"image": "b:1", "state": {"waiting": {"reason": reason, "message": "not found"}}}]}


async def outcome(folder: Path, *statuses: Json, within_s: float = 2.0) -> str:
    """What comes of waiting for pod p while it goes through these statuses."""
    states = [thing("p", 6 + step, status=status) for step, status in enumerate(statuses)]
    events = [event("MODIFIED" if step else "ADDED", state) for step, state in enumerate(states)]
    cluster = Scripted([listing(5)], [Watch(*events, stays=True)])
    with recording(folder) as record:
        reflector = Reflector(cluster, record.history, None, "pods", "ns")
        async with anyio.create_task_group() as group:
            await group.start(reflector.run)
            try:
                await wait_ready(reflector, ["p"], within_s)
            except PodTrouble as error:
                return str(error)
            finally:
                group.cancel_scope.cancel()
    return "ready"


async def test_a_pod_that_becomes_ready(tmp_path: Path) -> None:
    assert await outcome(tmp_path, {"phase": "Pending"}, waiting("ContainerCreating"), READY) == "ready"


async def test_an_image_that_cannot_be_pulled_is_told_at_once(tmp_path: Path) -> None:
    assert await outcome(tmp_path, waiting("ContainerCreating"), waiting("ErrImagePull")) == (
        "pod p cannot start: ErrImagePull of image b:1: not found"
    )


async def test_a_pod_that_is_late_is_told_with_what_holds_it(tmp_path: Path) -> None:
    unscheduled = {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]}

    assert (
        await outcome(tmp_path, unscheduled, within_s=0.02)
        == "pod p is not Ready after 0.02 s: 0/1 nodes are available"
    )


async def test_a_pod_that_is_not_there(tmp_path: Path) -> None:
    assert await outcome(tmp_path, within_s=0.02) == "pod p is not Ready after 0.02 s: it does not exist"


def test_a_pod_that_ended_will_not_become_ready() -> None:
    assert hopeless({"status": {"phase": "Failed", "reason": "Evicted"}}) == "Failed: Evicted"
    assert hopeless({"status": {"phase": "Running"}}) == ""


async def test_a_pod_is_created_once_its_namespace_has_a_service_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos.observers.pods.ACCOUNT_RETRY_S", 0.001)
    cluster = Scripted()
    cluster.creates.append(Refused(403, "Forbidden", 'serviceaccount "default" not found'))

    assert await create_pod(cluster, "ns", pod_manifest("p", "r")) == pod_manifest("p", "r")
    assert len(cluster.calls) == 2


async def test_another_refusal_of_a_pod_is_raised(tmp_path: Path) -> None:
    cluster = Scripted([listing(5)])
    cluster.creates.append(Refused(403, "Forbidden", "exceeded quota"))

    with recording(tmp_path) as record:
        reflector = Reflector(cluster, record.history, None, "pods", "ns")
        with pytest.raises(Refused, match="exceeded quota"):
            await make_pods(cluster, reflector, "ns", [pod_manifest("p", "r")])
