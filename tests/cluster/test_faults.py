"""Faults are healed whatever happens, and what only a command can heal is in the journal first."""

import sys
from pathlib import Path

import anyio
import pytest

from chaos.cluster import undo
from chaos.cluster.access import EMBEDDED, Access
from chaos.cluster.faults import CommandFaults, NoFaults, ServedFaults, find
from chaos.cluster.port import Json, Refused, Uncertain, Unreachable
from chaos.operations import Inflict
from tests.runner.fake import Fake

DEED = undo.intend(Access(kubeconfig="/k"), "", "r1", "chaos-sts-r1")


def recorder(folder: Path, ends: str = "") -> tuple[str, ...]:
    """A command that notes what it is asked for; it fails for the verb `ends`."""
    script = (
        "import sys; file, ends, *asked = sys.argv[1:]; open(file, 'a').write(' '.join(asked) + chr(10)); "
        "print('no such process'); sys.exit(asked[0] == ends)"
    )
    return (sys.executable, "-c", script, str(folder / "asked"), ends, "{verb}", "{component}")


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().splitlines()


async def test_a_command_harms_and_heals_and_the_journal_knows_meanwhile(tmp_path: Path) -> None:
    journal = undo.Journal(tmp_path, DEED)
    faults = CommandFaults(recorder(tmp_path), journal)

    async with faults.inflicted(Inflict("pause-controller", 1.0)):
        deed = undo.last(tmp_path)
        assert deed is not None
        assert [command[-2:] for command in deed.healing] == [("resume", "kcm")]
        assert asked(tmp_path) == ["pause kcm"]

    assert asked(tmp_path) == ["pause kcm", "resume kcm"]
    assert undo.last(tmp_path) == DEED


async def test_a_cancellation_heals(tmp_path: Path) -> None:
    faults = CommandFaults(recorder(tmp_path), undo.Journal(tmp_path, DEED))

    with anyio.CancelScope() as scope:
        async with faults.inflicted(Inflict("restart-etcd", 1.0)):
            scope.cancel()
            await anyio.sleep_forever()

    assert asked(tmp_path) == ["stop etcd", "start etcd"]


async def test_a_command_that_fails_leaves_it_unknown_and_is_healed(tmp_path: Path) -> None:
    faults = CommandFaults(recorder(tmp_path, "stop"), undo.Journal(tmp_path, DEED))

    with pytest.raises(Uncertain, match="exit code 1: no such process"):
        async with faults.inflicted(Inflict("restart-dns", 1.0)):
            pass

    assert asked(tmp_path) == ["stop coredns", "start coredns"]


async def test_what_cannot_be_healed_stays_in_the_journal_and_an_undo_tries_again(tmp_path: Path) -> None:
    journal = undo.Journal(tmp_path, DEED)
    with pytest.raises(Uncertain):
        async with CommandFaults(recorder(tmp_path, "resume"), journal).inflicted(Inflict("freeze-kubelet", 1.0)):
            pass
    (tmp_path / "asked").unlink()

    with pytest.raises(Uncertain):
        await undo.undo(Fake(), journal.deed)

    assert asked(tmp_path) == ["resume kubelet"]


async def test_an_undo_heals_first_and_waits_until_the_server_answers(tmp_path: Path) -> None:
    """Of a run that was killed while the API server was stopped, nothing else can be undone before."""

    class Waking(Fake):
        silences = 2

        async def version(self) -> str:
            if self.silences:
                self.silences -= 1
                raise Unreachable("connection refused")
            return await super().version()

        async def get(self, resource: str, namespace: str, name: str) -> Json:
            assert not self.silences
            return await super().get(resource, namespace, name)

    journal = undo.Journal(tmp_path, DEED.made("u1"))
    journal.harms(tuple(word.replace("{verb}", "start") for word in recorder(tmp_path)))

    done = await undo.undo(Waking(), journal.deed)

    assert asked(tmp_path) == ["start {component}"]
    assert done.is_final


async def test_a_command_that_is_not_there_has_surely_done_nothing(tmp_path: Path) -> None:
    faults = CommandFaults((str(tmp_path / "none"), "{verb}", "{component}"), undo.Journal(tmp_path, DEED))

    with pytest.raises(Unreachable, match="No such file"):
        async with faults.inflicted(Inflict("freeze-kubelet", 1.0)):
            pass


async def test_a_server_that_offers_faults_is_asked_to_begin_and_to_heal() -> None:
    class Serving(Fake):
        async def ask(self, method: str, path: str) -> Json:
            self.calls.append((method, path, ""))
            return {"faults": [{"name": "slow-api"}]}

    cluster = Serving()
    faults = ServedFaults(cluster, ("slow-api",))

    async with faults.inflicted(Inflict("slow-api", 3, 0.5, 2.0)):
        pass

    assert cluster.calls == [
        ("POST", "/chaos/faults/slow-api?seconds=3&share=0.5&delay=2", ""),
        ("DELETE", "/chaos/faults/slow-api", ""),
    ]


async def test_a_fault_that_has_healed_by_itself_is_healed() -> None:
    class Over(Fake):
        async def ask(self, method: str, path: str) -> Json:
            if method == "DELETE":
                raise Refused(404, "NotFound", "slow-api is not under way")
            return {}

    async with ServedFaults(Over(), ("slow-api",)).inflicted(Inflict("slow-api", 3)):
        pass


async def test_a_plain_api_server_offers_nothing_unless_a_command_is_given(tmp_path: Path) -> None:
    journal = undo.Journal(tmp_path, undo.intend(EMBEDDED, "", "r1", "n"))

    assert (await find(Fake(), (), journal)).offered == NoFaults.offered == ()
    assert "restart-etcd" in (await find(Fake(), ("c", "{verb}", "{component}"), journal)).offered
