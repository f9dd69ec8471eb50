"""Deletes: grace, finalizers, preconditions, and how many writes each makes."""

import pytest

from chaos.embedded.api import ApiServer
from chaos.embedded.interface import ApiError, Json
from tests.embedded.server import NS, USER, Events, Now, bound, pod, server, statefulset, watched


def running(now: Now | None = None) -> tuple[ApiServer, Events]:
    """A pod on a node, and what happens to it."""
    api = server(now)
    api.create("pods", NS, pod("web-0"), user=USER)
    bound(api, "web-0")
    return api, watched(api, "pods")


def test_a_pod_on_a_node_gets_its_grace() -> None:
    api, events = running()

    answer = api.delete("pods", NS, "web-0", user=USER)

    meta = answer["metadata"]
    assert (meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:30Z", 30)
    assert meta["generation"] == 2
    assert [kind for kind, *_ in events] == ["MODIFIED"]
    assert int(meta["resourceVersion"]) == events[0][2]


def test_a_delete_without_grace_is_two_writes_and_answers_with_the_second() -> None:
    api, events = running()

    answer = api.delete("pods", NS, "web-0", user=USER, grace_s=0)

    assert [kind for kind, *_ in events] == ["MODIFIED", "DELETED"]
    assert int(answer["metadata"]["resourceVersion"]) == events[1][2] == events[0][2] + 1


def test_a_pod_without_a_node_needs_no_grace() -> None:
    api = server()
    api.create("pods", NS, pod("web-0"), user=USER)
    events = watched(api, "pods")

    api.delete("pods", NS, "web-0", user=USER)

    assert [kind for kind, *_ in events] == ["MODIFIED", "DELETED"]


def test_a_grace_can_be_shortened_and_not_extended() -> None:
    now = Now()
    api, events = running(now)
    api.delete("pods", NS, "web-0", user=USER, grace_s=20)
    now.wait(3)

    same = api.delete("pods", NS, "web-0", user=USER, grace_s=25)
    shorter = api.delete("pods", NS, "web-0", user=USER, grace_s=10)

    assert same["metadata"]["deletionGracePeriodSeconds"] == 20
    assert shorter["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:10Z"
    assert len(events) == 2


def test_the_kubelet_ends_a_deletion() -> None:
    api, events = running()
    api.delete("pods", NS, "web-0", user=USER)

    api.delete("pods", NS, "web-0", user="system:node:node-1", grace_s=0)

    assert [kind for kind, *_ in events] == ["MODIFIED", "MODIFIED", "DELETED"]
    assert api.list("pods").items == ()


@pytest.mark.parametrize("wrong", [{"uid": "x"}, {"rv": "1"}])
def test_a_precondition_that_fails_changes_nothing(wrong: dict[str, str]) -> None:
    api, events = running()

    with pytest.raises(ApiError) as caught:
        api.delete("pods", NS, "web-0", user=USER, uid=wrong.get("uid"), rv=wrong.get("rv"))

    assert caught.value.status == 409
    assert events == []


def test_a_finalizer_holds_an_object_until_it_is_removed() -> None:
    api = server()
    api.create("configmaps", NS, {"metadata": {"name": "a", "finalizers": ["x/y"]}}, user=USER)
    events = watched(api, "configmaps")

    held = api.delete("configmaps", NS, "a", user=USER)
    api.delete("configmaps", NS, "a", user=USER)
    api.patch("configmaps", NS, "a", {"metadata": {"finalizers": None}}, "merge", user=USER)

    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    assert [kind for kind, *_ in events] == ["MODIFIED", "DELETED"]


def test_who_removes_the_last_finalizer_sees_his_object_and_watchers_the_one_before() -> None:
    api = server()
    api.create("configmaps", NS, {"metadata": {"name": "a", "finalizers": ["x/y"]}, "data": {"k": "1"}}, user=USER)
    held = api.delete("configmaps", NS, "a", user=USER)
    seen: list[Json] = []
    api.watch("configmaps", lambda kind, item: seen.append(item), since=api.list("configmaps").rv)

    answer = api.patch(
        "configmaps", NS, "a", {"metadata": {"finalizers": None}, "data": {"k": "2"}}, "merge", user=USER
    )

    assert (answer["data"], "finalizers" in answer["metadata"]) == ({"k": "2"}, False)
    assert answer["metadata"]["resourceVersion"] == held["metadata"]["resourceVersion"]
    (last,) = seen
    assert (last["data"], last["metadata"]["finalizers"]) == ({"k": "1"}, ["x/y"])
    assert int(last["metadata"]["resourceVersion"]) == int(held["metadata"]["resourceVersion"]) + 1


def test_a_finalizer_holds_a_pod_past_its_grace() -> None:
    api = server()
    body = pod("web-0")
    body["metadata"]["finalizers"] = ["x/y"]
    api.create("pods", NS, body, user=USER)
    bound(api, "web-0")

    api.delete("pods", NS, "web-0", user=USER, grace_s=0)
    assert api.get("pods", NS, "web-0")["metadata"]["deletionGracePeriodSeconds"] == 0
    api.patch("pods", NS, "web-0", {"metadata": {"finalizers": None}}, "merge", user=USER)

    assert api.list("pods").items == ()


@pytest.mark.parametrize(("propagation", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")])
def test_propagation_is_a_finalizer_for_the_garbage_collector(propagation: object, finalizer: str) -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)

    held = api.delete("statefulsets", NS, "web", user=USER, propagation=propagation)  # type: ignore[arg-type]

    assert held["metadata"]["finalizers"] == [finalizer]
    assert "deletionTimestamp" in held["metadata"]


def test_in_the_background_an_owner_goes_at_once() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)
    api.delete("statefulsets", NS, "web", user=USER, propagation="Background")

    assert api.list("statefulsets").items == ()


def test_a_namespace_waits_until_it_is_released() -> None:
    api = server()
    held = api.delete("namespaces", "", NS, user=USER)
    assert held["status"]["phase"] == "Terminating"

    events = watched(api, "namespaces")
    api.update("namespaces", "", NS, {**held, "spec": {"finalizers": []}}, user=USER, subresource="finalize")

    with pytest.raises(ApiError):
        api.get("namespaces", "", NS)
    assert [kind for kind, *_ in events] == ["DELETED"]


def test_an_eviction_spends_a_disruption() -> None:
    api, _ = running()
    api.patch("pods", NS, "web-0", {"metadata": {"labels": {"app": "web"}}}, "merge", user=USER)
    api.patch("pods", NS, "web-0", {"status": {"phase": "Running"}}, "merge", user=USER, subresource="status")
    budget = {"metadata": {"name": "b"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    api.create("poddisruptionbudgets", NS, budget, user=USER)

    def evict() -> None:
        api.create("pods", NS, {"metadata": {"name": "web-0"}}, user=USER, subresource="eviction", name="web-0")

    with pytest.raises(ApiError) as caught:
        evict()
    assert caught.value.status == 429
    status = {"disruptionsAllowed": 1, "observedGeneration": 1}
    api.patch("poddisruptionbudgets", NS, "b", {"status": status}, "merge", user=USER, subresource="status")
    evict()

    assert api.get("poddisruptionbudgets", NS, "b")["status"]["disruptionsAllowed"] == 0
    gone = api.get("pods", NS, "web-0")
    assert "deletionTimestamp" in gone["metadata"]
    assert gone["status"]["conditions"][-1]["type"] == "DisruptionTarget"
