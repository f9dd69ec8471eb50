"""Events go an hour after their last write."""

import anyio

from chaos.embedded.api.expiry import EventExpiry
from chaos.embedded.virtual import run
from tests.embedded.server import NS, USER, server


def test_an_event_lasts_for_an_hour_from_its_last_write() -> None:
    api = server()

    async def hours() -> list[list[str]]:
        async with anyio.create_task_group() as group:
            group.start_soon(EventExpiry(api).run)
            await anyio.sleep(1)
            for name in ("once", "again"):
                about = {"kind": "Pod", "name": "web-0", "namespace": NS}
                api.create("events", NS, {"metadata": {"name": name}, "involvedObject": about}, user=USER)
            await anyio.sleep(1800)
            api.patch("events", NS, "again", {"count": 2}, "merge", user=USER)
            seen = []
            for _ in range(3):
                seen.append([item["metadata"]["name"] for item in api.list("events").items])
                await anyio.sleep(1900)
            group.cancel_scope.cancel()
        return seen

    assert run(hours) == [["again", "once"], ["again"], []]
