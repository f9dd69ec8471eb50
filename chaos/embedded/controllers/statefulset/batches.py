"""How requests follow each other: in growing batches, and again after a conflict.

Facts: k8s.io/kubernetes 1.37.2 stateful_set_control.go (slowStartBatch), k8s.io/client-go 0.37 util/retry.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from chaos.embedded.interface import ApiError

LARGEST = 500
STATUS_PAUSES_S = (0.01,) * 4
"""Between the tries of a status write (DefaultRetry)."""

OBJECT_PAUSES_S = (0.01, 0.05, 0.25)
"""Between the tries of other writes (DefaultBackoff)."""

T = TypeVar("T")


async def slow_start(things: Sequence[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Act on one thing, then on two at once, on four, and so on; an error ends it after its batch.

    Raises:
        ApiError: the first of the failed batch.
    """
    size, done = 1, 0
    while done < len(things):
        batch = things[done : done + size]
        errors: list[ApiError] = []

        async def attempt(thing: T, errors: list[ApiError] = errors) -> None:
            try:
                await act(thing)
            except ApiError as error:
                errors.append(error)

        async with anyio.create_task_group() as group:
            for thing in batch:
                group.start_soon(attempt, thing)
        if errors:
            raise errors[0]
        done += len(batch)
        size = min(2 * size, LARGEST)


async def retry_on_conflict(attempt: Callable[[int], Awaitable[T]], pauses_s: Sequence[float]) -> T:
    """What `attempt` gives; it is called with 0, and after each conflict and a pause with the next number.

    Raises:
        ApiError: another error, or the conflict of the last try.
    """
    for number, pause_s in enumerate(pauses_s):
        try:
            return await attempt(number)
        except ApiError as error:
            if error.reason != "Conflict":
                raise
        await anyio.sleep(pause_s)
    return await attempt(len(pauses_s))
