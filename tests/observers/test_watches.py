"""The view: one stream per watched resource, in the right namespace, closed together."""

from pathlib import Path

import anyio
import msgspec

from chaos.cluster.port import Listing, Refused
from chaos.history.entries import MARKED, WATCHED
from chaos.observers.watches import watch
from tests.cluster.recording import recording
from tests.cluster.scripted import Scripted, listing, thing


class Everything(Scripted):
    """Every resource holds one object of its own name; nodes are forbidden."""

    async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
        self.calls.append(("list", resource, namespace))
        if resource == "nodes":
            raise Refused(403, "Forbidden", "no")
        if resource == "leases":
            assert field_selector == "metadata.name=kube-controller-manager"
            return listing(10, thing("kube-controller-manager", 5))
        return listing(10, thing(resource, 5))


async def test_everything_is_watched_where_it_lives(tmp_path: Path) -> None:
    cluster = Everything()
    with recording(tmp_path) as record:
        async with anyio.create_task_group() as group:
            view = await watch(group, cluster, record.history, None, "ns", 1)
            group.cancel_scope.cancel()

        assert dict(call[1:] for call in cluster.calls if call[0] == "list") == {
            **dict.fromkeys(WATCHED, "ns"),
            "nodes": "",
            "leases": "kube-system",
        }
        assert view.denied == {"nodes": "403 Forbidden: no"}
        assert view.named("pods", "pods") == thing("pods", 5)
        assert view.named("pods", "other") is None
        assert list(view.objects("leases")) == ["u-kube-controller-manager"]


async def test_the_closing_lists_say_which_are_missing(tmp_path: Path) -> None:
    class Failing(Everything):
        async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
            if resource == "events" and ("list", "events", "ns") in self.calls:
                raise Refused(429, "TooManyRequests", "busy")
            return await super().list(resource, namespace, field_selector)

    with recording(tmp_path) as record:
        async with anyio.create_task_group() as group:
            view = await watch(group, Failing(), record.history, None, "ns", 1)
            missing = await view.final()
            group.cancel_scope.cancel()

        assert missing == {"events": "429 TooManyRequests: busy"}
        closed = sorted(entry.stream for entry in record.entries() if entry.type == "final")
        assert closed == sorted(set(WATCHED) - {"nodes", "events"})


async def test_a_change_of_any_resource_wakes_the_view(tmp_path: Path) -> None:
    with recording(tmp_path) as record:
        async with anyio.create_task_group() as group:
            view = await watch(group, Everything(), record.history, None, "ns", 1)
            woken = anyio.Event()

            async def wait() -> None:
                await view.wait_changed()
                woken.set()

            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            assert not woken.is_set()
            view.reflectors["pods"]._progress("11", None)
            with anyio.fail_after(2):
                await woken.wait()
            group.cancel_scope.cancel()


async def test_a_stream_is_behind_until_it_has_shown_what_another_shows(tmp_path: Path) -> None:
    class Apart(Everything):
        async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
            found = await super().list(resource, namespace, field_selector)
            # Events have no marker: nobody waits for them.
            return msgspec.structs.replace(found, rv={"pods": "12", "events": "99"}.get(resource, "10"))

    with recording(tmp_path) as record:
        async with anyio.create_task_group() as group:
            view = await watch(group, Apart(), record.history, None, "ns", 1)
            group.cancel_scope.cancel()

    assert {resource for resource in MARKED if view.place(resource).awaited} == set(MARKED) - {"pods"}
