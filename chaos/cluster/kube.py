"""From an `Access` to an API server: credentials and TLS, as kubernetes_asyncio finds them in a kubeconfig.

The only importer of kubernetes_asyncio, and it imports it when a connection is asked for: that costs 0.4 s and 75 MB.
Nothing global is set; the client library's own session is never used for a request.
"""

import ipaddress
import os
import ssl
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import yaml

from chaos import __version__
from chaos.cluster.access import Access, AccessError
from chaos.cluster.answers import brief
from chaos.cluster.port import Unreachable
from chaos.cluster.rest import CONNECT_S, Kube, Server

if TYPE_CHECKING:
    from kubernetes_asyncio.client import ApiClient, Configuration
    from kubernetes_asyncio.config.kube_config import KubeConfigLoader

READ_BUFFER = 2**20
REFRESH_S = 20.0

# What the loaders raise on a malformed file: they assert, index and unpack their way through it.
_MALFORMED = (OSError, ValueError, TypeError, KeyError, AttributeError, AssertionError, yaml.YAMLError, ssl.SSLError)


@asynccontextmanager
async def connect(access: Access, *, timeout_s: float = 10.0) -> AsyncIterator[Kube]:
    """A client for the cluster that `access` names, with connections that close when the context is left.

    Nothing is sent yet: a server that is not there shows at the first call.

    Raises:
        AccessError: the access is not explicit, or its kubeconfig cannot be used.
    """
    from kubernetes_asyncio.client import ApiClient

    configuration = await _configuration(access)
    # Every watch and every exec holds a connection: with a limit, the next call would wait for ever.
    configuration.connection_pool_maxsize = 0
    try:
        client = ApiClient(configuration)
    except (OSError, ssl.SSLError) as error:
        raise AccessError(f"the TLS files of {configuration.host} cannot be used: {brief(error)}") from error
    finally:
        _forget_key_files()
    async with client:
        connector = client.rest_client.pool_manager.connector
        async with aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"chaos-sts/{__version__}"},
            read_bufsize=READ_BUFFER,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
        ) as session:
            yield Kube(session, _server(client, configuration), timeout_s=timeout_s)


def proxy_for(url: str, configured: str | None) -> str | None:
    """The proxy for an API server: the kubeconfig's, else the environment's. A loopback address is always direct."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host):
        return None
    if configured:
        return configured
    if urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _server(client: "ApiClient", configuration: "Configuration") -> Server:
    async def headers() -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            with anyio.fail_after(REFRESH_S):
                await client.update_params_for_auth(found, [], ["BearerToken"])
        except (*_MALFORMED, TimeoutError, _config_error()) as error:
            raise Unreachable(f"the credentials cannot be refreshed: {brief(error)}") from error
        return found

    host = configuration.host or ""
    return Server(
        url=host.rstrip("/"),
        headers=headers,
        proxy=proxy_for(host, configuration.proxy),
        tls_name=configuration.tls_server_name,
    )


async def _configuration(access: Access) -> "Configuration":
    if access.in_cluster:
        return _in_cluster()
    if not access.context and not access.kubeconfig:
        raise AccessError("say which cluster: --context NAME, --kubeconfig FILE or --in-cluster")
    return await _from_kubeconfig(access)


def _in_cluster() -> "Configuration":
    from kubernetes_asyncio.client import Configuration
    from kubernetes_asyncio.config import load_incluster_config

    configuration = Configuration()
    try:
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except (*_MALFORMED, _config_error()) as error:
        raise AccessError(f"no service account of a pod can be used: {brief(error)}") from error
    return configuration


async def _from_kubeconfig(access: Access) -> "Configuration":
    from kubernetes_asyncio.client import Configuration
    from kubernetes_asyncio.config.kube_config import KubeConfigLoader

    source = access.kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    merged = _merged(source)
    context = access.context or merged.value.get("current-context")
    _check_context(merged.value, context, source)
    configuration = Configuration()
    try:
        loader = KubeConfigLoader(config_dict=merged, active_context=context, config_base_path=None)
        await loader.load_and_set(configuration)
    except (*_MALFORMED, _config_error()) as error:
        raise AccessError(f"context {context!r} of {source} cannot be used: {brief(error)}") from error
    _keep_token_fresh(configuration, loader)
    return configuration


def _merged(source: str) -> Any:
    from kubernetes_asyncio.config.kube_config import KubeConfigMerger

    paths = [Path(part).expanduser() for part in source.split(os.pathsep) if part]
    if not any(path.is_file() for path in paths):
        raise AccessError(f"no kubeconfig at {source}")
    try:
        merged = KubeConfigMerger(source).config
    except _MALFORMED as error:
        raise AccessError(f"kubeconfig {source} cannot be read: {brief(error)}") from error
    if merged is None or not isinstance(merged.value, dict):
        raise AccessError(f"kubeconfig {source} is empty")
    return merged


def _check_context(config: dict[str, Any], context: str | None, source: str) -> None:
    contexts = {entry["name"]: entry.get("context") or {} for entry in _entries(config, "contexts")}
    known = ", ".join(contexts) or "none"
    if not context:
        raise AccessError(f"kubeconfig {source} has no current context; pass --context (it has: {known})")
    if context not in contexts:
        raise AccessError(f"no context {context!r} in {source} (it has: {known})")
    clusters = {entry["name"]: entry.get("cluster") or {} for entry in _entries(config, "clusters")}
    cluster = clusters.get(contexts[context].get("cluster"))
    if cluster is None:
        raise AccessError(f"context {context!r} of {source} names a cluster that is not there")
    users = {entry["name"] for entry in _entries(config, "users")}
    if str(cluster.get("server", "")).startswith("https:") and contexts[context].get("user") not in users:
        raise AccessError(f"context {context!r} of {source} names no user, and its cluster speaks https")


def _entries(config: dict[str, Any], key: str) -> list[dict[str, Any]]:
    # The merger wraps entries in its own ConfigNode, whose `value` is the plain mapping.
    found = [getattr(entry, "value", entry) for entry in config.get(key) or ()]
    return [entry for entry in found if isinstance(entry, dict) and "name" in entry]


def _keep_token_fresh(configuration: "Configuration", loader: "KubeConfigLoader") -> None:
    """Run the exec plugin again when its token is about to expire: the library does so for nobody."""
    lock = anyio.Lock()

    async def refresh(configuration: "Configuration") -> None:
        # A plugin that gave no expiry is never asked again: its token holds until the server says otherwise.
        if not hasattr(loader, "exec_plugin_expiry"):
            return
        async with lock:
            # Returns at once while the token is good for another five minutes.
            await loader.load_from_exec_plugin()
            configuration.api_key["BearerToken"] = loader.token

    configuration.refresh_api_key_hook = refresh


def _forget_key_files() -> None:
    """Remove the loader's temporary files with client keys: they are read by now, and a kill would leave them."""
    from kubernetes_asyncio.config import kube_config

    kube_config._cleanup_temp_files()


def _config_error() -> type[Exception]:
    from kubernetes_asyncio.config import ConfigException

    return ConfigException


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
