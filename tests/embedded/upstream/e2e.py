"""Runs Kubernetes' own end-to-end tests of StatefulSets against the embedded cluster in real time.

    python -m tests.embedded.upstream.e2e [PART OF A TEST'S NAME]

The tests are compiled first (tests/real/cluster/e2e/build: Go, 7 minutes) unless they are there. Each test is a process of its own,
as many at a time as wait for something most of the time. Writes E2E.md beside this file when all were asked for; exits 1 if
a test failed.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chaos import time

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "real" / "cluster" / "e2e" / "build"
BINARY = Path(os.environ.get("REALCLUSTER_HOME", Path.home() / ".cache" / "realcluster")) / "e2e" / "e2e.test"
FOCUS = "StatefulSet"
SKIP = "zookeeper|mysql|CockroachDB|Feature:|FeatureGate:"
"""Tests that need other images or features; on a real cluster all others pass."""

AT_ONCE = 7
WITHIN_S = 1800
VERSION = "1.37.2"


class Outcome(NamedTuple):
    """What became of a test, and after how many seconds; `why` is the failure's message."""

    name: str
    has_passed: bool
    seconds: float
    why: str


def main(part: str = "") -> int:
    """Run them, print a row for each as it ends, and give the exit code."""
    if not BINARY.exists():
        subprocess.run([BUILD, "tests"], check=True)
    with tempfile.TemporaryDirectory() as place:
        names = [name for name in _names(Path(place)) if part in name]
        together = [name for name in names if "[Serial]" not in name]
        with _serving(Path(place)) as kubeconfig, ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(lambda name: _run(name, kubeconfig), together))
            outcomes += [_run(name, kubeconfig) for name in names if name not in together]
    outcomes.sort()
    passed = sum(each.has_passed for each in outcomes)
    sys.stdout.write(f"{passed} of {len(outcomes)} passed\n")
    if not part:
        (HERE / "E2E.md").write_text(_page(outcomes))
    return 0 if passed == len(outcomes) > 0 else 1


def _names(place: Path) -> list[str]:
    """The names of all tests that are meant."""
    report = place / "names.json"
    command = [str(BINARY), "--ginkgo.dry-run", "--kubeconfig=none", f"--ginkgo.focus={FOCUS}", f"--ginkgo.skip={SKIP}"]
    subprocess.run([*command, f"--ginkgo.json-report={report}"], check=True, capture_output=True)
    return [_name(each) for each in _specs(report)]


def _run(name: str, kubeconfig: Path) -> Outcome:
    """Run one test."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        command: Sequence[str | Path] = [
            BINARY,
            "--provider=local",
            f"--kubeconfig={kubeconfig}",
            f"--ginkgo.focus={re.escape(name)}$",
            f"--ginkgo.timeout={WITHIN_S}s",
            f"--ginkgo.json-report={report}",
        ]
        subprocess.run(command, check=False, capture_output=True, cwd=place)
        ran = [each for each in _specs(report) if _name(each) == name]
    if len(ran) != 1:
        return Outcome(name, has_passed=False, seconds=0.0, why=f"{len(ran)} tests of this name ran")
    state, failure = ran[0]["State"], ran[0].get("Failure") or {}
    outcome = Outcome(name, state == "passed", ran[0]["RunTime"] / 1e9, failure.get("Message", "").partition("\n")[0])
    sys.stdout.write(f"{state:<8} {outcome.seconds:>5.0f} s  {name}  {outcome.why}\n")
    sys.stdout.flush()
    return outcome


def _specs(report: Path) -> list[Any]:
    """The tests of a report that were not left out."""
    if not report.exists():
        return []
    suite = msgspec.json.decode(report.read_bytes())[0]
    return [each for each in suite["SpecReports"] or () if each["LeafNodeType"] == "It" and each["State"] != "skipped"]


def _name(spec: Any) -> str:
    return " ".join([*spec["ContainerHierarchyTexts"], spec["LeafNodeText"]])


@contextmanager
def _serving(place: Path) -> Iterator[Path]:
    """The embedded cluster in real time; its kubeconfig."""
    kubeconfig = place / "kubeconfig"
    command = [sys.executable, "-m", "chaos", "serve", "--kubeconfig-out", str(kubeconfig), "--seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            server.stdout.readline()
            yield kubeconfig
        finally:
            server.terminate()


def _page(outcomes: Sequence[Outcome]) -> str:
    rows = [
        f"| {each.name.removeprefix('[sig-apps] StatefulSet ')} | {'passed' if each.has_passed else 'failed'} "
        f"| {each.seconds:.0f} s | {each.why.replace('|', ' ')} |"
        for each in outcomes
    ]
    passed = sum(each.has_passed for each in outcomes)
    return "\n".join(
        [
            "# Kubernetes' own tests of StatefulSets on the embedded cluster",
            "",
            f"{passed} of {len(outcomes)} passed: the tests of Kubernetes {VERSION} that need no other images and no feature gate,",
            "against `chaos-sts serve` in real time. On a real cluster all of these pass. `make e2e` writes this table.",
            f"{time.wall().astimezone(UTC):%Y-%m-%d}, Python {platform.python_version()}, {AT_ONCE} tests at a time.",
            "",
            "| test | result | took | why |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
