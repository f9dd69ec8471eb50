"""Runs a session's commands on one cluster and keeps what they said."""

import os
import shlex
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from tests.real.kubectl.steps import NODE, Chapter, Step, Until

WITHIN_S = 60.0
"""How long a command may take, and how long what it waits for."""

LOOK_S = 0.3
"""Between two looks at what is waited for: a kubectl costs a tenth of a second of a processor."""


class Said(NamedTuple):
    """How a command ended. `code` is None if it was interrupted, as wanted."""

    code: int | None
    stdout: str
    stderr: str


class Target(NamedTuple):
    """A cluster, the kubectl that is used on it, the folder of this session's manifests, and its name for `NODE`."""

    kubectl: Path
    kubeconfig: Path
    cache: Path
    manifests: Path
    node: str

    def command(self, namespace: str, argv: str) -> list[str]:
        """A whole command line."""
        words = shlex.split(argv.replace(NODE, self.node))
        return [str(self.kubectl), f"--cache-dir={self.cache}", "--namespace", namespace, *words]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a command sees."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "LC_ALL": "C", "TZ": "UTC"}


def session(target: Target, chapters: tuple[Chapter, ...]) -> dict[str, Said]:
    """What every command of the chapters said, by chapter and name: `pods/logs --tail`. Chapters run side by side."""
    with ThreadPoolExecutor(len(chapters)) as pool:
        told = pool.map(lambda each: _chapter(target, each), chapters)
        return {name: said for one in told for name, said in one.items()}


def _chapter(target: Target, chapter: Chapter) -> dict[str, Said]:
    said: dict[str, Said] = {}
    # That of the session before may still be on its way out.
    _await(target, "default", Until(f"create namespace {chapter.namespace}"))
    _await(target, chapter.namespace, Until("get serviceaccounts -o name", "serviceaccount/default"))
    try:
        for step in chapter.steps:
            for until in step.after:
                _await(target, chapter.namespace, until)
            one = _interrupted if step.lines else _whole
            said[f"{chapter.name}/{step.name}"] = one(target, chapter.namespace, step)
    finally:
        for argv in (*chapter.cleanup, f"delete namespace {chapter.namespace} --wait=false"):
            _run(target, chapter.namespace, argv)
    return said


def _whole(target: Target, namespace: str, step: Step) -> Said:
    return _run(target, namespace, step.argv, step.stdin)


def _run(target: Target, namespace: str, argv: str, stdin: str = "") -> Said:
    try:
        done = subprocess.run(
            target.command(namespace, argv),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
            cwd=target.manifests,
            env=target.environment,
        )
    except subprocess.TimeoutExpired:
        return Said(-1, "", f"it did not end within {WITHIN_S:g} s")
    return Said(done.returncode, done.stdout, done.stderr)


def _await(target: Target, namespace: str, until: Until) -> None:
    """Wait for it in vain at most for a while: the command that follows then says something else."""
    end = monotonic() + WITHIN_S
    while not _is_met(until, _run(target, namespace, until.argv)) and monotonic() < end:
        sleep(LOOK_S)


def _is_met(until: Until, said: Said) -> bool:
    return said.code == 0 if until.prints is None else said.stdout.strip() == until.prints


def _interrupted(target: Target, namespace: str, step: Step) -> Said:
    """A command that would go on for ever."""
    with subprocess.Popen(
        target.command(namespace, step.argv),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=target.manifests,
        env=target.environment,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        timer = threading.Timer(WITHIN_S, process.kill)
        timer.start()
        lines = [process.stdout.readline()]
        for argv in step.meanwhile:
            _run(target, namespace, argv)
        lines += [process.stdout.readline() for _ in range(step.lines - 1)]
        timer.cancel()
        process.send_signal(signal.SIGINT)
        return Said(None, "".join(lines), process.stderr.read())
