"""A cluster is touched only where it is named."""

from pathlib import Path

import pytest

from chaos.cluster.access import Access, AccessError
from chaos.cluster.guard import explicit


def test_nothing_named_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/somewhere")

    with pytest.raises(AccessError, match="no cluster is named"):
        explicit(None, None)


def test_two_names_are_refused() -> None:
    with pytest.raises(AccessError, match="expected one of them"):
        explicit("c", None, in_cluster=True)


def test_a_file_is_kept_by_its_absolute_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert explicit(None, "admin.conf") == Access(kubeconfig=str(tmp_path / "admin.conf"))


def test_a_named_context_keeps_the_files_it_was_looked_up_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", "a.conf:/b.conf")

    assert explicit("c", None) == Access(context="c", kubeconfig=f"{tmp_path}/a.conf:/b.conf")


def test_a_named_context_without_files_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)

    assert explicit("c", None) == Access(context="c")


def test_a_pod_is_where_it_runs() -> None:
    assert explicit(None, None, in_cluster=True) == Access(in_cluster=True)
