"""Names, labels and claims: single objects, and what users may do to them (S1, S2, S5, S53, S59)."""

import pytest

from tests.checkers.scenes.identity import reborn, with_claims
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.ownership import disowned
from tests.checkers.verdicts import breaches, ended, judged
from tests.checkers.world import CLAIM, World


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("statefulset.kubernetes.io/pod-name", "web-1"),
        ("statefulset.kubernetes.io/pod-name", None),
        ("apps.kubernetes.io/pod-index", "1"),
        ("controller-revision-hash", ""),
    ],
)
def test_a_new_pod_has_its_own_labels(label: str, value: str | None) -> None:
    world = World()
    world.create_set(1)
    world.revision("a")
    world.create_pod(0, "a", labels={label: value})

    assert breaches(world)["identity.pod"][0].startswith(f"pod web-0 at resourceVersion 103: label {label} is ")


def test_the_index_label_is_missing_before_1_28() -> None:
    world = World()
    world.create_set(1)
    world.revision("a")
    world.create_pod(0, "a", labels={"apps.kubernetes.io/pod-index": None})

    assert breaches(world) == {}


def test_a_new_pod_has_the_sets_service_as_its_subdomain() -> None:
    world = World()
    world.create_set(1)
    world.revision("a")
    world.create_pod(0, "a", subdomain="other")

    assert breaches(world) == {
        "identity.pod": ["pod web-0 at resourceVersion 103: spec.subdomain is 'other', expected 'nginx'"]
    }


def test_labels_that_a_user_edits_are_no_breach() -> None:
    world = settled(1)
    world.change("pods", "web-0", {"metadata": {"labels": {"statefulset.kubernetes.io/pod-name": "mine"}}})

    assert breaches(world) == {}


def test_a_pod_that_the_set_adopts_keeps_what_it_has() -> None:
    world = settled(1)
    disowned(world, 0)
    world.change("pods", "web-0", {"metadata": {"labels": {"apps.kubernetes.io/pod-index": "7"}}})
    world.adopt(0)

    assert breaches(world) == {}


def test_a_pod_of_another_set_is_not_judged() -> None:
    world = settled(1)
    meta = {"name": "other-0", "ownerReferences": [{"uid": "other", "controller": True}]}
    world.add("pods", {"metadata": meta, "spec": {"hostname": "x"}, "status": {"phase": "Pending"}})

    assert breaches(world) == {}


def test_a_name_may_be_taken_again_in_the_same_instant() -> None:
    world = settled(2)
    world.step_s = 0.0
    reborn(world, 1)

    assert judged(ended(world), "identity.succession").verdict == "held"


def test_a_claim_that_changes_its_volume_is_a_breach() -> None:
    world = with_claims(1)
    name = f"{CLAIM}-web-0"
    world.change("persistentvolumeclaims", name, {"spec": {"volumeName": "pv-1"}})
    world.change("persistentvolumeclaims", name, {"spec": {"volumeName": "pv-2"}})

    assert breaches(world) == {
        "identity.claim": [
            f"claim {name} is bound to volume pv-2 from resourceVersion {world.rv} on, expected pv-1 as ever"
        ]
    }


def test_a_pod_without_its_claim_is_a_breach() -> None:
    world = with_claims(1)
    world.kill(0)
    world.gone(0)
    world.create_pod(0, "a", volumes=[])

    assert breaches(world) == {
        "identity.claim": [
            f"pod web-0 at resourceVersion {world.rv} mounts claim none as {CLAIM}, expected {CLAIM}-web-0"
        ]
    }


def test_the_first_life_of_a_pod_does_not_exercise_its_claim() -> None:
    assert judged(ended(with_claims(2)), "identity.claim").exercised == 0
