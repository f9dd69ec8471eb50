"""The target is the classic one: a headless Service and nginx pods with a page each."""

from typing import Any

from chaos.cluster.marks import RUN
from chaos.profile import Target
from chaos.runner import manifests


def target(**changes: Any) -> Target:
    plain = {"statefulset": "web", "service": "nginx", "replicas": 2, "images": ["nginx:1.7.9", "nginx:1.9.1"]}
    return Target.model_validate({**plain, **changes})


def test_the_service_is_headless_and_selects_the_pods() -> None:
    service = manifests.service(target(), "r1")

    assert service["spec"] == {
        "clusterIP": "None",
        "selector": {"app": "nginx"},
        "ports": [{"name": "web", "port": 80}],
    }


def test_the_set_has_the_lessons_shape() -> None:
    spec = manifests.statefulset(target(), "r1")["spec"]

    container = spec["template"]["spec"]["containers"][0]
    assert (spec["replicas"], spec["serviceName"]) == (2, "nginx")
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert (container["name"], container["image"]) == ("nginx", "nginx:1.7.9")
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert container["ports"] == [{"name": "web", "containerPort": 80}]
    assert container["volumeMounts"] == [{"name": "www", "mountPath": "/usr/share/nginx/html"}]
    claim = spec["volumeClaimTemplates"][0]
    assert (claim["metadata"]["name"], claim["spec"]["resources"]["requests"]["storage"]) == ("www", "10Mi")


def test_everything_carries_the_run() -> None:
    service, statefulset = manifests.service(target(), "r1"), manifests.statefulset(target(), "r1")

    labels = [each["metadata"]["labels"] for each in (service, statefulset, statefulset["spec"]["template"])]
    assert labels == [{"app": "nginx", RUN: "r1"}] * 3


def test_a_set_of_type_ondelete_has_no_partition() -> None:
    assert manifests.statefulset(target(strategy="OnDelete"), "r1")["spec"]["updateStrategy"] == {"type": "OnDelete"}


def test_a_slow_stop_is_a_command_that_every_version_of_the_controller_knows() -> None:
    spec = manifests.statefulset(target(**{"termination-delay": "3s"}), "r1")["spec"]["template"]["spec"]

    assert spec["containers"][0]["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "3"]}}}
    assert spec["terminationGracePeriodSeconds"] > 3


def test_what_a_profile_leaves_open_is_left_to_the_server() -> None:
    assert sorted(manifests.statefulset(target(), "r1")["spec"]) == [
        "replicas",
        "selector",
        "serviceName",
        "template",
        "updateStrategy",
        "volumeClaimTemplates",
    ]


def test_what_a_profile_says_of_the_set_is_in_its_spec() -> None:
    spec = manifests.statefulset(
        target(
            **{
                "policy": "Parallel",
                "max-unavailable": "50%",
                "min-ready-seconds": 5,
                "start-ordinal": 3,
                "history-limit": 0,
                "retention": {"when-scaled": "Delete"},
            }
        ),
        "r1",
    )["spec"]

    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["updateStrategy"]["rollingUpdate"] == {"partition": 0, "maxUnavailable": "50%"}
    assert (spec["minReadySeconds"], spec["ordinals"], spec["revisionHistoryLimit"]) == (5, {"start": 3}, 0)
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenScaled": "Delete", "whenDeleted": "Retain"}


def test_a_set_may_be_made_with_another_policy_than_the_profiles() -> None:
    ordered, parallel = (
        manifests.statefulset(target(), "r1", policy)["spec"] for policy in ("OrderedReady", "Parallel")
    )

    assert ("podManagementPolicy" in ordered, parallel["podManagementPolicy"]) == (False, "Parallel")
    swapped = manifests.statefulset(target(policy="Parallel"), "r1", "OrderedReady")["spec"]
    assert "podManagementPolicy" not in swapped


def test_a_type_may_come_without_the_stanza() -> None:
    spec = manifests.statefulset(target(**{"rolling-update": "absent"}), "r1")["spec"]

    assert spec["updateStrategy"] == {"type": "RollingUpdate"}


def test_a_file_may_decide_who_is_ready() -> None:
    container = manifests.statefulset(target(readiness="file"), "r1")["spec"]["template"]["spec"]["containers"][0]

    assert container["readinessProbe"]["exec"]["command"] == ["test", "!", "-e", manifests.TURN_UNREADY[-1]]
    assert manifests.TURN_READY[-1] == manifests.TURN_UNREADY[-1]
