"""Hunts mutants with the unit tests: a process of pytest that has collected them is forked for each mutant.

Which tests run which line is measured once. A mutant meets the tests that run its line, the quick ones first, until one fails.
"""

import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import coverage
import msgspec
import pytest

from tests.mutation.mutating import Mutant, mutants
from tests.mutation.planting import plant

BUDGET_S = 5
"""CPU seconds that a mutant's tests may take; one that takes longer does not end, and is noticed by that."""

ASKED_S = 2.5
"""Seconds of tests that a mutant meets at most, of those that run its line: its module's own first, then the quickest."""

ROOT = Path(__file__).parents[2]


class Case(NamedTuple):
    """A mutant of a module, and the file that holds it."""

    module: str
    file: Path
    mutant: Mutant

    @property
    def key(self) -> str:
        return f"{self.module}.{self.mutant.key}"


class Coverage(msgspec.Struct):
    """Each test and its seconds; `lines` maps "file:line" to the places of the tests that run it in that list."""

    took: list[tuple[str, float]]
    lines: dict[str, list[int]]

    def asked(self, file: Path, line: int) -> list[str]:
        """The tests that a mutant of this line meets, in order."""
        own = f"test_{file.stem}.py"
        running = [self.took[at] for at in self.lines.get(f"{file}:{line}", ())]
        left_s, chosen = ASKED_S, []
        for name, seconds in sorted(running, key=lambda each: (own not in each[0], each[1], each[0])):
            if seconds < left_s:
                left_s -= seconds
                chosen.append(name)
        return chosen


def cases(files: Iterable[Path]) -> list[Case]:
    """Every mutant of these files, in order."""
    found = []
    for file in sorted(files):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found += [Case(module, file, mutant) for mutant in mutants(file.read_text())]
    return found


class Measuring:
    """Runs every test once and notes which lines it runs, and how long that takes."""

    def __init__(self, package: Path) -> None:
        self._coverage = coverage.Coverage(data_file=None, source=[str(package)], config_file=False)
        self._took: dict[str, float] = {}

    @property
    def result(self) -> Coverage:
        data = self._coverage.get_data()
        lines: dict[str, list[int]] = {}
        places = {name: at for at, name in enumerate(self._took)}
        for file in sorted(data.measured_files()):
            for line, tests in data.contexts_by_lineno(file).items():
                lines[f"{Path(file).relative_to(ROOT)}:{line}"] = sorted(places[test] for test in tests if test)
        return Coverage(list(self._took.items()), lines)

    def pytest_sessionstart(self) -> None:
        self._coverage.start()

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._coverage.switch_context(item.nodeid)
        began = time.process_time()
        result = yield
        self._took[item.nodeid] = time.process_time() - began
        self._coverage.switch_context("")
        return result


class Hunting:
    """In place of running the tests once, runs some of them for each case, each in a fork."""

    def __init__(self, todo: Sequence[Case], measured: Coverage, say: Callable[[Case, str], None]) -> None:
        """Prepare.

        Args:
            say: told of each case and what became of it: `killed`, `survived`, `not run` (no test runs its line).
        """
        self._todo = todo
        self._measured = measured
        self._known = {name for name, _ in measured.took}
        self._say = say
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        for case in self._todo:
            file = case.file.relative_to(ROOT)
            names = self._measured.asked(file, case.mutant.line)
            # Tests of the module itself that are newer than the measurement.
            newer = [name for name in items if f"test_{file.stem}.py" in name and name not in self._known]
            chosen = [items[name] for name in [*newer, *names] if name in items]
            self._say(case, self._hunt(case, chosen) if chosen else "not run")
        return True

    def _hunt(self, case: Case, chosen: Sequence[pytest.Item]) -> str:
        child = os.fork()
        if not child:
            os._exit(self._meet(case, chosen))
        _, status = os.waitpid(child, 0)
        return "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"

    def _meet(self, case: Case, chosen: Sequence[pytest.Item]) -> int:
        """In a process of its own: whether any test fails, as an exit code."""
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + BUDGET_S
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        try:
            plant(case.module, case.file.read_text(), case.mutant)
            for item in chosen:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if self._failed:
                    return 1
        except BaseException:
            return 2
        return 0
