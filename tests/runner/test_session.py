"""A whole run on a fake cluster: what is on disk, what is left behind, how it ends."""

import datetime
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from chaos import time
from chaos.checkers.catalogue import GUARANTEES
from chaos.checkers.judge import judge
from chaos.cluster import undo
from chaos.cluster.access import Access
from chaos.cluster.port import Json, Refused, Unreachable
from chaos.history import reader, run
from chaos.history.entries import Entry, Header
from chaos.profile import Profile, parse
from chaos.reports import document
from chaos.runner import stamp
from chaos.runner.session import CannotRun, Result, Wishes, run_profile
from tests.runner.fake import Fake

LESSON = """
name: small
target: {statefulset: web, service: nginx, replicas: 2, images: ["nginx:1.27"]}
phases:
  - {name: create, do: [create-service, create-set], expect: [{pods: [0, 1]}]}
  - {name: pages, do: [write-pages]}
  - {name: shrink, do: [{scale: 1}], until: {settled: 50ms}}
  - {name: end, do: [delete-set], until: gone}
checks: {require: [identity.pod], judge: [identity, lesson]}
"""

STAYS = LESSON.replace("  - {name: end, do: [delete-set], until: gone}\n", "").replace(
    "create-service, create-set", "write-pages"
)


class Console:
    """Collects progress; `on` calls a function when a line that starts so is said."""

    def __init__(self, **on: Callable[[], None]) -> None:
        self.lines: list[str] = []
        self._on = on

    def say(self, line: str) -> None:
        self.lines.append(line)
        for start, act in self._on.items():
            if line.startswith(start):
                act()


def profile(text: str = LESSON) -> Profile:
    return parse(text, "small.yaml", {}, GUARANTEES)


async def performed(
    cluster: Fake, folder: Path, text: str = LESSON, console: Console | None = None, **wishes: Any
) -> Result:
    access = Access(kubeconfig="/k")
    return await run_profile(
        cluster, profile(text), Wishes(1, access, folder, {}, stamp.fresh(), **wishes), (console or Console()).say
    )


def entries(folder: Path) -> list[Entry]:
    return list(reader.read(folder / reader.FILE))


def of_run(folder: Path) -> list[tuple[str, str]]:
    found = [entry for entry in entries(folder) if entry.stream == "run" and entry.type != "note"]
    return [(entry.type, (entry.data or {}).get("name", "")) for entry in found]


async def test_a_run_ends_with_its_phases_on_record_and_nothing_left_behind(tmp_path: Path) -> None:
    cluster = Fake()

    result = await performed(cluster, tmp_path)

    assert (result.trouble, result.leftover, result.signal, result.began) == ("", "", 0, True)
    assert of_run(tmp_path) == [
        *[(type, name) for name in ("create", "pages", "shrink", "end") for type in ("phase-began", "phase-ended")],
        ("judging-ended", ""),
    ]
    assert cluster.objects == {}
    last = undo.last(tmp_path)
    assert last is not None
    assert last.done


async def test_the_verdict_is_that_of_a_later_look_at_the_files(tmp_path: Path) -> None:
    result = await performed(Fake(), tmp_path)

    assert result.report.guarantees["identity.pod"].verdict == "held"
    assert document.encode(result.report) == document.encode(judge(tmp_path))


async def test_the_files_say_what_was_run_and_where(tmp_path: Path) -> None:
    await performed(Fake(), tmp_path)

    info = run.read(tmp_path)
    with (tmp_path / reader.FILE).open("rb") as file:
        header = msgspec.json.decode(file.readline(), type=Header)
    assert (info.profile, info.seed, info.source, info.server) == ("small", 1, LESSON, "1.37.2")
    assert info.controller == run.Controller("1.37.2", {"MaxUnavailableStatefulSet": True})
    assert (info.require, info.judge) == (("identity.pod",), ("identity", "lesson"))
    assert header.run == info.run
    assert info.namespace == f"chaos-sts-{info.run}"


async def test_the_undo_is_on_disk_before_the_namespace_is_asked_for(tmp_path: Path) -> None:
    seen: list[undo.Deed | None] = []

    class Looking(Fake):
        async def create(self, resource: str, namespace: str, body: Json) -> Json:
            if resource == "namespaces":
                seen.append(undo.last(tmp_path))
            return await super().create(resource, namespace, body)

    await performed(Looking(), tmp_path)

    (deed,) = seen
    assert deed is not None
    assert (deed.namespace, deed.uid, deed.access) == (f"chaos-sts-{deed.run}", "", Access(kubeconfig="/k"))


async def test_a_target_that_no_phase_creates_is_there_before_the_first(tmp_path: Path) -> None:
    await performed(Fake(), tmp_path, STAYS)

    assert of_run(tmp_path)[:3] == [("phase-began", "setup"), ("phase-ended", "setup"), ("phase-began", "create")]


async def test_what_a_phase_expects_is_judged_at_versions_read_after_it(tmp_path: Path) -> None:
    await performed(Fake(), tmp_path)

    ended = {entry.data["name"]: entry for entry in entries(tmp_path) if entry.type == "phase-ended"}
    before = max(int(e.rv) for e in entries(tmp_path) if e.stream == "pods" and e.rv and e.i < ended["create"].i)
    assert set(ended["create"].data["at"]) >= {"pods", "statefulsets", "controllerrevisions", "services"}
    assert int(ended["create"].data["at"]["pods"]) >= before
    assert "at" not in ended["pages"].data or ended["pages"].data["at"] == {}


async def test_a_phase_that_is_not_reached_ends_the_run_and_says_what_is_missing(tmp_path: Path) -> None:
    class Lazy(Fake):
        def _sync(self, namespace: str, name: str) -> None:
            if self.objects["statefulsets", namespace, name]["spec"]["replicas"] != 1:
                super()._sync(namespace, name)

    cluster = Lazy()
    result = await performed(cluster, tmp_path)

    ended = [entry.data for entry in entries(tmp_path) if entry.type == "phase-ended"]
    assert [data["reached"] for data in ended] == [True, True, False]
    assert ended[-1]["why"] == "the controller has observed generation 1, not yet 2"
    assert result.trouble == "phase shrink was not reached: the controller has observed generation 1, not yet 2"
    assert of_run(tmp_path)[-1] == ("judging-ended", "")
    assert cluster.objects == {}


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff"])
async def test_an_image_that_cannot_be_pulled_is_not_waited_for(tmp_path: Path, reason: str) -> None:
    cluster = Fake()
    cluster.stuck = reason

    result = await performed(cluster, tmp_path)

    assert "nginx:none" in result.trouble
    assert "--set target.images=" in result.trouble
    assert ("phase-began", "pages") not in of_run(tmp_path)
    assert cluster.objects == {}


async def test_a_missing_right_is_one_line_and_nothing_is_touched(tmp_path: Path) -> None:
    cluster = Fake()
    cluster.refuses = {"create namespaces", "delete pods"}

    with pytest.raises(CannotRun, match=r"^rights are missing: create namespaces, delete pods$"):
        await performed(cluster, tmp_path / "run")

    assert cluster.calls == []
    assert not (tmp_path / "run").exists()


async def test_a_cluster_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    class Down(Fake):
        async def version(self) -> str:
            raise Unreachable("GET version: connection refused")

    with pytest.raises(CannotRun, match="the cluster does not answer: GET version: connection refused"):
        await performed(Down(), tmp_path / "run")


async def test_a_namespace_that_is_refused_ends_the_run_before_it_began(tmp_path: Path) -> None:
    cluster = Fake()
    cluster.answers["create namespaces"] = Refused(403, "Forbidden", "quota")

    result = await performed(cluster, tmp_path)

    assert (result.began, result.trouble, result.leftover) == (False, "403 Forbidden: quota", "")


async def test_a_create_without_an_answer_is_undone_all_the_same(tmp_path: Path) -> None:
    """The namespace may be there although nobody said so: its name and label are enough to find it."""
    cluster = Fake()
    cluster.answers["create namespaces"] = Refused(400, "cut", "as if cut")
    cluster.lost = {"create namespaces"}

    result = await performed(cluster, tmp_path)

    assert result.began is False
    assert cluster.objects == {}


async def test_a_first_signal_stops_and_cleans_up(tmp_path: Path) -> None:
    cluster = Fake()
    console = Console(create=lambda: os.kill(os.getpid(), signal.SIGTERM))

    result = await performed(cluster, tmp_path, console=console)

    assert result.signal == signal.SIGTERM
    assert result.report.verdict == "unknown"
    assert ("phase-began", "end") not in of_run(tmp_path)
    assert cluster.objects == {}


async def test_a_second_signal_gives_the_cleanup_up_and_says_how_to_undo(tmp_path: Path) -> None:
    class Stuck(Fake):
        async def delete(self, resource: str, *args: Any, **named: Any) -> Json:
            if resource == "namespaces":
                os.kill(os.getpid(), signal.SIGINT)
                await anyio.sleep_forever()
            return await super().delete(resource, *args, **named)

    cluster = Stuck()
    console = Console(create=lambda: os.kill(os.getpid(), signal.SIGINT))

    result = await performed(cluster, tmp_path, console=console)

    assert result.signal == signal.SIGINT
    assert f"chaos-sts undo {tmp_path}" in result.leftover
    deed = undo.last(tmp_path)
    assert deed is not None
    assert not deed.done


async def test_a_cleanup_that_fails_is_said(tmp_path: Path) -> None:
    cluster = Fake()
    cluster.answers["delete namespaces"] = Refused(403, "Forbidden", "not yours")

    result = await performed(cluster, tmp_path)

    assert "403 Forbidden: not yours" in result.leftover
    assert f"chaos-sts undo {tmp_path}" in result.leftover


async def test_a_namespace_is_kept_when_asked(tmp_path: Path) -> None:
    cluster = Fake()

    result = await performed(cluster, tmp_path, keep=True)

    assert cluster.names("namespaces") == (run.read(tmp_path).namespace,)
    assert "as asked for" in result.leftover


async def test_what_is_not_the_runs_own_is_never_kept(tmp_path: Path) -> None:
    cluster = Fake()
    await cluster.create("nodes", "", {"metadata": {"name": "n1"}, "spec": {}})
    text = LESSON.replace("{name: pages, do: [write-pages]}", "{name: pages, do: [cordon, {taint: NoSchedule}]}")

    result = await performed(cluster, tmp_path, text, keep=True)

    operations = [each.data for each in entries(tmp_path) if each.stream == "operations" and each.type == "start"]
    assert [each["operation"]["kind"] for each in operations][2:4] == ["cordon", "taint"]
    assert cluster.objects["nodes", "", "n1"]["spec"] == {}
    assert "as asked for" in result.leftover


async def test_fail_fast_ends_the_run_at_a_violation(tmp_path: Path) -> None:
    class Misnaming(Fake):
        def _pod(self, state: Json, ordinal: int, revision: str) -> Json:
            pod = super()._pod(state, ordinal, revision)
            return {**pod, "spec": {**pod["spec"], "hostname": "wrong"}}

    slow = LESSON.replace(
        "{name: pages, do: [write-pages]}", "{name: pages, for: 60s, tasks: [{write-pages: each-pod, every: 50ms}]}"
    )
    result = await performed(Misnaming(), tmp_path, slow, fail_fast=True)

    assert result.report.guarantees["identity.pod"].verdict == "violated"
    assert result.report.verdict == "violated"
    assert of_run(tmp_path)[-1] == ("judging-ended", "")


async def test_everything_made_carries_the_run(tmp_path: Path) -> None:
    made: list[Json] = []

    class Noting(Fake):
        async def create(self, resource: str, namespace: str, body: Json) -> Json:
            made.append(body)
            return await super().create(resource, namespace, body)

    await performed(Noting(), tmp_path)

    name = run.read(tmp_path).run
    assert {each["metadata"]["labels"]["chaos-sts/run"] for each in made} == {name}


async def test_the_record_begins_when_its_clock_does_and_not_when_the_run_was_asked_for(tmp_path: Path) -> None:
    cluster = Fake()
    asked: list[float] = []

    def wall() -> datetime.datetime:
        asked.append(anyio.current_time())
        return time.EPOCH

    began = anyio.current_time()
    own = stamp.Stamp("ab12cd34", b"k" * 16, wall)
    await anyio.sleep(0.05)
    wishes = Wishes(1, Access(kubeconfig="/k"), tmp_path, {}, own)
    await run_profile(cluster, profile(), wishes, Console().say)

    with (tmp_path / reader.FILE).open("rb") as file:
        header = msgspec.json.decode(file.readline(), type=Header)
    assert header.began == time.EPOCH.isoformat()
    assert len(asked) == 1
    assert asked[0] >= began + 0.05
