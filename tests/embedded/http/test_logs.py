"""Logs over HTTP: what of them is shown, how they are followed, and what makes no sense."""

import datetime
from typing import Any

import anyio
import pytest

from chaos.embedded.http.logs import Options, shown
from tests.embedded.http.world import World, talk
from tests.embedded.server import AT

LOG = "/api/v1/namespaces/ns/pods/web-0/log"
PIECES = [
    (AT + datetime.timedelta(seconds=second), data)
    for second, data in enumerate((b"one\ntwo\n", b"thr", b"ee\nfour\n", b"five"))
]
ALL = Options(None, None, None, timestamps=False, follow=False)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (ALL, b"one\ntwo\nthree\nfour\nfive"),
        (ALL._replace(tail=0), b""),
        (ALL._replace(tail=2), b"four\nfive"),
        (ALL._replace(tail=9), b"one\ntwo\nthree\nfour\nfive"),
        (ALL._replace(since=AT + datetime.timedelta(seconds=1)), b"three\nfour\nfive"),
        (ALL._replace(since=AT + datetime.timedelta(seconds=9)), b""),
        (ALL._replace(tail=3, since=AT + datetime.timedelta(seconds=2)), b"four\nfive"),
        (ALL._replace(tail=1, timestamps=True), b"2026-01-01T00:00:03.000000000Z five"),
    ],
)
def test_what_is_shown_of_a_log(wanted: Options, text: bytes) -> None:
    assert shown(PIECES, wanted) == text


def asked(query: str) -> bytes:
    """A log of two lines, as asked for."""

    async def client(world: World) -> bytes:
        world.kubelet.log.write(b"one\n")
        await anyio.sleep(10)
        world.kubelet.log.write(b"two\n")
        async with world.session.get(f"http://k{LOG}?{query}") as answer:
            assert answer.content_type == "text/plain"
            return await answer.read()

    return talk(client)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", b"one\ntwo\n"),
        ("tailLines=1", b"two\n"),
        ("limitBytes=5", b"one\nt"),
        ("sinceSeconds=5", b"two\n"),
        ("sinceTime=2026-01-01T00:00:05Z", b"two\n"),
        ("follow=false&previous=0", b"one\ntwo\n"),
    ],
)
def test_a_log_is_given_as_it_is_asked_for(query: str, text: bytes) -> None:
    assert asked(query) == text


def test_a_log_is_followed_to_its_end() -> None:
    async def client(world: World) -> list[Any]:
        log = world.kubelet.log
        log.write(b"one\ntwo\n")
        found: list[Any] = []
        async with world.session.get(f"http://k{LOG}?follow=true&tailLines=1") as answer:
            found.append(await answer.content.readline())
            await anyio.sleep(100)
            log.write(b"three\n")
            found.append(await answer.content.readline())
            log.end()
            found.append(await answer.content.read())
        return found

    assert talk(client) == [b"two\n", b"three\n", b""]


def test_a_followed_log_ends_at_its_limit_or_at_once_if_it_is_over() -> None:
    async def client(world: World) -> list[bytes]:
        world.kubelet.log.write(b"one\ntwo\n")
        async with world.session.get(f"http://k{LOG}?follow=true&limitBytes=6") as answer:
            limited = await answer.read()
        world.kubelet.log.end()
        async with world.session.get(f"http://k{LOG}?follow=true") as answer:
            return [limited, await answer.read()]

    assert talk(client) == [b"one\ntw", b"one\ntwo\n"]


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("tailLines=many", 400, 'strconv.ParseInt: parsing "many": invalid syntax'),
        (
            "sinceTime=yesterday",
            400,
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        (
            "tailLines=-1",
            422,
            'PodLogOptions "web-0" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
        ("limitBytes=0", 422, 'PodLogOptions "web-0" is invalid: limitBytes: Invalid value: 0: must be greater than 0'),
        (
            "sinceSeconds=0",
            422,
            'PodLogOptions "web-0" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
        ),
        (
            "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z",
            422,
            'PodLogOptions "web-0" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
        ),
        ("stream=Stdout", 422, 'PodLogOptions "web-0" is invalid: stream: Forbidden: may not be specified'),
    ],
)
def test_what_makes_no_sense_is_refused(query: str, status: int, message: str) -> None:
    code, body = talk(lambda world: world.ask("GET", f"{LOG}?{query}"))

    assert (code, body["code"], body["message"]) == (status, status, message)
