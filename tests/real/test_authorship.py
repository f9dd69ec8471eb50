"""Who deleted each pod, against the API server's audit log."""

import datetime
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from chaos.checkers.authorship import Authorship, first_deletion
from chaos.history import reader, run
from chaos.history.entries import MARKED, Header
from chaos.history.order import CHANGES, Event, Merger, Objects
from chaos.time import parse_timestamp
from tests.real.conftest import cluster
from tests.real.conftest import run as chaos_run

pytestmark = [pytest.mark.real, pytest.mark.timeout(420)]

ROLES = {
    "stscontroller": "controller",
    "system:serviceaccount:kube-system:statefulset-controller": "controller",
    "system:serviceaccount:kube-system:generic-garbage-collector": "collector",
    "admin": "own",
}


def decided(folder: Path) -> list[tuple[Event, str]]:
    """Every first deletion of a pod of the target set in a recorded run, with its author as the program decides."""
    info = run.read(folder)
    merger, authorship = Merger(MARKED), Authorship()
    objects = {stream: Objects() for stream in MARKED}
    for entry in reader.read(folder / reader.FILE):
        if entry.type == "judging-ended":
            break
        if entry.stream in MARKED and entry.type in CHANGES:
            merger.push(objects[entry.stream].event(entry))
        elif entry.stream in MARKED:
            merger.shown(entry.stream, int(entry.rv))
        authorship.on_entry(entry)
    authorship.close()
    found: list[tuple[Event, str]] = []
    while (event := merger.peek()) is not None:
        merger.pop()
        authorship.on_event(event)
        if first_deletion(event) and event.after["metadata"]["name"].startswith(info.statefulset + "-"):
            found.append((event, authorship.author(event)))
    return found


def audited(namespace: str) -> list[dict[str, Any]]:
    """Successful deletes of pods in a namespace, oldest first, from the audit log."""
    lines = (json.loads(line) for line in cluster("logs", "audit").splitlines() if f'"{namespace}"' in line)
    deletes = [
        line
        for line in lines
        if line["verb"] == "delete"
        and line["objectRef"].get("resource") == "pods"
        and line["objectRef"].get("namespace") == namespace
        and line["stage"] == "ResponseComplete"
        and line["responseStatus"]["code"] == 200
    ]
    return sorted(deletes, key=lambda line: str(line["stageTimestamp"]))


def compare(folder: Path) -> Counter[tuple[str, str]]:
    """How often (decided, audited) fell together, over the pod deletes of one run."""
    info = run.read(folder)
    with (folder / reader.FILE).open("rb") as file:
        header = json.loads(file.readline())
    began = parse_timestamp(Header(**header).began)
    log = audited(info.namespace)
    pairs: Counter[tuple[str, str]] = Counter()
    for event, author in decided(folder):
        meta = event.after["metadata"]
        if "deletionTimestamp" not in meta:
            # Removed by a status write of the pod that bore the name before: the log has no delete of this one.
            pairs[author, "other"] += 1
            continue
        born = parse_timestamp(meta["creationTimestamp"])
        seen = began + datetime.timedelta(seconds=event.t + 0.5)
        mine = [
            line
            for line in log
            if line["objectRef"]["name"] == meta["name"]
            and born <= parse_timestamp(line["requestReceivedTimestamp"]) <= seen
        ]
        users = [ROLES.get(line["user"]["username"], line["user"]["username"]) for line in mine]
        # The request that shows first is the first that completed since this pod was made (one name, several lives).
        last_birth = [user for user in users if not user.startswith("system:node")]
        pairs[author, last_birth[-1] if len(set(last_birth)) == 1 else _closest(mine, began, event)] += 1
    return pairs


def _closest(lines: list[dict[str, Any]], began: datetime.datetime, event: Event) -> str:
    at = began + datetime.timedelta(seconds=event.t)
    best = min(lines, key=lambda line: abs(parse_timestamp(line["stageTimestamp"]) - at), default=None)
    return ROLES.get(best["user"]["username"], best["user"]["username"]) if best else "nobody"


@pytest.mark.parametrize("seed", [3])
def test_authors_agree_with_the_audit_log(tmp_path: Path, seed: int) -> None:
    done = chaos_run("stress", tmp_path / "run", "--seed", str(seed))

    assert done.code == 0, done.text
    pairs = compare(tmp_path / "run")

    assert sum(pairs.values()) > 20
    assert {pair: times for pair, times in pairs.items() if pair[0] != pair[1]} == {}
