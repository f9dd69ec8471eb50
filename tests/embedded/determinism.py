"""Whether the same seed gives the same history everywhere: in every process, and on every Python that is installed.

    python -m tests.embedded.determinism [PROFILE [SEED]]

Each Python from 3.11 on gets a virtual environment of its own under .venvs, from requirements.lock. Exits 1 unless all
histories hold the same lines and all reports the same verdict; processes of one Python must agree byte by byte.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

HOUSE = Path(__file__).parent.parent.parent
MINORS = range(11, 16)
SALTS = ("1", "2", "3")


class Trace(NamedTuple):
    """What a run left: digests of its history as it is and with sorted lines, how many lines that are, and the verdict."""

    history: str
    lines: str
    entries: int
    verdict: str


def main(profile: str = "stress", seed: str = "7") -> int:
    """Run everywhere, print a row for each process, and give the exit code."""
    traces: list[Trace] = []
    is_same = True
    for name, python in _pythons():
        own = [trace(python, profile, seed, salt) for salt in SALTS]
        for salt, each in zip(SALTS, own, strict=True):
            row = f"{name:<14} PYTHONHASHSEED={salt}  {each.entries} lines  {each.history[:16]}  {each.verdict}"
            sys.stdout.write(row + "\n")
            sys.stdout.flush()
        is_same = is_same and len(set(own)) == 1
        traces += own
    is_same = is_same and len({(each.lines, each.verdict) for each in traces}) == 1
    sys.stdout.write(
        f"{profile}, seed {seed}: {'the same' if is_same else 'NOT the same'} in {len(traces)} processes\n"
    )
    return 0 if is_same else 1


def trace(python: Path, profile: str, seed: str, salt: str) -> Trace:
    """Run a profile in a process of its own.

    Raises:
        subprocess.CalledProcessError: it neither held nor was violated nor stayed unknown.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        command = [str(python), "-m", "chaos", "run", profile, "--seed", seed, "--out", str(folder), "--quiet"]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": salt}, cwd=HOUSE, check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode not in (0, 1, 3):
            raise subprocess.CalledProcessError(done.returncode, command)
        history = (folder / "history.jsonl").read_bytes()
        report = msgspec.json.decode((folder / "report.json").read_bytes())
    lines = history.splitlines(keepends=True)
    return Trace(_digest(history), _digest(b"".join(sorted(lines))), len(lines), report["verdict"])


def _pythons() -> Iterator[tuple[str, Path]]:
    """Every Python of `MINORS` that is installed, this one as it is and the others with an environment of their own."""
    for minor in MINORS:
        if minor == sys.version_info.minor:
            yield f"python 3.{minor}", Path(sys.executable)
        elif (found := _installed(f"3.{minor}")) is not None:
            yield f"python 3.{minor}", _equipped(found, HOUSE / ".venvs" / f"3.{minor}")


def _installed(version: str) -> Path | None:
    """The interpreter of that version: on the path, or one of pyenv's."""
    on_path = shutil.which(f"python{version}")
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for each in (*([Path(on_path)] if on_path else []), *sorted(kept.glob(f"{version}.*/bin/python"))):
        # A shim of pyenv's is there for every version, and works for the chosen one alone.
        if subprocess.run([each, "-c", "import ensurepip, venv"], check=False, capture_output=True).returncode == 0:
            return each
    return None


def _equipped(python: Path, place: Path) -> Path:
    own = place / "bin" / "python"
    wanted = (HOUSE / "requirements.lock").read_bytes()
    stamp = place / "installed"
    if not stamp.exists() or stamp.read_bytes() != wanted:
        subprocess.run([python, "-m", "venv", place], check=True)
        install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", "requirements.lock"]
        subprocess.run([own, "-m", "pip", *install], cwd=HOUSE, check=True)
        stamp.write_bytes(wanted)
    return own


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
