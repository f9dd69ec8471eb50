"""Every request is on record before it leaves, and its outcome says no more than its answer."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from chaos import operations as ops
from chaos.cluster.access import EMBEDDED
from chaos.cluster.faults import NoFaults, TargetFaults
from chaos.cluster.port import Json, Refused, Uncertain, Unreachable
from chaos.cluster.undo import Deed, Journal, intend, last
from chaos.history.entries import Entry
from chaos.history.redaction import Redactor
from chaos.observers.watches import watch
from chaos.operations import AnyOperation
from chaos.plan import Tick
from chaos.profile import Target
from chaos.runner import manifests
from chaos.runner.interpreter import Interpreter
from tests.cluster.recording import Recording, recording
from tests.runner.fake import Fake

TARGET = Target.model_validate({"statefulset": "web", "service": "nginx", "replicas": 2, "images": ["nginx:1.27"]})


class Asked:
    """A prober that only notes what it is asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def lookup(self, names: Mapping[int, str]) -> None:
        self.names += names.values()

    async def fetch(self, names: Mapping[int, str]) -> None:
        self.names += names.values()


@asynccontextmanager
async def interpreting(
    folder: Path, cluster: Fake, probers: Sequence[Any] = (), faults: TargetFaults | None = None
) -> AsyncIterator[tuple[Interpreter, Recording]]:
    """An interpreter over a set of two pods that its watches have seen."""
    await cluster.create("statefulsets", "ns", manifests.statefulset(TARGET, "r"))
    with recording(folder) as record:
        async with anyio.create_task_group() as group:
            redactor = Redactor(b"key")
            view = await watch(group, cluster, record.history, redactor, "ns", 1)
            journal = Journal(folder, intend(EMBEDDED, "", "r", "ns"))
            offered = faults or NoFaults()
            yield (
                Interpreter(cluster, record.history, redactor, view, probers, TARGET, "ns", "r", journal, offered),
                record,
            )
            group.cancel_scope.cancel()


def tick(operation: AnyOperation, at_s: float = 0.0, k: int = 0) -> Tick:
    return Tick(at_s, "p/tasks[0]", k, operation)


def operations(record: Recording) -> list[Entry]:
    return [entry for entry in record.entries() if entry.stream == "operations"]


async def end_of(folder: Path, operation: AnyOperation, call: str, error: Exception) -> tuple[str, int]:
    cluster = Fake()
    async with interpreting(folder, cluster) as (interpreter, record):
        cluster.answers[call] = error
        await interpreter.step("p", tick(operation))
        started, ended = operations(record)
        assert ended.data["start"] == started.i
        return ended.data["outcome"], ended.data.get("status", 0)


async def test_an_answer_makes_it_ok_with_the_version_and_uid_it_gave(tmp_path: Path) -> None:
    cluster = Fake()
    async with interpreting(tmp_path, cluster) as (interpreter, record):
        await interpreter.step("p", tick(ops.SetPartition(1)))

        started, ended = operations(record)
        made = cluster.objects["statefulsets", "ns", "web"]["metadata"]
        assert (started.type, started.data["operation"]) == ("start", {"kind": "set-partition", "partition": 1})
        assert (ended.data["outcome"], ended.data["status"], ended.uid) == ("ok", 200, made["uid"])
        assert int(ended.rv) < int(made["resourceVersion"])
        assert interpreter.answered == {"statefulsets": int(ended.rv)}
        assert interpreter.outcomes == {"ok": 1, "fail": 0, "unknown": 0}


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429])
async def test_a_refusal_is_surely_without_effect(tmp_path: Path, status: int) -> None:
    error = Refused(status, "Reason", "no")

    assert await end_of(tmp_path, ops.Scale(3), "patch statefulsets", error) == ("fail", status)


async def test_what_was_never_sent_is_surely_without_effect(tmp_path: Path) -> None:
    assert await end_of(tmp_path, ops.Scale(3), "patch statefulsets", Unreachable("down")) == ("fail", 0)


@pytest.mark.parametrize("status", [0, 408, 500, 504])
async def test_a_timeout_a_cut_connection_and_a_5xx_leave_it_unknown(tmp_path: Path, status: int) -> None:
    error = Uncertain("no answer", status)

    assert await end_of(tmp_path, ops.DeletePods(ordinals=(1,)), "delete pods", error) == ("unknown", status)


async def test_a_command_that_broke_off_leaves_its_page_unknown(tmp_path: Path) -> None:
    cluster = Fake()
    async with interpreting(tmp_path, cluster) as (interpreter, record):
        cluster.answers["exec pods"] = Uncertain("cut")
        await interpreter.step("p", tick(ops.WritePages()))

        outcomes = sorted(entry.data["outcome"] for entry in operations(record) if entry.type == "end")
        assert outcomes == ["ok", "unknown"]


async def test_cancellation_leaves_it_unknown_and_on_record(tmp_path: Path) -> None:
    class Silent(Fake):
        async def delete(self, *args: Any, **named: Any) -> Json:
            await anyio.sleep_forever()
            raise AssertionError

    async with interpreting(tmp_path, Silent()) as (interpreter, record):
        async with anyio.create_task_group() as group:
            group.start_soon(interpreter.step, "p", tick(ops.DeletePods(ordinals=(0,))))
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()

        started, ended = operations(record)
        assert (ended.data["start"], ended.data["outcome"]) == (started.i, "unknown")


async def test_pods_of_one_instant_are_asked_for_before_any_answers(tmp_path: Path) -> None:
    class Slow(Fake):
        async def delete(self, *args: Any, **named: Any) -> Json:
            await checkpoint()
            return await super().delete(*args, **named)

    async with interpreting(tmp_path, Slow()) as (interpreter, record):
        await interpreter.step("p", tick(ops.DeletePods(every=True, grace_s=0)))

        assert [entry.type for entry in operations(record)] == ["start", "start", "end", "end"]


async def test_a_delete_meets_only_the_pod_that_was_meant(tmp_path: Path) -> None:
    """Between the look at the pods and the request another pod may have taken the name."""
    cluster = Fake()
    async with interpreting(tmp_path, cluster) as (interpreter, record):
        await cluster.delete("pods", "ns", "web-1")
        await interpreter.step("p", tick(ops.DeletePods(ordinals=(1,))))

        (_, ended) = operations(record)
        assert (ended.data["outcome"], ended.data["status"]) == ("fail", 409)


async def test_with_nothing_to_do_it_to_it_is_skipped(tmp_path: Path) -> None:
    async with interpreting(tmp_path, Fake()) as (interpreter, record):
        await interpreter.step("p", tick(ops.DeletePods(ordinals=(7,))))

        (skipped,) = operations(record)
        assert (skipped.type, skipped.data["why"]) == ("skipped", "no such pod is there to delete")


async def test_a_tick_whose_predecessor_still_runs_is_skipped(tmp_path: Path) -> None:
    go = anyio.Event()

    class Slow(Fake):
        async def patch(self, *args: Any, **named: Any) -> Json:
            await go.wait()
            return await super().patch(*args, **named)

    async with interpreting(tmp_path, Slow()) as (interpreter, record):
        ticks = [tick(ops.Scale(3), 0.0, 0), tick(ops.Scale(4), 0.01, 1)]
        async with anyio.create_task_group() as group:
            group.start_soon(interpreter.tasks, "p", ticks, 0.02)
            await anyio.sleep(0.03)
            go.set()

        assert [(entry.type, entry.data.get("k")) for entry in operations(record)] == [
            ("start", 0),
            ("skipped", 1),
            ("end", None),
        ]


async def test_a_variables_value_is_not_on_record(tmp_path: Path) -> None:
    async with interpreting(tmp_path, Fake()) as (interpreter, record):
        await interpreter.step("p", tick(ops.ChangeTemplate("env", "c0ffee")))

        body = operations(record)[0].data["request"]["body"]
        value = body["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]
        assert value.startswith("redacted:")


async def test_names_are_asked_for_after_their_pod_is_gone_until_the_phase_ends(tmp_path: Path) -> None:
    asked = Asked()
    cluster = Fake()
    async with interpreting(tmp_path, cluster, [asked]) as (interpreter, _):
        await interpreter.step("p", tick(ops.ProbeDns()))
        await interpreter.step("p", tick(ops.Scale(1)))
        await anyio.wait_all_tasks_blocked()
        await interpreter.step("p", tick(ops.ProbeDns()))
        await interpreter.step("next", tick(ops.ProbeDns()))

    assert asked.names == ["web-0.nginx", "web-1.nginx", "web-0.nginx", "web-1.nginx", "web-0.nginx"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("each-pod", ["web-0.nginx"]),
        ("service", ["nginx"]),
        ("absent", ["web-1.nginx", "web-2.nginx"]),
        ("all", ["nginx", "web-0.nginx", "web-1.nginx", "web-2.nginx"]),
    ],
)
async def test_absent_names_are_of_pods_that_were_and_of_one_that_never_was(
    tmp_path: Path, names: ops.Names, expected: list[str]
) -> None:
    before, asked = Asked(), Asked()
    async with interpreting(tmp_path, Fake(), [before]) as (interpreter, _):
        await interpreter.step("p", tick(ops.ProbeDns()))
        await interpreter.step("p", tick(ops.Scale(1)))
        await anyio.wait_all_tasks_blocked()
        before.names = asked.names
        await interpreter.step("next", tick(ops.ProbeDns(names=names)))

    assert asked.names == expected


async def test_as_many_probes_ask_as_the_operation_says(tmp_path: Path) -> None:
    probers = [Asked(), Asked(), Asked()]
    async with interpreting(tmp_path, Fake(), probers) as (interpreter, _):
        await interpreter.step("p", tick(ops.ProbeHttp(2)))

    assert [len(each.names) for each in probers] == [2, 2, 0]


async def test_a_node_is_in_the_journal_before_it_is_touched(tmp_path: Path) -> None:
    journals: list[Deed | None] = []

    class Looking(Fake):
        async def patch(self, *args: Any, **named: Any) -> Json:
            if args[0] == "nodes":
                journals.append(last(tmp_path))
            return await super().patch(*args, **named)

    cluster = Looking()
    await cluster.create("nodes", "", {"metadata": {"name": "n1"}, "spec": {}})
    async with interpreting(tmp_path, cluster) as (interpreter, record):
        await interpreter.step("p", tick(ops.Cordon(0.5)))

        assert [entry.type for entry in operations(record)] == ["start", "end"]
    assert [deed.nodes for deed in journals if deed is not None] == [("n1",)]


async def test_what_comes_after_a_refusal_is_not_tried(tmp_path: Path) -> None:
    """Whoever cannot cordon a node must not drain it."""
    cluster = Fake()
    await cluster.create("nodes", "", {"metadata": {"name": "n1"}, "spec": {}})
    async with interpreting(tmp_path, cluster) as (interpreter, record):
        cluster.answers["patch nodes"] = Refused(403, "Forbidden", "no")
        await interpreter.step("p", tick(ops.Drain(0.5)))

        assert [entry.data.get("outcome") for entry in operations(record)] == [None, "fail"]
