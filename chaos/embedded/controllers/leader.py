"""Leader election by a Lease: who may act, and since when.

Facts: k8s.io/client-go 0.37 tools/leaderelection/leaderelection.go, without the jitter of its pauses.
"""

from collections.abc import Awaitable, Callable

import anyio

from chaos.embedded.api.stamps import micro_timestamp
from chaos.embedded.interface import Api, ApiError, Json, Now

USER = "system:kube-controller-manager"
NAMESPACE, LEASE = "kube-system", "kube-controller-manager"
RETRY_S = 2.0
"""Between two renewals, and between two attempts of somebody who waits."""
DURATION_S = 15
"""A lease that nobody was seen to renew for this long may be taken."""


class Elector:
    """One candidate, by its identity."""

    def __init__(self, api: Api, now: Now, identity: str) -> None:
        self.identity = identity
        self._api = api
        self._now = now

    async def acquire(self) -> None:
        """Wait until the lease has expired or is held by nobody, then take it."""
        seen, since = self._spec(), anyio.current_time()
        while seen is not None and seen.get("holderIdentity"):
            if anyio.current_time() >= since + seen.get("leaseDurationSeconds", DURATION_S):
                break
            await anyio.sleep(RETRY_S)
            spec = self._spec()
            if spec != seen:
                seen, since = spec, anyio.current_time()
        self.take()

    def take(self) -> None:
        """Take the lease, whoever has it."""
        at = micro_timestamp(self._now())
        spec = {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": DURATION_S,
            "acquireTime": at,
            "renewTime": at,
            "leaseTransitions": 0,
        }
        present = self._lease()
        if present is None:
            self._api.create("leases", NAMESPACE, {"metadata": {"name": LEASE}, "spec": spec}, user=USER)
            return
        spec["leaseTransitions"] = present["spec"].get("leaseTransitions", 0) + 1
        self._api.update("leases", NAMESPACE, LEASE, {**present, "spec": spec}, user=USER)

    async def keep(self, passed: Callable[[], Awaitable[None]]) -> None:
        """Renew until somebody else has the lease. `passed` is waited for before each renewal."""
        while True:
            await anyio.sleep(RETRY_S)
            await passed()
            present = self._lease()
            if present is None or present["spec"].get("holderIdentity") != self.identity:
                return
            spec = {**present["spec"], "renewTime": micro_timestamp(self._now())}
            self._api.update("leases", NAMESPACE, LEASE, {**present, "spec": spec}, user=USER)

    def _spec(self) -> Json | None:
        lease = self._lease()
        return None if lease is None else lease["spec"]

    def _lease(self) -> Json | None:
        try:
            return self._api.get("leases", NAMESPACE, LEASE)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
