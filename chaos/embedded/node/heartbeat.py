"""How a kubelet says that its node is there: the Node object, its Lease, and the status.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/kubelet_node_status.go (tryRegisterWithAPIServer, tryUpdateNodeStatus) and
k8s.io/component-helpers 0.37.2 apimachinery/lease, without the jitter of their pauses.
"""

import anyio

from chaos.embedded.api.stamps import micro_timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.interface import ApiError, Json, Now
from chaos.embedded.node.gate import Gate
from chaos.embedded.node.registration import LEASES, RENEW_S, lease_object, told

STATUS_S = 10.0
"""Between two looks at the status (nodeStatusUpdateFrequency)."""
REPORT_S = 300.0
"""A status that has not changed is posted again after this long (nodeStatusReportFrequency)."""


class Heartbeat:
    """One kubelet's, as long as its process lives. While the gate is closed it says nothing."""

    def __init__(self, client: Client, gate: Gate, now: Now, wanted: Json) -> None:
        """`wanted` is the Node object of a node that is Ready."""
        self._client = client
        self._gate = gate
        self._now = now
        self._wanted = wanted
        self._name = wanted["metadata"]["name"]

    async def register(self) -> Json:
        """The Node object, new unless the node was here before."""
        try:
            return await self._client.create("nodes", "", self._wanted)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
        return await self._client.get("nodes", "", self._name)

    async def renew(self, node: Json) -> None:
        """Keep the Lease, until cancelled; one that somebody removed is made again."""
        while True:
            try:
                await self._renew(node)
            except ApiError:
                # It came or went meanwhile; the next attempt is soon enough.
                pass
            await anyio.sleep(RENEW_S)
            await self._gate.passed()

    async def _renew(self, node: Json) -> None:
        try:
            body = {"spec": {"renewTime": micro_timestamp(self._now())}}
            await self._client.patch("leases", LEASES, self._name, body, "merge")
        except ApiError as error:
            if error.status != 404:
                raise
            await self._client.create("leases", LEASES, lease_object(node, self._now()))

    async def post(self) -> None:
        """Post the status when it is not what is on record, or was posted long ago, until cancelled."""
        posted_at = -REPORT_S
        while True:
            try:
                if await self._post(is_due=anyio.current_time() >= posted_at + REPORT_S):
                    posted_at = anyio.current_time()
            except ApiError:
                # The node may be gone from the record: a kubelet registers only when it starts.
                pass
            await anyio.sleep(STATUS_S)
            await self._gate.passed()

    async def _post(self, *, is_due: bool) -> bool:
        node = await self._client.get("nodes", "", self._name)
        conditions, is_changed = told(node, self._wanted, self._now())
        if is_changed or is_due:
            body = {"status": {"conditions": conditions}}
            await self._client.patch("nodes", "", self._name, body, subresource="status")
        return is_changed or is_due
