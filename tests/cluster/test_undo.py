"""An undo removes the namespace that its run made, and nothing else, however often it is asked."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from chaos.cluster import undo
from chaos.cluster.access import Access, AccessError
from chaos.cluster.port import Json, Refused
from tests.runner.fake import Fake

DEED = undo.intend(Access(context="c", kubeconfig="/k"), "", "r1", "chaos-sts-r1")


async def made(cluster: Fake, **labels: str) -> undo.Deed:
    body = undo.namespace(DEED)
    state = await cluster.create("namespaces", "", {**body, "metadata": {**body["metadata"], **labels}})
    return DEED.made(state["metadata"]["uid"])


async def test_the_namespace_of_the_run_is_removed_and_others_stay() -> None:
    cluster = Fake()
    deed = await made(cluster)
    await cluster.create("namespaces", "", {"metadata": {"name": "mine", "labels": {"chaos-sts/run": "r1"}}})

    done = await undo.undo(cluster, deed)

    assert done == ("namespace chaos-sts-r1 and everything in it was removed", True)
    assert cluster.names("namespaces") == ("mine",)


async def test_it_can_be_asked_again() -> None:
    cluster = Fake()
    deed = await made(cluster)

    first, second = await undo.undo(cluster, deed), await undo.undo(cluster, deed)

    assert (first.is_final, second.is_final) == (True, True)
    assert second.text == "namespace chaos-sts-r1 is not there: nothing to undo"


async def test_while_a_create_may_be_on_its_way_nothing_is_final() -> None:
    assert not (await undo.undo(Fake(), DEED)).is_final


async def test_without_a_uid_the_label_is_enough() -> None:
    cluster = Fake()
    await made(cluster)

    assert (await undo.undo(cluster, DEED)).is_final
    assert cluster.objects == {}


@pytest.mark.parametrize("labels", [{"chaos-sts/run": "r2"}, {}, None])
async def test_a_namespace_of_that_name_without_the_runs_label_is_left_alone(labels: Any) -> None:
    cluster = Fake()
    await cluster.create("namespaces", "", {"metadata": {"name": "chaos-sts-r1", "labels": labels}})

    done = await undo.undo(cluster, DEED)

    assert done.text == "namespace chaos-sts-r1 was not made by run r1: left alone"
    assert cluster.names("namespaces") == ("chaos-sts-r1",)


async def test_a_namespace_with_another_uid_is_left_alone() -> None:
    cluster = Fake()
    await made(cluster)

    done = await undo.undo(cluster, DEED.made("another"))

    assert "left alone" in done.text
    assert cluster.names("namespaces") == ("chaos-sts-r1",)


async def test_another_cluster_is_told_from_the_runs() -> None:
    """There the namespace does not exist, and the journal must not be closed for that."""
    cluster = Fake()
    cluster.objects["namespaces", "", "kube-system"] = {"metadata": {"name": "kube-system", "uid": "other"}}
    deed = undo.intend(Access(kubeconfig="/k"), "ours", "r1", "chaos-sts-r1")

    with pytest.raises(AccessError, match="not the cluster of run r1"):
        await undo.undo(cluster, deed)


async def test_it_waits_until_the_namespace_is_gone() -> None:
    class Slow(Fake):
        asked = 0

        async def get(self, resource: str, namespace: str, name: str) -> Json:
            self.asked += 1
            if self.asked == 2:
                return {"metadata": {"name": name, "uid": self.uid}}
            return await super().get(resource, namespace, name)

        uid = ""

    cluster = Slow()
    deed = await made(cluster)
    cluster.uid = deed.uid

    await undo.undo(cluster, deed)

    assert cluster.asked == 3


async def test_a_namespace_that_stays_is_an_error() -> None:
    class Holding(Fake):
        async def delete(self, resource: str, *args: Any, **named: Any) -> Json:
            return {}

    cluster = Holding()
    deed = await made(cluster)

    with pytest.raises(TimeoutError):
        await undo.undo(cluster, deed, within_s=0.01)


async def test_a_refusal_is_passed_on() -> None:
    cluster = Fake()
    deed = await made(cluster)
    cluster.answers["delete namespaces"] = Refused(403, "Forbidden", "no")

    with pytest.raises(Refused):
        await undo.undo(cluster, deed)


def test_the_last_line_of_the_journal_counts(tmp_path: Path) -> None:
    for deed in (DEED, DEED.made("u1"), DEED.made("u1").finished()):
        undo.record(tmp_path, deed)

    assert undo.last(tmp_path) == DEED.made("u1").finished()


def test_a_torn_last_line_is_not_read(tmp_path: Path) -> None:
    undo.record(tmp_path, DEED)
    with (tmp_path / undo.FILE).open("ab") as file:
        file.write(msgspec.json.encode(DEED.made("u1"))[:20])

    assert undo.last(tmp_path) == DEED


def test_a_folder_without_a_journal_has_nothing_to_undo(tmp_path: Path) -> None:
    assert undo.last(tmp_path) is None


def test_the_journal_knows_the_way_back() -> None:
    assert DEED.access == Access(context="c", kubeconfig="/k")
    assert undo.intend(Access(in_cluster=True), "", "r", "n").access == Access(in_cluster=True)


def test_a_journal_has_one_holder_at_a_time(tmp_path: Path) -> None:
    with undo.held(tmp_path) as first:
        with undo.held(tmp_path) as second:
            assert (first, second) == (True, False)
    with undo.held(tmp_path) as again:
        assert again


async def test_what_the_run_did_to_nodes_is_taken_back_and_nothing_else() -> None:
    cluster = Fake()
    deed = msgspec.structs.replace(await made(cluster), nodes=("n1", "n2", "gone"))
    taints = [
        {"key": "theirs", "effect": "NoSchedule"},
        {"key": "chaos-sts/taint", "value": "r1", "effect": "NoExecute"},
    ]
    ours: Json = {
        "metadata": {"name": "n1", "annotations": {"chaos-sts/cordoned": "r1"}},
        "spec": {"unschedulable": True},
    }
    theirs = {"metadata": {"name": "n2", "annotations": {"chaos-sts/cordoned": "r2"}}, "spec": {"unschedulable": True}}
    await cluster.create("nodes", "", {**ours, "spec": {**ours["spec"], "taints": taints}})
    await cluster.create("nodes", "", theirs)

    done = await undo.undo(cluster, deed)

    assert cluster.objects["nodes", "", "n1"]["spec"] == {"taints": taints[:1]}
    assert cluster.objects["nodes", "", "n1"]["metadata"]["annotations"] == {}
    assert cluster.objects["nodes", "", "n2"]["spec"] == {"unschedulable": True}
    assert done.text == "node n1 is as it was; namespace chaos-sts-r1 and everything in it was removed"


async def test_a_node_that_somebody_else_changes_meanwhile_is_read_again() -> None:
    class Busy(Fake):
        async def patch(self, *args: Any, **named: Any) -> Json:
            if args[0] == "nodes" and self.clashes:
                self.clashes -= 1
                raise Refused(409, "Conflict", "the object has been modified")
            return await super().patch(*args, **named)

        clashes = 2

    cluster = Busy()
    deed = msgspec.structs.replace(await made(cluster), nodes=("n1",))
    taint = {"key": "chaos-sts/taint", "value": "r1", "effect": "NoExecute"}
    await cluster.create("nodes", "", {"metadata": {"name": "n1"}, "spec": {"taints": [taint]}})

    await undo.undo(cluster, deed)

    assert cluster.objects["nodes", "", "n1"]["spec"] == {}


def test_the_journal_of_a_run_holds_what_is_to_be_taken_back(tmp_path: Path) -> None:
    journal = undo.Journal(tmp_path, DEED)

    journal.touches("n1")
    journal.touches("n1")
    journal.harms(("start", "etcd"))
    journal.harms(("start", "kubelet"))
    journal.healed(("start", "etcd"))

    expected = msgspec.structs.replace(DEED, nodes=("n1",), healing=(("start", "kubelet"),))
    assert undo.last(tmp_path) == journal.deed == expected
