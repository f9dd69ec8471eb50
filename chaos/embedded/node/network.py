"""The pod network: addresses, and who listens on them."""

from collections.abc import Callable

import anyio

from chaos.embedded.shell.environment import Fetched

ROUND_TRIP_S = 0.0005
CONNECT_S = 3.0
"""After which a connection to an address that nobody has is given up (the second SYN has gone unanswered)."""

Serve = Callable[[str], Fetched]
"""A listening program: from the path of a GET to its answer."""


class Network:
    """10.244.0.0/16: one address per pod, in order, so that one that was freed rests as long as possible."""

    def __init__(self) -> None:
        self._next = 0
        self._pods: dict[str, dict[int, Serve]] = {}

    def join(self) -> str:
        """A fresh address, at which nobody listens yet."""
        while True:
            self._next = self._next % 65000 + 1
            address = f"10.244.{self._next // 250}.{self._next % 250 + 2}"
            if address not in self._pods:
                self._pods[address] = {}
                return address

    def leave(self, address: str) -> None:
        """Give an address back."""
        self._pods.pop(address, None)

    def listen(self, address: str, port: int, serve: Serve) -> None:
        """Answer at a port."""
        if address in self._pods:
            self._pods[address][port] = serve

    def close(self, address: str, port: int) -> None:
        """Answer no more."""
        self._pods.get(address, {}).pop(port, None)

    async def fetch(self, address: str, port: int, path: str) -> Fetched:
        """GET a page, as a client sees it."""
        if address not in self._pods:
            await anyio.sleep(CONNECT_S)
            return Fetched(trouble="timeout")
        await anyio.sleep(ROUND_TRIP_S)
        serve = self._pods.get(address, {}).get(port)
        return Fetched(trouble="refused") if serve is None else serve(path)
