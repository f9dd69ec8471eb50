"""From an Access to a client: one clear line for whatever is wrong with it, and no proxy before a loopback address."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chaos.cluster.access import Access, AccessError
from chaos.cluster.kube import connect, proxy_for
from tests.cluster.loopback import answering, listening


def kubeconfig(folder: Path, server: str, credentials: dict[str, Any] | None = None, **context: str) -> str:
    """Write a kubeconfig with one context `c` and give its path."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "k", "cluster": {"server": server}}],
        "contexts": [{"name": "c", "context": {"cluster": "k", **context}}],
        "users": [] if credentials is None else [{"name": "u", "user": credentials}],
    }
    file = folder / "config"
    file.write_text(json.dumps(config))
    return str(file)


async def complaint(access: Access) -> str:
    with pytest.raises(AccessError) as caught:
        async with connect(access):
            pass
    text = str(caught.value)
    assert "\n" not in text
    return text


async def test_a_context_that_happens_to_be_current_is_not_used() -> None:
    assert await complaint(Access()) == "say which cluster: --context NAME, --kubeconfig FILE or --in-cluster"


async def test_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "none"

    assert await complaint(Access(kubeconfig=str(file))) == f"no kubeconfig at {file}"


@pytest.mark.parametrize("text", ["", "a: [", "[]", "just words"])
async def test_a_file_that_is_no_kubeconfig(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)

    assert await complaint(Access(kubeconfig=str(file)))


async def test_an_unknown_context_is_told_with_the_known_ones(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "http://127.0.0.1:1")

    assert await complaint(Access(context="d", kubeconfig=file)) == f"no context 'd' in {file} (it has: c)"


async def test_https_without_a_user(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "https://127.0.0.1:1", user="missing")

    assert await complaint(Access(kubeconfig=file)) == (
        f"context 'c' of {file} names no user, and its cluster speaks https"
    )


async def test_a_cluster_that_is_not_there(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "http://127.0.0.1:1", cluster="other")

    assert await complaint(Access(kubeconfig=file)) == f"context 'c' of {file} names a cluster that is not there"


async def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    data = {"client-certificate-data": "bm8=", "client-key-data": "bm8="}
    file = kubeconfig(tmp_path, "https://127.0.0.1:1", data, user="u")

    assert "TLS files" in await complaint(Access(kubeconfig=file))


async def test_no_pod_to_be_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    assert "no service account" in await complaint(Access(in_cluster=True))


async def test_the_token_is_sent_and_a_proxy_of_the_environment_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("KUBECONFIG", os.devnull)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return await answering(200, '{"gitVersion": "v1.2.3"}')(request)

    async with listening(handler) as url:
        file = kubeconfig(tmp_path, url, {"token": "t"}, user="u")
        async with connect(Access(kubeconfig=file)) as kube:
            assert await kube.version() == "1.2.3"

    assert seen == ["Bearer t"]


async def test_an_exec_plugin_is_asked_again_when_its_token_expires(tmp_path: Path) -> None:
    seen: list[str] = []
    plugin = tmp_path / "plugin"
    plugin.write_text(
        f"""#!/bin/sh
echo x >>{tmp_path}/calls
echo '{{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":
{{"token":"t'$(wc -l <{tmp_path}/calls)'","expirationTimestamp":"2020-01-01T00:00:00Z"}}}}'
"""
    )
    plugin.chmod(0o755)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return await answering(200, "{}")(request)

    async with listening(handler) as url:
        user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": str(plugin)}}
        async with connect(Access(kubeconfig=kubeconfig(tmp_path, url, user, user="u"))) as kube:
            await kube.get("nodes", "", "n")
            await kube.get("nodes", "", "n")

    assert seen == ["Bearer t2", "Bearer t3"]


def test_a_proxy_stands_before_everything_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")

    assert proxy_for("https://outside.example:6443", None) == "http://proxy:3128"
    assert proxy_for("https://outside.example", "http://own:1") == "http://own:1"
    assert proxy_for("https://inside.example", None) is None
    assert [proxy_for(f"https://{host}:1", "http://own:1") for host in ("127.0.0.1", "[::1]", "localhost")] == [
        None
    ] * 3
