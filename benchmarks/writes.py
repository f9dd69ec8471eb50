"""What a write costs the embedded API server: `python -m benchmarks.writes [TIMES]`, 2000 unless told.

The same updates and patches of a StatefulSet and of a pod's status on an object that nobody applied, and on one whose fields
have owners.
"""

import sys
from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage

from chaos.embedded.api import ApiServer
from chaos.embedded.api.server import Tracked
from tests.embedded.server import NS, USER, server, statefulset


def main(times: int) -> None:
    """Print microseconds of CPU for each kind of write."""
    cases: list[tuple[str, Tracked]] = [("untracked", "from first apply"), ("tracked", "from creation")]
    for name, tracked in cases:
        api = server(tracked=tracked)
        api.create("statefulsets", NS, statefulset(), user=USER)
        print(f"{name:<10} patch of a set     {_cost_us(lambda n, api=api: _patch(api, n), times):>8.0f} us")
        print(f"{name:<10} update of a status {_cost_us(lambda n, api=api: _status(api, n), times):>8.0f} us")


def _patch(api: ApiServer, number: int) -> None:
    api.patch("statefulsets", NS, "web", {"spec": {"replicas": number % 7}}, "merge", user=USER)


def _status(api: ApiServer, number: int) -> None:
    item = api.get("statefulsets", NS, "web")
    api.update("statefulsets", NS, "web", {**item, "status": {"replicas": number % 7}}, user=USER, subresource="status")


def _cost_us(write: Callable[[int], None], times: int) -> float:
    before = _cpu_s()
    for number in range(times):
        write(number)
    return 1e6 * (_cpu_s() - before) / times


def _cpu_s() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
