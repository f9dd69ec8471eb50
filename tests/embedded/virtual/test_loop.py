"""A clock that jumps: order, cancellation, signals, and an honest end when nothing is left to wait for."""

import asyncio
import os
import signal

import anyio
import pytest

from chaos.embedded.virtual import Deadlock, run


def test_a_year_passes_at_once() -> None:
    async def main() -> float:
        await anyio.sleep(365 * 86400)
        return anyio.current_time()

    assert run(main) == pytest.approx(365 * 86400)


def test_timers_fire_in_their_order_whatever_the_order_of_their_making() -> None:
    fired: list[tuple[float, int]] = []

    async def wait(delay: float) -> None:
        await anyio.sleep(delay)
        fired.append((anyio.current_time(), int(delay * 1000)))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for delay in (0.3, 0.1, 0.2, 0.1):
                group.start_soon(wait, delay)

    run(main)

    assert [each for _, each in fired] == [100, 100, 200, 300]
    assert [when for when, _ in fired] == pytest.approx([0.1, 0.1, 0.2, 0.3], abs=1e-9)


def test_work_takes_no_time() -> None:
    async def main() -> float:
        for _ in range(5000):
            await anyio.lowlevel.checkpoint()
        return anyio.current_time()

    assert run(main) == 0


def test_a_deadline_ends_what_would_never_end() -> None:
    async def main() -> float:
        with anyio.move_on_after(7):
            await anyio.sleep_forever()
        return anyio.current_time()

    assert run(main) == pytest.approx(7)


def test_deadlines_that_were_met_are_forgotten() -> None:
    async def main() -> int:
        for _ in range(5000):
            with anyio.move_on_after(86400):
                await anyio.sleep(0.001)
        return len(asyncio.get_running_loop()._timers)  # type: ignore[attr-defined]

    assert run(main) < 2500


def test_a_callback_that_fails_ends_neither_the_loop_nor_the_others() -> None:
    seen: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: seen.append(str(context["exception"])))
        loop.call_soon(int, "no number")
        loop.call_later(1, seen.append, "later")
        cancelled = loop.call_at(1, seen.append, "never")
        cancelled.cancel()
        await anyio.sleep(2)

    run(main)

    assert seen == ["invalid literal for int() with base 10: 'no number'", "later"]


def test_waiting_for_nothing_is_an_error_and_no_hang() -> None:
    async def main() -> None:
        await anyio.Event().wait()

    with pytest.raises(Deadlock):
        run(main)


def test_a_signal_arrives_in_a_loop_that_never_rests() -> None:
    async def main() -> int:
        with anyio.open_signal_receiver(signal.SIGTERM) as signals:
            os.kill(os.getpid(), signal.SIGTERM)
            async with anyio.create_task_group() as group:
                group.start_soon(tick)
                async for number in signals:
                    group.cancel_scope.cancel()
                    return int(number)
        return 0

    async def tick() -> None:
        for _ in range(10**9):
            await anyio.sleep(1)

    assert run(main) == signal.SIGTERM
