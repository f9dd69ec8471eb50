"""The pod network: addresses, and who listens on them."""

from collections.abc import Callable

from chaos import chance
from chaos.embedded.shell.environment import Fetched
from chaos.embedded.waiting import Pause

ROUND_TRIP_S = 0.0002, 0.001
CONNECT_S = 3.0
"""After which a connection to an address that nobody has is given up (the second SYN has gone unanswered)."""

Serve = Callable[[str], Fetched]
"""A listening program: from the path of a GET to its answer."""


class Network:
    """10.244.0.0/16: a subnet for each node, and who listens at the addresses in use."""

    def __init__(self, seed: int = 0) -> None:
        self._draws = chance.stream(seed, "network")
        self._subnets = 0
        self._pods: dict[str, dict[int, Serve]] = {}

    def subnet(self) -> "Subnet":
        """The addresses of one more node."""
        self._subnets += 1
        return Subnet(self, self._subnets - 1)

    def has(self, address: str) -> bool:
        """Whether a pod has the address."""
        return address in self._pods

    def join(self, address: str) -> None:
        """An address is in use; nobody listens there yet."""
        self._pods[address] = {}

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
            await Pause(CONNECT_S)
            return Fetched(trouble="timeout")
        await Pause(self._draws.uniform(*ROUND_TRIP_S))
        serve = self._pods.get(address, {}).get(port)
        return Fetched(trouble="refused") if serve is None else serve(path)


class Subnet:
    """A node's /24: one address per pod, in order, so that one that was freed rests as long as possible."""

    def __init__(self, network: Network, number: int) -> None:
        self.cidr = f"10.244.{number}.0/24"
        self._network = network
        self._prefix = f"10.244.{number}."
        self._last = 1

    def join(self) -> str:
        """A fresh address.

        Raises:
            RuntimeError: all are in use.
        """
        for _ in range(253):
            # 1 is the node's own, 255 broadcasts.
            self._last = self._last + 1 if self._last < 254 else 2
            address = f"{self._prefix}{self._last}"
            if not self._network.has(address):
                self._network.join(address)
                return address
        raise RuntimeError(f"no address is left in {self.cidr}")
