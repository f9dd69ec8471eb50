"""The work queue: order, one worker for a key at a time, pauses after errors."""

import anyio
import pytest

from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.virtual import run


class Work:
    """What was worked on and when; keys in `fails` are not done that many times."""

    def __init__(self, **fails: int) -> None:
        self.done: list[tuple[str, float]] = []
        self.at_once = 0
        self._fails = fails
        self._busy: list[str] = []

    async def __call__(self, key: str) -> bool:
        assert key not in self._busy
        self._busy.append(key)
        self.at_once = max(self.at_once, len(self._busy))
        self.done.append((key, round(anyio.current_time(), 6)))
        await anyio.sleep(1)
        self._busy.remove(key)
        self._fails[key] = self._fails.get(key, 0) - 1
        return self._fails[key] < 0


def work_on(queue: WorkQueue[str], work: Work, workers: int, seconds: float, *later: tuple[float, str]) -> None:
    async def main() -> None:
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                group.start_soon(queue.run, work, workers)
                for at, key in later:
                    await anyio.sleep_until(at)
                    queue.add(key)

    run(main)


def test_a_key_waits_once_and_comes_again_if_it_is_added_while_it_is_worked_on() -> None:
    queue, work = WorkQueue[str](), Work()
    for key in ("b", "a", "b"):
        queue.add(key)

    work_on(queue, work, 1, 10, (0.5, "b"), (0.6, "b"))

    assert work.done == [("b", 0.0), ("a", 1.0), ("b", 2.0)]


def test_several_workers_never_share_a_key() -> None:
    queue, work = WorkQueue[str](), Work()
    for key in ("a", "b"):
        queue.add(key)

    work_on(queue, work, 3, 10, (0.5, "a"))

    assert work.at_once == 2
    assert work.done == [("a", 0.0), ("b", 0.0), ("a", 1.0)]


def test_the_pause_doubles_with_each_error_up_to_the_longest_and_a_success_forgets_them() -> None:
    queue, work = WorkQueue[str](0.25, 0.6), Work(a=3)
    queue.add("a")

    work_on(queue, work, 1, 20, (10.0, "a"))

    assert [at for _, at in work.done] == pytest.approx([0.0, 1.25, 2.75, 4.35, 10.0])


def test_of_two_wishes_for_later_the_earlier_counts() -> None:
    queue, work = WorkQueue[str](), Work()

    async def main() -> None:
        queue.add_after("early", 4)
        with anyio.move_on_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(queue.run, work, 2)
                await anyio.sleep(1)
                queue.add_after("a", 5)
                queue.add_after("a", 2)
                queue.add_after("a", 9)

    run(main)

    assert work.done == [("a", 3.0), ("early", 4.0)]
