"""Probes: asked again and again, believed after a few equal answers.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/prober (worker.go, prober.go).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio

from chaos.embedded.interface import Json
from chaos.embedded.node.container import Container, quiet
from chaos.embedded.shell import NoSuchProgram

Passed = Callable[[], Awaitable[None]]


class Threshold:
    """Turns single answers into what is believed: None until enough agree for the first time. Pure."""

    def __init__(self, wanted: Json) -> None:
        self.believed: bool | None = None
        self._needed = {True: wanted.get("successThreshold", 1), False: wanted.get("failureThreshold", 3)}
        self._last: bool | None = None
        self._run = 0

    def add(self, answer: bool) -> bool | None:
        """What is believed after one more answer."""
        self._run = self._run + 1 if answer == self._last else 1
        self._last = answer
        if self._run >= self._needed[answer]:
            self.believed = answer
        return self.believed


async def beliefs(
    wanted: Json, container: Container, anchor: float, passed: Passed, *, eager: bool
) -> AsyncGenerator[bool]:
    """What is believed of a container after each probe that changes it.

    A kubelet probes at fixed times counted from `anchor`, when it saw the pod; an `eager` probe (readiness) is also tried as soon as
    the container runs. `passed` holds it up.
    """
    threshold = Threshold(wanted)
    period, delay = wanted.get("periodSeconds", 10), wanted.get("initialDelaySeconds", 0)
    if delay or not eager:
        await anyio.sleep_until(_tick(anchor, period, anyio.current_time() + delay))
    else:
        anchor = anyio.current_time()
    while True:
        await passed()
        before = threshold.believed
        answer = False
        with anyio.move_on_after(wanted.get("timeoutSeconds", 1)):
            answer = await ask(wanted, container)
        believed = threshold.add(answer)
        if believed is not None and believed != before:
            yield believed
        await anyio.sleep_until(_tick(anchor, period, anyio.current_time()))


async def ask(wanted: Json, container: Container) -> bool:
    """Whether a probe's or hook's action succeeds."""
    if "sleep" in wanted:
        await anyio.sleep(wanted["sleep"]["seconds"])
    elif "exec" in wanted:
        try:
            return await container.execute(wanted["exec"]["command"], quiet()) == 0
        except NoSuchProgram:
            return False
    elif "httpGet" in wanted:
        get = wanted["httpGet"]
        address = get.get("host") or container.address
        page = await container.network.fetch(address, _number(get["port"], container), get.get("path") or "/")
        return 200 <= page.status < 400
    elif "tcpSocket" in wanted:
        port = _number(wanted["tcpSocket"]["port"], container)
        page = await container.network.fetch(wanted["tcpSocket"].get("host") or container.address, port, "/")
        return not page.trouble
    return True


def _tick(anchor: float, period: float, after: float) -> float:
    """The first of the fixed times that lies after `after`."""
    return anchor + (int((after - anchor) / period + 1e-9) + 1) * period


def _number(port: int | str, container: Container) -> int:
    """A port's number; names are those of the container's ports."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    named = {each.get("name"): each["containerPort"] for each in container.spec.get("ports") or ()}
    return int(named.get(port, 0))
