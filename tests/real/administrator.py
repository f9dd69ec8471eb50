"""Requests to the real API server as its administrator, and the bytes of its answers."""

import base64
import ssl
import urllib.request
from pathlib import Path

import yaml

from tests.real.conftest import kubeconfig


class Server:
    """The real API server, as its administrator sees it."""

    def __init__(self, folder: Path) -> None:
        config = yaml.safe_load(kubeconfig().read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._url = cluster["server"]
        self._context = ssl.create_default_context(cafile=_file(folder, cluster, "certificate-authority"))
        self._context.load_cert_chain(_file(folder, user, "client-certificate"), _file(folder, user, "client-key"))

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json", accepted: str = ""
    ) -> bytes:
        """The body of an answer, in the type that is accepted, or else the request is in; a patch is answered in JSON."""
        headers = {"Accept": accepted or (kind if "patch" not in kind else "application/json"), "Content-Type": kind}
        request = urllib.request.Request(self._url + path, body, headers, method=method)
        with urllib.request.urlopen(request, context=self._context, timeout=30) as answer:
            return bytes(answer.read())


def _file(folder: Path, told: dict[str, str], name: str) -> str:
    if name in told:
        return told[name]
    path = folder / name
    path.write_bytes(base64.b64decode(told[f"{name}-data"]))
    return str(path)
