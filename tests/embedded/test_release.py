"""The release that is played: what it is called, its gates, and what of it shows."""

import anyio
import pytest

from chaos.embedded.interface import Json
from chaos.embedded.release import NEWEST, Release, UnknownRelease, release
from tests.embedded.living import Living, live
from tests.embedded.server import NS, USER, statefulset


@pytest.mark.parametrize(
    ("name", "version"), [("1.34", "1.34.9"), ("1.36", "1.36.3"), ("1.36.1", "1.36.1"), ("1.37", "1.37.2")]
)
def test_a_minor_release_stands_for_its_newest_patch(name: str, version: str) -> None:
    assert release(name) == Release(version)


@pytest.mark.parametrize("name", ["1.28", "1.38", "1.37.x", "latest", "1.37.2.1", ""])
def test_what_cannot_be_played_is_said_with_what_can(name: str) -> None:
    with pytest.raises(UnknownRelease, match=r"plays 1\.34, 1\.35, 1\.36, 1\.37"):
        release(name)


@pytest.mark.parametrize(
    ("version", "on"),
    [
        ("1.34.9", ["StatefulSetSemanticRevisionComparison"]),
        ("1.35.0", ["MaxUnavailableStatefulSet", "StatefulSetSemanticRevisionComparison"]),
        ("1.35.6", ["StatefulSetSemanticRevisionComparison"]),
        ("1.36.3", ["StaleControllerConsistencyStatefulSet", "StatefulSetSemanticRevisionComparison"]),
        (
            "1.37.2",
            [
                "MaxUnavailableStatefulSet",
                "StaleControllerConsistencyStatefulSet",
                "StatefulSetSemanticRevisionComparison",
            ],
        ),
    ],
)
def test_each_release_has_its_gates(version: str, on: list[str]) -> None:
    assert sorted(name for name, gate in Release(version).gates.items() if gate.is_on) == on


def test_a_gate_can_be_chosen_where_the_release_has_it() -> None:
    chosen = {"MaxUnavailableStatefulSet": False, "StaleControllerConsistencyStatefulSet": True}

    assert not Release("1.37.2", chosen).has("MaxUnavailableStatefulSet")
    assert not Release("1.34.9", chosen).has("StaleControllerConsistencyStatefulSet")


@pytest.mark.parametrize(("version", "completes", "counts"), [("1.36", False, False), ("1.37", True, True)])
def test_a_cluster_follows_its_release(version: str, completes: bool, counts: bool) -> None:
    async def scenario(living: Living) -> tuple[Json, Json, str]:
        body = statefulset(replicas=1, updateStrategy={"rollingUpdate": {"maxUnavailable": 2}})
        stored = living.create("statefulsets", body)["spec"]["updateStrategy"]
        on_delete = {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}
        await living.until_ready("web-0")
        template = {"metadata": {"annotations": {"a": "b"}}}
        patch = {"spec": {**on_delete, "template": template}}
        living.api.patch("statefulsets", NS, "web", patch, "merge", user=USER)
        await living.until(lambda: not _status(living).get("updatedReplicas"))
        living.api.delete("pods", NS, "web-0", user=USER)
        await living.until(lambda: _status(living).get("updatedReplicas") == 1)
        await living.until_ready("web-0")
        await anyio.sleep(1)
        node = living.api.get("nodes", "", "node-1")["status"]["nodeInfo"]["kubeletVersion"]
        return stored["rollingUpdate"], _status(living), node

    rolling, status, kubelet = live(scenario, release=release(version))

    assert kubelet == f"v{NEWEST[version]}"
    assert rolling.get("maxUnavailable") == (2 if counts else None)
    assert (status["currentRevision"] == status["updateRevision"]) is completes


def _status(living: Living) -> Json:
    status: Json = living.api.get("statefulsets", NS, "web")["status"]
    return status
