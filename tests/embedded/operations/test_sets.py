"""Each operation on the set does on the embedded cluster what its name says."""

from pathlib import Path

from tests.embedded.operations.running import perform


def test_each_field_of_the_spec_is_set(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - name: all
    do:
      - {scale: {choose: [3], by: spec}}
      - {set-partition: 1}
      - {set-max-unavailable: 50%}
      - {set-min-ready-seconds: 2}
      - {set-retention: {when-scaled: Delete}}
      - {set-history-limit: 3}
    until: settled
""",
    )

    spec = ran.states("statefulsets", "web")[-1]["spec"]
    assert ran.trouble == ""
    assert ran.report.operations == {"ok": 8, "fail": 0, "unknown": 0}
    assert spec["replicas"] == 3
    assert spec["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"partition": 1, "maxUnavailable": "50%"},
    }
    assert spec["minReadySeconds"] == 2
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Delete"}
    assert spec["revisionHistoryLimit"] == 3
    assert ran.violated() == []


def test_another_start_ordinal_brings_other_pods(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: start, do: [{set-start-ordinal: 1}], until: settled}\n")

    assert ran.trouble == ""
    assert (ran.created("web-0"), ran.created("web-1"), ran.created("web-2")) == (1, 1, 1)
    assert ran.violated() == []


def test_a_target_is_made_as_the_profile_says(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        "  - {name: look, until: settled}\n",
        "policy: Parallel, min-ready-seconds: 1, max-unavailable: 2, start-ordinal: 3, history-limit: 2, readiness: file, "
        "retention: {when-deleted: Delete}",
    )

    spec = ran.states("statefulsets", "web")[-1]["spec"]
    assert ran.trouble == ""
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["updateStrategy"]["rollingUpdate"] == {"partition": 0, "maxUnavailable": 2}
    assert (spec["minReadySeconds"], spec["ordinals"], spec["revisionHistoryLimit"]) == (1, {"start": 3}, 2)
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Retain"}
    assert spec["template"]["spec"]["containers"][0]["readinessProbe"]["exec"]["command"][0] == "test"
    assert (ran.created("web-3"), ran.created("web-4")) == (1, 1)
    assert ran.violated() == []


def test_a_set_may_have_the_type_without_the_stanza(tmp_path: Path) -> None:
    ran = perform(
        tmp_path, "  - {name: roll, do: [{change-template: env}], until: settled}\n", "rolling-update: absent"
    )

    assert ran.trouble == ""
    assert ran.states("statefulsets", "web")[-1]["spec"]["updateStrategy"] == {"type": "RollingUpdate"}
    assert (ran.created("web-0"), ran.created("web-1")) == (2, 2)
    assert ran.violated() == []


def test_a_broken_template_stops_the_rollout_and_a_rollback_alone_does_not_mend_it(tmp_path: Path) -> None:
    """Under OrderedReady a pod that is not Ready stops everything; whoever rolls back must delete it by hand.

    And not before the controller has seen the new template: it might make the pod again from the broken one.
    """
    ran = perform(
        tmp_path,
        """\
  - {name: broken-image, do: [{change-template: broken-image}], for: 8s, until: observed}
  - {name: sound, do: [{change-template: sound}], until: observed}
  - {name: by-hand, do: [{delete-pods: {pick: [1], grace: 0s}}], until: settled}
  - {name: broken-readiness, do: [{change-template: broken-readiness}], for: 8s, until: observed}
  - {name: back, do: [{rollback: previous}], until: observed}
  - {name: by-hand-again, do: [{delete-pods: {pick: [1], grace: 0s}}], until: settled}
""",
    )

    images = {state["spec"]["containers"][0]["image"] for state in ran.states("pods", "web-1")}
    assert ran.trouble == ""
    assert len(images) == 2
    assert any("invalid.example" in image for image in images)
    assert ran.created("web-0") == 1
    assert "readinessProbe" not in ran.states("pods", "web-1")[-1]["spec"]["containers"][0]
    assert ran.violated() == []


def test_a_rollback_names_its_revision(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: one, do: [{set-image: nginx:1.26}], until: settled}
  - {name: two, do: [{rollback: 1}, {rollback: 9}], until: settled}
""",
    )

    assert ran.outcomes("rollback") == ["ok", "skipped"]
    assert ran.why_skipped() == ["there is no older revision 9"]
    assert ran.states("statefulsets", "web")[-1]["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27"


def test_of_several_writers_from_one_version_one_is_accepted(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        "  - {name: race, do: [{conflicting-writers: {writers: 3, replicas: {choose: [1, 3]}}}], until: settled}\n",
    )

    assert sorted(ran.outcomes("conflicting-writers")) == ["fail", "fail", "ok"]
    assert ran.violated() == []


def test_recreate_is_refused_where_its_gate_is_off(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: recreate, do: [{set-strategy: Recreate}], until: settled}\n")

    assert ran.outcomes("set-strategy") == ["fail"]


def test_a_mix_does_one_thing_at_a_time(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - name: mixed
    for: 20s
    tasks:
      - {mix: [{weight: 2, scale: {choose: [1, 3]}}, {delete-pods: {pick: random}}], every: 2s}
    until: settled
""",
    )

    scaled, deleted = ran.outcomes("scale"), ran.outcomes("delete-pods")
    assert len(scaled) + len(deleted) == 10
    assert "ok" in scaled
    assert "ok" in deleted
