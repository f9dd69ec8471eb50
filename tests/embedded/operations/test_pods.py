"""Each operation on pods does on the embedded cluster what its name says."""

from pathlib import Path

from tests.embedded.operations.running import perform


def test_a_budget_refuses_evictions_until_it_is_gone(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: budget, do: [{create-budget: {max-unavailable: 0}}], for: 2s, until: nothing}
  - {name: refused, do: [{evict-pods: {pick: [0]}}], until: settled}
  - {name: evicted, do: [delete-budget, {evict-pods: {pick: [1], grace: 0s}}], for: 1s, until: settled}
""",
    )

    assert ran.trouble == ""
    assert ran.outcomes("evict-pods") == ["fail", "ok"]
    assert (ran.outcomes("create-budget"), ran.outcomes("delete-budget")) == (["ok"], ["ok"])
    assert (ran.created("web-0"), ran.created("web-1")) == (1, 2)
    assert ran.violated() == []


def test_a_container_that_crashes_is_started_again(tmp_path: Path) -> None:
    ran = perform(
        tmp_path, "  - {name: crash, for: 4s, tasks: [{crash-container: {pick: [0]}, every: 3s}], until: settled}\n"
    )

    restarts = [
        each["restartCount"]
        for state in ran.states("pods", "web-0")
        for each in state.get("status", {}).get("containerStatuses", ())
    ]
    assert ran.trouble == ""
    assert max(restarts) >= 1
    assert ran.created("web-0") == 1
    assert ran.violated() == []


def test_pods_are_made_unready_and_ready_again(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: unready, do: [{make-unready: {pick: [0]}}], for: 4s, until: nothing}
  - {name: ready, do: [{make-ready: {pick: each}}], until: settled}
""",
        "readiness: file",
    )

    ready = [
        condition["status"]
        for state in ran.states("pods", "web-0")
        for condition in state.get("status", {}).get("conditions", ())
        if condition["type"] == "Ready"
    ]
    changes = [status for status, before in zip(ready, ["", *ready], strict=False) if status != before]
    assert ran.trouble == ""
    assert changes == ["False", "True", "False", "True"]
    assert (ran.outcomes("make-unready"), ran.outcomes("make-ready")) == (["ok"], ["ok"])
    assert ran.created("web-0") == 1
    assert ran.violated() == []


def test_a_claim_that_is_deleted_under_a_pod_goes_with_it(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        "  - {name: claims, do: [{delete-claims: {pick: [1]}}, {delete-pods: {pick: [1]}}], until: settled}\n",
    )

    claims = {state["metadata"]["uid"] for state in ran.states("persistentvolumeclaims", "www-web-1")}
    assert ran.trouble == ""
    assert len(claims) == 2
    assert ran.violated() == []


def test_a_pod_leaves_the_selector_and_comes_back(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: out, do: [{relabel-pods: {pick: [1], direction: out}}], for: 3s, until: nothing}
  - {name: in, do: [{relabel-pods: {pick: each, direction: in}}], for: 1s, until: settled}
""",
    )

    owned = [bool(state["metadata"].get("ownerReferences")) for state in ran.states("pods", "web-1")]
    changes = [is_owned for is_owned, before in zip(owned, [None, *owned], strict=False) if is_owned != before]
    assert ran.trouble == ""
    assert changes == [True, False, True]
    assert ran.created("web-1") == 1
    assert ran.violated() == []


def test_a_stolen_name_is_given_back_by_the_controller(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: steal, do: [{steal-name: {pick: [0]}}], for: 3s, until: settled}\n")

    label = "statefulset.kubernetes.io/pod-name"
    labels = [state["metadata"]["labels"][label] for state in ran.states("pods", "web-0")]
    changes = [value for value, before in zip(labels, ["", *labels], strict=False) if value != before]
    assert changes == ["web-0", "web-1", "web-0"]
    assert ran.violated() == []


def test_an_orphan_is_adopted_again(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: orphan, do: [{orphan-pods: {pick: [0]}}], for: 3s, until: settled}\n")

    owned = [bool(state["metadata"].get("ownerReferences")) for state in ran.states("pods", "web-0")]
    assert ran.trouble == ""
    assert False in owned
    assert owned[-1]
    assert ran.created("web-0") == 1
    assert ran.violated() == []


def test_a_held_pod_stays_until_it_is_released(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: hold, do: [{hold-pods: {pick: [1]}}, {delete-pods: {pick: [1], grace: 0s}}], for: 8s, until: nothing}
  - {name: release, do: [{release-pods: {pick: each}}], for: 1s, until: settled}
""",
    )

    held = [state for state in ran.states("pods", "web-1") if "deletionTimestamp" in state["metadata"]]
    assert ran.trouble == ""
    assert held[0]["metadata"]["finalizers"] == ["chaos-sts/hold"]
    assert ran.created("web-1") == 2
    assert ran.violated() == []


def test_a_pod_whose_deadline_passes_fails_and_is_replaced(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: fail, do: [{fail-pods: {pick: [0]}}], for: 1s, until: settled}\n")

    ended = [state["status"] for state in ran.states("pods", "web-0") if state["status"]["phase"] == "Failed"]
    assert ran.trouble == ""
    assert {status["reason"] for status in ended} == {"DeadlineExceeded"}
    assert (ran.created("web-0"), ran.created("web-1")) == (2, 1)
    assert ran.outcomes("fail-pods") == ["ok"]
    assert ran.violated() == []


def test_no_pod_comes_before_its_held_claim_is_gone(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: hold, do: [{hold-claims: {pick: [1]}}, {delete-claims: {pick: [1]}}, {delete-pods: {pick: [1]}}], for: 4s}
  - {name: nothing-yet, for: 1s, until: nothing, expect: [{created: none}]}
  - {name: release, do: [{release-claims: {pick: each}}], for: 1s, until: settled, expect: [{created: [1]}]}
""",
    )

    claims = {state["metadata"]["uid"] for state in ran.states("persistentvolumeclaims", "www-web-1")}
    assert ran.trouble == ""
    assert (ran.outcomes("hold-claims"), ran.outcomes("release-claims")) == (["ok"], ["ok"])
    assert len(claims) == 2
    assert ran.violated() == []


def test_what_is_still_held_at_the_end_does_not_keep_the_namespace(tmp_path: Path) -> None:
    ran = perform(
        tmp_path, "  - {name: hold, do: [{hold-pods: {pick: each}}, {hold-claims: {pick: each}}], until: nothing}\n"
    )

    assert ran.said[-1].endswith("and everything in it was removed")
