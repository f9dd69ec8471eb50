"""What a client gets that sends what makes no sense: the same refusal from the real API server and from the embedded one."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.real.administrator import Server

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

MAPS = "/api/v1/namespaces/default/configmaps"
ONE = f"{MAPS}/kube-root-ca.crt"
SETS = "/apis/apps/v1/namespaces/default/statefulsets"
JSON, MERGE, STEPS, APPLY = (
    "application/json",
    "application/merge-patch+json",
    "application/json-patch+json",
    "application/apply-patch+yaml",
)

Ask = Callable[[str, str, bytes | None, str], bytes]


class Bad(NamedTuple):
    """A request that cannot be right."""

    method: str
    path: str
    body: bytes | None = None
    kind: str = JSON


REQUESTS = (
    Bad("POST", MAPS, b"{"),
    Bad("POST", MAPS, b""),
    Bad("POST", MAPS, b"[]"),
    Bad("POST", MAPS, b'"x"'),
    Bad("POST", MAPS, b"\xff\xfe"),
    Bad("POST", MAPS, b'{"kind":"Secret","apiVersion":"v1"}'),
    Bad("POST", MAPS, b'{"metadata":{}}'),
    Bad("POST", MAPS, b'{"metadata":{"name":"A_b"}}'),
    Bad("POST", MAPS, b'{"metadata":{"name":"x","namespace":"other"}}'),
    Bad("POST", MAPS, b'{"metadata":{"name":5}}'),
    Bad("POST", MAPS, b'{"metadata":"x"}'),
    Bad("POST", f"{MAPS}?fieldValidation=Strict", b'{"metadata":{"name":"x"},"nope":1}'),
    Bad("POST", MAPS, b'{"metadata":{"name":"x"}}', "text/plain"),
    Bad("POST", MAPS, b'{"metadata":{"name":"x"},"data":{"a":"' + b"x" * 1_200_000 + b'"}}'),
    Bad("POST", MAPS, b'{"metadata":{"name":"x"},"data":{"a":NaN}}'),
    Bad("POST", MAPS, b'{"a":' * 12_000 + b"1" + b"}" * 12_000),
    Bad("POST", MAPS, b"k8s\x00\xff\xff\xff", "application/vnd.kubernetes.protobuf"),
    Bad("POST", MAPS, b"nope", "application/vnd.kubernetes.protobuf"),
    Bad("PATCH", ONE, b"{", MERGE),
    Bad("PATCH", ONE, b"[]", MERGE),
    Bad("PATCH", ONE, b'{"metadata":{"name":"other"}}', MERGE),
    Bad("PATCH", ONE, b'{"data":[]}', MERGE),
    Bad("PATCH", ONE, b"{}", JSON),
    Bad("PATCH", ONE, b"{}", STEPS),
    Bad("PATCH", ONE, b"[1,2]", STEPS),
    Bad("PATCH", ONE, b'[{"op":"nope","path":"/x"}]', STEPS),
    Bad("PATCH", ONE, b'[{"op":"replace","path":"/x/y","value":1}]', STEPS),
    Bad("PATCH", ONE, b'[{"op":"test","path":"/metadata/name","value":"q"}]', STEPS),
    Bad("PATCH", ONE, b'[{"op":"add","path":"/data/x","value":5}]', STEPS),
    Bad("PATCH", ONE, b'{"a": b}', APPLY),
    Bad("PATCH", f"{ONE}?fieldManager=x", b"a: [", APPLY),
    Bad("PUT", ONE, b'{"metadata":{"name":"zz"}}'),
    Bad("PUT", ONE, b"null"),
    Bad("PUT", "/api/v1/pods", b"{}"),
    Bad("DELETE", f"{MAPS}/nope"),
    Bad("DELETE", ONE, b'{"propagationPolicy":"Nope"}'),
    Bad("DELETE", ONE, b'{"gracePeriodSeconds":"x"}'),
    Bad("DELETE", ONE, b'{"preconditions":{"uid":"nope"}}'),
    Bad("GET", "/api/v1/namespaces/default/pods/..%2f..%2fetc"),
    Bad("GET", "/api/v1/namespaces/default/pods/%00"),
    Bad("GET", "/api/v1/nopes"),
    Bad("GET", "/api/v1/pods?labelSelector=a%3D%3D%3Db"),
    Bad("GET", "/api/v1/pods?fieldSelector=spec.nope%3Dx"),
    Bad("GET", "/api/v1/pods?limit=abc"),
    Bad("GET", "/api/v1/pods?resourceVersion=99&resourceVersionMatch=Nope"),
    Bad("GET", "/api/v1/pods?continue=zzz"),
    Bad("GET", "/api/v1/namespaces/default/pods/x/log?tailLines=-1"),
    Bad("POST", SETS, b'{"metadata":{"name":"s"},"spec":{"replicas":"three"}}'),
    Bad("POST", SETS, b'{"metadata":{"name":"s"},"spec":{"replicas":-1}}'),
    Bad("POST", SETS, b'{"metadata":{"name":"s"},"spec":{}}'),
    Bad(
        "POST",
        "/api/v1/namespaces/nope/pods",
        b'{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}',
    ),
    Bad("POST", "/api/v1/namespaces/default/pods/x/exec"),
)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Ask]:
    """The embedded API server in real time."""
    file = tmp_path / "config"
    with subprocess.Popen(
        [sys.executable, "-m", "chaos", "serve", "--seed", "1", "--kubeconfig-out", file], stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        url = yaml.safe_load(file.read_text())["clusters"][0]["cluster"]["server"]

        def ask(method: str, path: str, body: bytes | None, kind: str) -> bytes:
            request = urllib.request.Request(url + path, body, {"Content-Type": kind, "Accept": JSON}, method=method)
            with urllib.request.urlopen(request, timeout=30) as answer:
                return bytes(answer.read())

        yield ask
        server.terminate()


def refusal(ask: Ask, bad: Bad) -> tuple[int, Any, Any]:
    """Status, kind and reason of an answer that is none but a refusal."""
    try:
        given = ask(*bad)
    except urllib.error.HTTPError as error:
        told = json.loads(error.read())
        return error.code, told["kind"], told.get("reason")
    raise AssertionError(f"{bad.method} {bad.path} {bad.body!r:.80} was accepted: {given!r:.200}")


def test_both_refuse_for_the_same_reason(embedded: Ask, tmp_path: Path) -> None:
    real = Server(tmp_path)

    def administrator(method: str, path: str, body: bytes | None, kind: str) -> bytes:
        return real.ask(method, path, body, kind, JSON)

    differences = [
        (bad.method, bad.path, (bad.body or b"")[:80], expected, given)
        for bad in REQUESTS
        if (expected := refusal(administrator, bad)) != (given := refusal(embedded, bad))
    ]

    assert differences == []
