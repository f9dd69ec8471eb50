"""`run.json` keeps what a judge has to know."""

from pathlib import Path

import msgspec
import pytest

from chaos.history import run
from tests.checkers.world import info


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = info(
        controller=run.Controller("1.28.3", {"AtomicFIFO": False}),
        require=("identity", "ordering.range"),
        at_least=5,
        overrides={"target.replicas": "7"},
        found={"storage": "standard"},
    )
    run.write(tmp_path, written)

    assert run.read(tmp_path) == written


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run.read(tmp_path)
    (tmp_path / run.FILE).write_bytes(b'{"run": 1}')
    with pytest.raises(msgspec.ValidationError):
        run.read(tmp_path)
