"""A night's history of any length, never as a whole in memory: a run recorded on the embedded cluster, told over and over.

Every round has uids, resourceVersions and times of its own, and ends with everything removed that it left.
"""

import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from chaos.cli import main as chaos_sts
from chaos.history import reader, run
from chaos.history.entries import MARKED, Entry
from chaos.history.order import CHANGES, Objects

TIMESTAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

PROFILE = """
name: night
target: {statefulset: web, service: nginx, replicas: 5, images: ["nginx:1.27", "nginx:1.28"], storage: 10Mi}
phases:
  - name: churn
    for: 60s
    tasks:
      - {delete-pods: {pick: random, grace: [0s, 3s]}, every: 5s}
      - {scale: {between: [2, 7]}, every: 10s}
      - {set-partition: {between: [0, 5]}, every: 15s}
      - {set-image: "nginx:1.28", every: 20s}
      - {write-pages: each-pod, every: 4s}
      - {probe-dns: {from: 3, names: each-pod}, every: 100ms}
      - {probe-http: {from: 3, names: each-pod}, every: 100ms}
    until: settled
  - name: back
    do: [{set-partition: 0}, {set-image: "nginx:1.27"}]
    for: 30s
    tasks:
      - {delete-pods: {pick: random, grace: [0s, 3s]}, every: 5s}
      - {probe-dns: {from: 3, names: each-pod}, every: 100ms}
      - {probe-http: {from: 3, names: each-pod}, every: 100ms}
    until: settled
  - name: away
    do: [{scale: 0}]
    until: settled
checks: {judge: all}
"""


def recorded() -> tuple[run.RunInfo, list[Entry]]:
    """One round as it was recorded, up to its closing LISTs."""
    with tempfile.TemporaryDirectory() as place:
        profile, folder = Path(place) / "night.yaml", Path(place) / "run"
        profile.write_text(PROFILE)
        try:
            chaos_sts(["run", str(profile), "--seed", "1", "--out", str(folder), "--quiet"])
        except SystemExit:
            pass
        entries = list(reader.read(folder / reader.FILE))
        return run.read(folder), entries[: next(entry.i for entry in entries if entry.type == "final")]


def night(entries: list[Entry], length: int) -> Iterator[Entry]:
    """At least `length` entries: whole rounds, and the end of judging."""
    ending = _removals(entries)
    versions = max(int(entry.rv) for entry in entries if entry.rv) + len(ending) + 1
    lasts_s = entries[-1].t + 1.0
    i, round = 0, 0
    while i < length:
        first = i
        for entry in (*entries, *ending):
            yield _told(entry, i, first, round, round * versions, round * lasts_s)
            i += 1
        round += 1
    end_rv, end_t = str(round * versions), round * lasts_s
    for stream in MARKED:
        yield Entry(i, end_t, stream, end_rv, "", "final", {})
        i += 1
    yield Entry(i, end_t, "run", "", "", "judging-ended")


def _removals(entries: list[Entry]) -> list[Entry]:
    """Everything that a round leaves is removed, the set first, and claims by this run."""
    objects: dict[str, Objects] = {}
    left: dict[tuple[str, str], Any] = {}
    for entry in entries:
        if entry.type in CHANGES and entry.stream != "events":
            state = objects.setdefault(entry.stream, Objects()).event(entry).after
            if entry.type == "deleted":
                del left[entry.stream, entry.uid]
            else:
                left[entry.stream, entry.uid] = state
    rv, t, found = max(int(entry.rv) for entry in entries if entry.rv), entries[-1].t, []
    for (stream, uid), state in sorted(left.items(), key=lambda each: (each[0][0] != "statefulsets", each[0])):
        if stream == "persistentvolumeclaims":
            request = {"verb": "delete", "resource": stream, "name": state["metadata"]["name"]}
            data = {
                "phase": "back",
                "task": "",
                "k": 0,
                "operation": {"kind": "scale", "replicas": 0},
                "request": request,
            }
            found.append(Entry(0, t, "operations", "", "", "start", data))
            found.append(Entry(0, t, "operations", "", "", "end", {"start": -1, "outcome": "ok"}))
        rv += 1
        change = {"patch": {"metadata": {"resourceVersion": str(rv)}}, "from": state["metadata"]["resourceVersion"]}
        found.append(Entry(0, t, stream, str(rv), uid, "deleted", change))
    return found


def _told(entry: Entry, i: int, first: int, round: int, versions: int, later_s: float) -> Entry:
    data = entry.data
    rv = str(int(entry.rv) + versions) if entry.rv else ""
    uid = f"{entry.uid}{round}" if entry.uid else ""
    if isinstance(data, dict):
        if entry.type == "answer":
            data = {**data, "sent": data["sent"] + later_s}
            if "text" in data:
                data["text"] = _token(data["text"], round)
        elif entry.stream == "operations":
            data = _operation(data, i, first, round)
        elif "whole" in data or "patch" in data:
            data = _change(_later(data, later_s), rv, round, versions)
        elif "sent" in data:
            data = {"sent": data["sent"] + later_s}
        elif "at" in data:
            data = {**data, "at": {stream: str(int(at) + versions) for stream, at in data["at"].items()}}
    return Entry(i, entry.t + later_s, entry.stream, rv, uid, entry.type, data)


def _later(data: dict[str, Any], later_s: float) -> dict[str, Any]:
    """All that a state says of times."""
    text = TIMESTAMP.sub(lambda found: _moved(found[0], later_s), msgspec.json.encode(data))
    later: dict[str, Any] = msgspec.json.decode(text)
    return later


def _moved(timestamp: bytes, later_s: float) -> bytes:
    return (
        (datetime.fromisoformat(timestamp.decode()) + timedelta(seconds=round(later_s)))
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .encode()
    )


def _operation(data: dict[str, Any], i: int, first: int, round: int) -> dict[str, Any]:
    if "request" not in data:
        return {**data, "start": i - 1 if data["start"] < 0 else data["start"] + first} if "start" in data else data
    request = dict(data["request"])
    if request.get("uid"):
        request["uid"] = f"{request['uid']}{round}"
    if request.get("token"):
        request["token"] = _token(request["token"], round)
    return {**data, "request": request}


def _change(data: dict[str, Any], rv: str, round: int, versions: int) -> dict[str, Any]:
    key = "whole" if "whole" in data else "patch"
    meta = {**data[key]["metadata"], "resourceVersion": rv}
    if "uid" in meta:
        meta["uid"] = f"{meta['uid']}{round}"
    if meta.get("ownerReferences"):
        meta["ownerReferences"] = [{**each, "uid": f"{each['uid']}{round}"} for each in meta["ownerReferences"]]
    told: dict[str, Any] = {key: {**data[key], "metadata": meta}}
    endpoints = told[key].get("endpoints")
    if endpoints:
        told[key]["endpoints"] = [
            {**each, "targetRef": {**each["targetRef"], "uid": f"{each['targetRef']['uid']}{round}"}}
            if "targetRef" in each
            else each
            for each in endpoints
        ]
    if "from" in data:
        told["from"] = str(int(data["from"]) + versions)
    return told


def _token(text: str, round: int) -> str:
    """A page's token names a claim and a pod."""
    parts = text.split("/")
    if len(parts) != 5:
        return text
    return "/".join([*parts[:2], f"{parts[2]}{round}", f"{parts[3]}{round}", parts[4]])
