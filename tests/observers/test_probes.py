"""A prober asks over one channel, records answers as they come, and never leaves a question without one."""

import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import pytest

from chaos.cluster.port import ExecChannel, Refused, Uncertain
from chaos.history.entries import DnsAnswer, HttpAnswer
from chaos.observers import busybox
from chaos.observers.pods import PodTrouble
from chaos.observers.probes import Prober, pod_manifest
from tests.cluster.recording import Recording, recording
from tests.cluster.scripted import Scripted

READY = "ready ns.svc.cluster.local svc.cluster.local cluster.local"

Answer = Callable[[str], Awaitable[list[str]]]


class Line(ExecChannel):
    """A channel whose command answers with `answer`, or breaks where that raises."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._sending, self._receiving = anyio.create_memory_object_stream[str](100)

    async def send(self, data: bytes) -> None:
        await self._sending.send(data.decode())

    async def lines(self) -> AsyncIterator[str]:
        yield READY
        async with self._sending, self._receiving:
            async for asked in self._receiving:
                for line in await self._answer(asked):
                    yield line


@asynccontextmanager
async def attached(answer: Answer) -> AsyncIterator[ExecChannel]:
    yield Line(answer)


@asynccontextmanager
async def refused() -> AsyncIterator[ExecChannel]:
    raise Refused(403, "Forbidden", "no exec")
    yield


@asynccontextmanager
async def probing(folder: Path, cluster: Scripted) -> AsyncIterator[tuple[Prober, Recording]]:
    with recording(folder) as record:
        prober = Prober(cluster, record.history, record.clock, "ns", "probe-0")
        async with anyio.create_task_group() as group:
            await group.start(prober.run)
            yield prober, record
            group.cancel_scope.cancel()


def scripted(*answers: Answer) -> Scripted:
    cluster = Scripted()
    cluster.channels.extend(attached(answer) for answer in answers)
    return cluster


async def breaks(asked: str) -> list[str]:
    raise Uncertain("cut")


async def test_a_name_is_asked_for_whole_and_its_answer_recorded(tmp_path: Path) -> None:
    seen: list[str] = []

    async def answer(asked: str) -> list[str]:
        seen.append(asked)
        text = "Server:\x1fAddress: 10.96.0.10:53\x1f\x1fName: x\x1fAddress: 10.0.0.1"
        return [f"{asked.split()[0]} 0 {text}"]

    async with probing(tmp_path, scripted(answer)) as (prober, record):
        (found,) = await prober.lookup({0: "web-0.nginx"})

        (entry,) = record.entries()
        assert found == DnsAnswer("probe-0", "web-0.nginx", 0, found.sent, "NOERROR", ("10.0.0.1",))
        assert (entry.stream, entry.type) == ("dns", "answer")
        assert msgspec.convert(entry.data, DnsAnswer) == found
        assert found.sent <= entry.t
    assert seen == ["0 dns web-0.nginx.ns.svc.cluster.local\n"]


def answering(codes: dict[str, str], seen: list[str]) -> Answer:
    """Servers by address: those that are not here give no answer. The pod's own resolver is \"\"."""

    async def answer(asked: str) -> list[str]:
        lines = [line.split() for line in asked.splitlines()]
        seen.extend(" ".join(words[2:]) for words in lines)
        texts = {"NOERROR": "0 Name: x\x1fAddress: 10.0.0.1", "NXDOMAIN": "1 NXDOMAIN"}
        return [f"{words[0]} {texts.get(codes.get(''.join(words[3:]), ''), '1 timed out')}" for words in lines]

    return answer


async def test_servers_that_answer_directly_have_their_turns(tmp_path: Path) -> None:
    seen: list[str] = []
    codes = {"": "NOERROR", "10.9.0.1": "NOERROR", "10.9.0.2": "NXDOMAIN"}

    async with probing(tmp_path, scripted(answering(codes, seen))) as (prober, record):
        await prober.find_servers(["10.9.0.1", "10.9.0.2", "10.9.0.3"])
        answers = [(await prober.lookup({0: "web-0.nginx"}))[0] for _ in range(4)]

        assert [each.resolver for each in answers] == ["", "10.9.0.1", "", "10.9.0.1"]
        assert [entry.data.get("resolver", "") for entry in record.entries()] == ["", "10.9.0.1", "", "10.9.0.1"]
    assert seen[:2] == [
        "kubernetes.default.svc.cluster.local 127.0.0.1",
        "kubernetes.default.svc.cluster.local 10.9.0.1",
    ]
    assert seen[-1] == "web-0.nginx.ns.svc.cluster.local 10.9.0.1"


async def test_a_busybox_that_asks_its_own_resolver_whatever_it_is_told_asks_nobody_directly(tmp_path: Path) -> None:
    codes = {"": "NOERROR", "10.9.0.1": "NOERROR", "127.0.0.1": "NOERROR"}

    async with probing(tmp_path, scripted(answering(codes, []))) as (prober, _):
        await prober.find_servers(["10.9.0.1"])
        answers = [(await prober.lookup({0: "web-0.nginx"}))[0] for _ in range(2)]

    assert [each.resolver for each in answers] == ["", ""]


async def test_a_server_that_answers_no_more_is_given_up(tmp_path: Path) -> None:
    codes = {"": "NOERROR", "10.9.0.1": "NOERROR"}

    async with probing(tmp_path, scripted(answering(codes, []))) as (prober, _):
        await prober.find_servers(["10.9.0.1"])
        del codes["10.9.0.1"]
        answers = [(await prober.lookup({0: "web-0.nginx"}))[0] for _ in range(10)]

    assert [each.resolver for each in answers].count("10.9.0.1") == 3
    assert {each.resolver for each in answers[-3:]} == {""}


async def test_a_page_is_fetched_by_its_short_name(tmp_path: Path) -> None:
    seen: list[str] = []

    async def answer(asked: str) -> list[str]:
        seen.append(asked)
        return [f"{asked.split()[0]} 0 \x1eConnecting to web-0.nginx (10.0.0.9:80)\x1fone\x1ftwo\x1f\x1eexit 0"]

    async with probing(tmp_path, scripted(answer)) as (prober, record):
        (page,) = await prober.fetch({0: "web-0.nginx"})

        (entry,) = record.entries()
        assert page == HttpAnswer("probe-0", "web-0.nginx", 0, page.sent, True, "one\ntwo", "10.0.0.9")
        assert (entry.stream, msgspec.convert(entry.data, HttpAnswer)) == ("http", page)
    assert seen == ["0 http web-0.nginx\n"]


async def test_answers_find_their_questions_in_any_order(tmp_path: Path) -> None:
    waiting: list[str] = []
    found: dict[int, str] = {}

    async def answer(asked: str) -> list[str]:
        waiting.append(asked.split()[0])
        return [f"{key} 0 page {key}\x1f\x1eexit 0" for key in reversed(waiting)] if len(waiting) == 3 else []

    async def fetch(prober: Prober, ordinal: int) -> None:
        (page,) = await prober.fetch({ordinal: f"web-{ordinal}.nginx"})
        found[ordinal] = page.text

    async with probing(tmp_path, scripted(answer)) as (prober, _):
        async with anyio.create_task_group() as group:
            for ordinal in range(3):
                group.start_soon(fetch, prober, ordinal)

    assert sorted(found) == [0, 1, 2]
    assert sorted(found.values()) == ["page 0", "page 1", "page 2"]


async def test_what_is_asked_at_once_goes_out_in_one_write_and_each_answer_counts_when_it_comes(tmp_path: Path) -> None:
    seen: list[str] = []

    async def answer(asked: str) -> list[str]:
        seen.append(asked)
        return ["1 0 one\x1f\x1eexit 0", "0 0 nought\x1f\x1eexit 0", "1 0 again\x1f\x1eexit 0"]

    async with probing(tmp_path, scripted(answer)) as (prober, record):
        pages = await prober.fetch({3: "web-3.nginx", 4: "web-4.nginx"})

        assert [(page.ordinal, page.text) for page in pages] == [(3, "nought"), (4, "one")]
        assert [entry.data["text"] for entry in record.entries()] == ["one", "nought"]
        assert await prober.fetch({}) == []
    assert seen == ["0 http web-3.nginx\n1 http web-4.nginx\n"]


async def test_a_broken_connection_answers_what_was_asked_and_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos.observers.probes.RESTART_S", 0.01)

    async def answer(asked: str) -> list[str]:
        return [f"{asked.split()[0]} 0 page\x1f\x1eexit 0"]

    async with probing(tmp_path, scripted(breaks, answer)) as (prober, record):
        (lost,) = await prober.lookup({0: "web-0.nginx"})
        (down,) = await prober.fetch({0: "web-0.nginx"})
        await anyio.sleep(0.05)
        (page,) = await prober.fetch({0: "web-0.nginx"})

        assert (lost.code, lost.text) == ("ERROR", "cut")
        assert (down.ok, down.text) == (False, "the probe's connection is down")
        assert (page.ok, page.text) == (True, "page")
        assert [entry.stream for entry in record.entries()] == ["dns", "http", "http"]


async def test_an_answer_that_does_not_come_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos.observers.probes.ANSWER_WITHIN_S", 0.02)

    async def answer(asked: str) -> list[str]:
        return ["", "noise", "99 0 nobody asked"]

    async with probing(tmp_path, scripted(answer)) as (prober, record):
        (found,) = await prober.lookup({0: "web-0.nginx"})

        assert (found.code, found.text) == ("ERROR", "no answer from the probe within 0.02 s")
        assert len(record.entries()) == 1


async def test_a_cancelled_question_is_not_recorded(tmp_path: Path) -> None:
    async def answer(asked: str) -> list[str]:
        return []

    async with probing(tmp_path, scripted(answer)) as (prober, record):
        with anyio.move_on_after(0.01) as scope:
            await prober.lookup({0: "web-0.nginx"})

        assert scope.cancelled_caught
        assert record.entries() == []


async def test_a_refused_first_connection_is_said(tmp_path: Path) -> None:
    cluster = Scripted()
    cluster.channels.append(refused())

    with recording(tmp_path) as record:
        prober = Prober(cluster, record.history, record.clock, "ns", "probe-0")

        with pytest.raises(PodTrouble, match="nothing can be run in pod probe-0: 403 Forbidden: no exec"):
            await prober.run()


@pytest.mark.parametrize("version", ["old", "new"])
async def test_the_loop_answers_in_one_line_whatever_timeout_it_has(tmp_path: Path, version: str) -> None:
    """The real shell runs the real loop, with stand-ins for what only a pod has."""
    tools = tmp_path / "bin"
    tools.mkdir()
    checks_flag = '[ "$1" = -t ] || exit 1; shift' if version == "old" else '[ "$1" != -t ] || exit 1'
    stand_ins = {
        "timeout": f'{checks_flag}; shift; exec "$@"',
        "nslookup": 'echo "Name: $1"; echo "Address: 10.0.0.1"',
        "wget": "echo 'Connecting to web-1 (10.0.0.2:80)' >&2; echo page; echo 100% >&2; exit 3",
    }
    for name, body in stand_ins.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)

    done = await anyio.run_process(
        ["sh", "-c", busybox.SCRIPT + "\nsleep 0.3"],
        input=b"7 dns web-0\n8 http web-1\n",
        env={"PATH": f"{tools}:/usr/bin:/bin"},
        stderr=subprocess.STDOUT,
    )

    first, *answers = done.stdout.decode().rstrip("\n").split("\n")
    assert first.startswith("ready")
    fetched = next(answer for answer in answers if answer.startswith("8 "))
    assert sorted(fetched.removeprefix("8 0 ").split("\x1f")) == [
        "\x1eConnecting to web-1 (10.0.0.2:80)",
        "\x1eexit 3",
        "page",
    ]
    assert sorted(answers) == ["7 0 Name: web-0\x1fAddress: 10.0.0.1", fetched]


def test_the_pod_ends_at_once_and_fits_the_restricted_standard() -> None:
    pod = pod_manifest("probe-0", "r", "busybox:1.36")

    assert pod["metadata"] == {"name": "probe-0", "labels": {"chaos-sts/run": "r", "chaos-sts/probe": "probe-0"}}
    assert pod["spec"]["terminationGracePeriodSeconds"] == 1
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert [container["image"] for container in pod["spec"]["containers"]] == ["busybox:1.36"]
