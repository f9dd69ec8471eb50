"""One run of the program from this tree on the real cluster, ended when its time is over, and what its report says."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.blocks import ROOT
from tests.real.conftest import kubeconfig

CLEANUP_S = 90.0
"""What an interrupted run may take to put everything back."""


@dataclass(frozen=True)
class Recorded:
    """A run: its exit code, what is in its report (empty if there is none), and how long its history is."""

    code: int
    report: dict[str, Any]
    seconds: float
    text: str

    @property
    def violated(self) -> dict[str, dict[str, Any]]:
        """What is said of the violated guarantees, by name."""
        guarantees = self.report.get("guarantees", {})
        return {name: each for name, each in guarantees.items() if each["verdict"] == "violated"}

    @property
    def operations(self) -> int:
        """How many were performed."""
        return sum(self.report.get("operations", {}).values())


def record(profile: str, seed: int, folder: Path, *more: str, within_s: float) -> Recorded:
    """Run a profile on the real cluster; interrupt it after so many seconds."""
    command = [sys.executable, "-m", "chaos", "run", profile, "--kubeconfig", str(kubeconfig())]
    with subprocess.Popen(
        [*command, "--seed", str(seed), "--out", str(folder), "--quiet", *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            text, _ = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=CLEANUP_S)
    report = folder / "report.json"
    found = json.loads(report.read_text()) if report.exists() else {}
    history = folder / "history.jsonl"
    return Recorded(process.returncode, found, _length_s(history) if history.exists() else 0.0, text)


def _length_s(history: Path) -> float:
    """The time of the last whole entry."""
    with history.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 2**20, 0))
        lines = file.read().splitlines()
    for line in reversed(lines):
        try:
            return float(json.loads(line)["t"])
        except (ValueError, KeyError):
            # A torn line, or the header of a history without entries.
            continue
    return 0.0
