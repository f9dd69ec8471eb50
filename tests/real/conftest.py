"""The real cluster, the program as a user starts it, and controllers swapped in for a while."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CLUSTER = HERE / "cluster" / "cluster"
BUILD = HERE / "cluster" / "stscontroller" / "build"
HOME = Path(os.environ.get("REALCLUSTER_HOME", Path.home() / ".cache" / "realcluster"))
PROGRAM = Path(sys.executable).parent / "chaos-sts"


@dataclass(frozen=True)
class Done:
    """A finished run: exit code, report.json (empty if there is none), what it printed, its folder."""

    code: int
    report: dict[str, Any]
    text: str
    folder: Path

    def violated(self) -> dict[str, list[dict[str, Any]]]:
        """Findings of every violated guarantee, by its name."""
        guarantees = self.report.get("guarantees", {})
        return {name: each["findings"] for name, each in guarantees.items() if each["verdict"] == "violated"}


def chaos_sts(*args: str | Path, timeout_s: float = 400) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, on the real cluster where it needs one."""
    return subprocess.run(
        [str(PROGRAM), *map(str, args)], capture_output=True, text=True, timeout=timeout_s, check=False
    )


def run(profile: str, folder: Path, *args: str, timeout_s: float = 400) -> Done:
    """`chaos-sts run` on the real cluster."""
    done = chaos_sts("run", profile, "--kubeconfig", kubeconfig(), "--out", folder, *args, timeout_s=timeout_s)
    report = folder / "report.json"
    return Done(
        done.returncode, json.loads(report.read_text()) if report.exists() else {}, done.stdout + done.stderr, folder
    )


def kubeconfig() -> Path:
    """The administrator's kubeconfig of the running cluster."""
    path = Path(os.environ.get("CHAOS_TEST_KUBECONFIG", HOME / "run" / "admin.conf"))
    assert path.exists(), "no real cluster is up: make cluster"
    return path


def cluster(*args: str) -> str:
    """Run a command of the cluster's script."""
    return subprocess.run([str(CLUSTER), *args], capture_output=True, text=True, check=True).stdout


def edits_of(mutant: str) -> str:
    """What is planted, as a hash."""
    return hashlib.sha256((HERE / "mutants" / f"{mutant}.json").read_bytes()).hexdigest()[:8]


def controller(version: str, mutant: str = "") -> Path:
    """The program of a release's StatefulSet controller, or of a planted defect in it; built if it is not there."""
    source = hashlib.sha256((BUILD.parent / "main.go").read_bytes()).hexdigest()[:8]
    program = HOME / "mutants" / f"{f'{mutant}-{edits_of(mutant)}' if mutant else 'plain'}-{version}-{source}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        edits = [str(HERE / "mutants" / f"{mutant}.json")] if mutant else []
        subprocess.run(["nice", sys.executable, str(BUILD), version, str(program), *edits], check=True)
    return program


@contextmanager
def swapped(program: Path) -> Iterator[None]:
    """Let `program` reconcile StatefulSets in place of the built-in controller."""
    cluster("sts", str(program))
    try:
        yield
    finally:
        cluster("sts", "builtin")


@pytest.fixture(scope="session", autouse=True)
def _needs_cluster() -> None:
    kubeconfig()
