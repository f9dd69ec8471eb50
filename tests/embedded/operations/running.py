"""Runs of tiny profiles on the embedded cluster, and what their histories say."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from chaos.checkers.catalogue import GUARANTEES
from chaos.cli.embedded import connect
from chaos.cluster.access import EMBEDDED
from chaos.embedded.release import release
from chaos.embedded.virtual import run
from chaos.history import mergepatch, reader
from chaos.history.entries import Entry
from chaos.profile import Profile, parse
from chaos.runner import stamp
from chaos.runner.session import Result, Wishes, run_profile
from chaos.verdict import Report

Json = dict[str, Any]


class Ran:
    """A run that is over: its report, what it said, and its history."""

    def __init__(self, result: Result, said: list[str], folder: Path) -> None:
        self.report: Report = result.report
        self.trouble = result.trouble
        self.said = said
        self.entries: list[Entry] = list(reader.read(folder / reader.FILE))

    def outcomes(self, kind: str) -> list[str]:
        """What became of the requests of one kind of operation, in the order in which they were sent; `skipped` stands for itself."""
        ends = {entry.data["start"]: entry for entry in self.entries if entry.type == "end"}
        found = []
        for entry in self.entries:
            if entry.stream == "operations" and entry.type != "end" and entry.data["operation"]["kind"] == kind:
                found.append("skipped" if entry.type == "skipped" else ends[entry.i].data["outcome"])
        return found

    def why_skipped(self) -> list[str]:
        """Why operations were skipped."""
        return [entry.data["why"] for entry in self.entries if entry.type == "skipped"]

    def states(self, stream: str, name: str) -> list[Json]:
        """Every state of the objects of this name that was seen, in order; the last one of a removed object again."""
        return [state for state in self._states(stream) if state["metadata"]["name"] == name]

    def created(self, name: str) -> int:
        """How many pods of this name there were."""
        return len({state["metadata"]["uid"] for state in self.states("pods", name)})

    def violated(self) -> list[str]:
        """The guarantees that were violated."""
        return [name for name, judgement in self.report.guarantees.items() if judgement.verdict == "violated"]

    def _states(self, stream: str) -> Iterator[Json]:
        last: dict[str, Json] = {}
        for entry in self.entries:
            if entry.stream != stream or not isinstance(entry.data, dict):
                continue
            if "whole" in entry.data:
                last[entry.uid] = entry.data["whole"]
            elif "patch" in entry.data:
                last[entry.uid] = mergepatch.apply(last[entry.uid], entry.data["patch"])
            else:
                continue
            yield last[entry.uid]


def profile(phases: str, target: str = "") -> Profile:
    """A profile of two pods; `phases` is the YAML below `phases:`, `target` more of the target's keys."""
    extra = f", {target}" if target else ""
    text = (
        "name: tiny\n"
        f'target: {{statefulset: web, service: nginx, replicas: 2, images: ["nginx:1.27", "nginx:1.26"]{extra}}}\n'
        f"phases:\n{phases}"
    )
    return parse(text, "tiny.yaml", {}, GUARANTEES)


def perform(folder: Path, phases: str, target: str = "") -> Ran:
    """Run a profile to its end."""
    said: list[str] = []

    async def act() -> Result:
        async with connect(1, release("1.37")) as cluster:
            wishes = Wishes(1, EMBEDDED, folder, {}, stamp.drawn(1))
            return await run_profile(cluster, profile(phases, target), wishes, said.append)

    return Ran(run(partial(act)), said, folder)
