"""What running a command gives: its status, or, if it has to wait for anything, what its status comes from.

Most commands of a script never wait: to run them as plain calls takes a fraction of what coroutines of coroutines take.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

Outcome = int | Coroutine[Any, Any, int]
"""A status if all is done; else a coroutine, to be awaited at once: what it does has begun."""

Run = Callable[["Shell"], Outcome]
"""A piece of a script, ready to be run."""

Called = Callable[["Shell", list[str]], Outcome]
"""A builtin or a command, which is called with its words."""


async def settled(outcome: int | Awaitable[int]) -> int:
    """The status, once it is there."""
    return outcome if isinstance(outcome, int) else await outcome


class Leaving(Exception):
    """`exit`, `return`, `break` or `continue`, on its way to where it ends."""

    def __init__(self, kind: str, status: int, depth: int = 1) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.depth = depth
