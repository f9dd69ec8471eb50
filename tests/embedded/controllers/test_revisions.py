"""Revisions of a set, and who owns its claims."""

import pytest

from chaos.embedded.controllers.statefulset import retention, revisions
from chaos.embedded.interface import Json
from tests.embedded.controllers.sets import TEMPLATES, a_pod, a_set


def revision(name: str, number: int) -> Json:
    made = revisions.wanted({**a_set(), "spec": {**a_set()["spec"], "template": TEMPLATES[name]}}, [], 0).create
    assert made is not None
    meta = {**made["metadata"], "name": name, "creationTimestamp": "2026-01-01T00:00:00Z"}
    return {**made, "metadata": meta, "revision": number}


def test_a_new_template_is_a_new_revision() -> None:
    wanted = revisions.wanted(a_set(), [revision("a", 3)], 0)

    assert wanted.create is not None
    assert wanted.create["revision"] == 4
    assert revisions.template_of(wanted.create) == TEMPLATES["b"]
    assert wanted.create["metadata"]["name"].startswith("web-")
    assert wanted.create["metadata"]["ownerReferences"][0]["uid"] == "s"


def test_the_newest_revision_is_found_again() -> None:
    newest = revision("b", 2)

    assert revisions.wanted(a_set(), [revision("a", 1), newest], 0).found is newest


def test_a_rollback_makes_an_old_revision_the_newest() -> None:
    wanted = revisions.wanted(a_set(), [revision("b", 1), revision("a", 2)], 0)

    assert wanted.renumber is not None
    assert (wanted.renumber["metadata"]["name"], wanted.renumber["revision"]) == ("b", 3)


def test_a_name_that_is_taken_gives_another() -> None:
    names = [revisions.wanted(a_set(), [], collisions).create for collisions in (0, 1)]

    assert names[0] is not None
    assert names[1] is not None
    assert names[0]["metadata"]["name"] != names[1]["metadata"]["name"]


@pytest.mark.parametrize(("limit", "gone"), [(10, []), (1, ["a"]), (0, ["a", "c"]), (-1, [])])
def test_the_history_is_cut_from_its_old_end(limit: int, gone: list[str]) -> None:
    known = [{"metadata": {"name": name}} for name in "abcd"]

    found = revisions.surplus(a_set(revisionHistoryLimit=limit), known, ["b", "d"])

    assert [each["metadata"]["name"] for each in found] == gone


def claim(*owners: Json) -> Json:
    return {"metadata": {"name": "www-web-1", "ownerReferences": list(owners)}}


def owner(kind: str, name: str, uid: str) -> Json:
    api = "apps/v1" if kind == "StatefulSet" else "v1"
    return {
        "apiVersion": api,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


SET, POD = owner("StatefulSet", "web", "s"), owner("Pod", "web-1", "u1")


@pytest.mark.parametrize(
    ("deleted", "scaled", "replicas", "owners"),
    [
        ("Retain", "Retain", 3, []),
        ("Delete", "Retain", 3, [SET]),
        ("Delete", "Retain", 1, [SET]),
        ("Retain", "Delete", 3, []),
        ("Retain", "Delete", 1, [POD]),
        ("Delete", "Delete", 3, [SET]),
        ("Delete", "Delete", 1, [POD]),
    ],
)
def test_the_retention_policy_says_who_owns_a_claim(
    deleted: str, scaled: str, replicas: int, owners: list[Json]
) -> None:
    statefulset = a_set(replicas, persistentVolumeClaimRetentionPolicy={"whenDeleted": deleted, "whenScaled": scaled})

    for present in ([], [SET], [POD]):
        wanted = retention.owners(statefulset, a_pod(1), claim(*present))
        assert (present if wanted is None else wanted) == owners


def test_the_claim_of_an_earlier_life_is_left_alone() -> None:
    statefulset = a_set(3, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Delete"})
    earlier = claim(owner("Pod", "web-1", "u0"))

    assert retention.owners(statefulset, a_pod(1), earlier) is None
    assert retention.is_stale(statefulset, a_pod(1), earlier)
    assert not retention.is_stale(statefulset, a_pod(1), claim(POD))
