"""Readiness probes: asked again and again, believed after a few equal answers."""

from collections.abc import AsyncIterator

import anyio

from chaos.embedded.interface import Json, Streams
from chaos.embedded.node.programs import Container, nothing
from chaos.embedded.shell import NoSuchProgram, Process


async def probe(wanted: Json, container: Container) -> AsyncIterator[bool]:
    """Whether the container is ready, after each probe; the pauses are the probe's."""
    await anyio.sleep(wanted.get("initialDelaySeconds", 0))
    is_ready, streak = False, 0
    while True:
        answer = False
        with anyio.move_on_after(wanted.get("timeoutSeconds", 1)):
            answer = await _ask(wanted, container)
        streak = streak + 1 if answer != is_ready else 0
        needed = wanted.get("failureThreshold", 3) if is_ready else wanted.get("successThreshold", 1)
        if streak >= needed:
            is_ready, streak = answer, 0
        yield is_ready
        await anyio.sleep(wanted.get("periodSeconds", 10))


async def _ask(wanted: Json, container: Container) -> bool:
    if "exec" in wanted:
        try:
            process = Process(wanted["exec"]["command"], container)
        except NoSuchProgram:
            return False
        return await process.run(Streams(nothing(), lambda data: None, lambda data: None)) == 0
    if "httpGet" in wanted:
        port, path = int(wanted["httpGet"]["port"]), wanted["httpGet"].get("path", "/")
        page = await container.network.fetch(container.address, port, path)
        return 200 <= page.status < 400
    if "tcpSocket" in wanted:
        page = await container.network.fetch(container.address, int(wanted["tcpSocket"]["port"]), "/")
        return not page.trouble
    return True
