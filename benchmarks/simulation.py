"""What an hour on the embedded cluster costs: `python -m benchmarks.simulation [MINUTES]`, 60 unless told.

Five pods, a fault every 5 s, every name resolved from two pods each second: 720 faults and 36,000 lookups in an hour.
"""

import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import msgspec

from chaos.checkers.judge import fold
from chaos.cli import main as chaos_sts
from chaos.history import reader, run

PROFILE = """
name: hour
target: {{statefulset: web, service: nginx, replicas: 5, images: ["nginx:1.27"], storage: 10Mi}}
phases:
  - name: hour
    for: {minutes}m
    tasks:
      - {{delete-pods: {{pick: random, grace: [0s, 3s]}}, every: 5s}}
      - {{probe-dns: {{from: 2, names: each-pod}}, every: 1s}}
    until: settled
checks: {{require: [identity.pod, identity.claim, dns.answers], judge: all}}
"""


def main(minutes: int) -> None:
    """Simulate, then judge the record again, and print what each cost."""
    with tempfile.TemporaryDirectory() as place:
        profile, folder = Path(place) / "hour.yaml", Path(place) / "run"
        profile.write_text(PROFILE.format(minutes=minutes))
        before = _cpu_s()
        try:
            code = chaos_sts(["run", str(profile), "--seed", "1", "--out", str(folder), "--quiet"])
        except SystemExit as done:
            code = int(done.code or 0)
        whole = _cpu_s() - before
        memory = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        began = _cpu_s()
        entries = list(reader.read(folder / reader.FILE))
        fold(run.read(folder), entries)
        checking = _cpu_s() - began
        report = msgspec.json.decode((folder / "report.json").read_bytes())
    hours = minutes / 60
    lookups = sum(entry.stream == "dns" for entry in entries)
    print(f"exit code {code}, {sum(report['operations'].values())} operations, {lookups} lookups in {minutes} minutes")
    print(f"a simulated hour   {whole / hours:>8.1f} s of CPU")
    print(f"checking           {100 * checking / whole:>8.0f} % of it")
    print(f"peak memory        {memory:>8.0f} MB")


def _cpu_s() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
