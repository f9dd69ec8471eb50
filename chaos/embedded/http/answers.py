"""Objects and errors as response bodies."""

from typing import Any

import msgspec
from aiohttp import web

from chaos.embedded.interface import ApiError, Json

JSON = "application/json"

UNSPECIFIC = (404, 405, 415, 422)
"""Refusals with details in any case, though empty (k8s.io/apimachinery 0.37 NewGenericServerResponse): kubectl looks into them."""

_encode = msgspec.json.Encoder().encode


class Encoded:
    """Objects as bytes, each version encoded once: no two versions share a resourceVersion."""

    KEPT = 4000

    def __init__(self) -> None:
        self._bytes: dict[str, bytes] = {}

    def of(self, item: Json) -> bytes:
        """A stored object as JSON."""
        rv = item["metadata"]["resourceVersion"]
        found = self._bytes.get(rv)
        if found is None:
            if len(self._bytes) >= self.KEPT:
                del self._bytes[next(iter(self._bytes))]
            found = self._bytes[rv] = _encode(item)
        return found


def document(value: Any, status: int = 200) -> web.Response:
    """Anything as a JSON answer."""
    return raw(_encode(value), status)


def raw(body: bytes, status: int = 200) -> web.Response:
    """JSON that is encoded already, as an answer."""
    return web.Response(body=body, status=status, content_type=JSON)


def status_object(error: ApiError) -> Json:
    """A refusal as Kubernetes' Status."""
    status: Json = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": error.message,
        "reason": error.reason,
        "code": error.status,
    }
    if error.details or error.status in UNSPECIFIC:
        status["details"] = error.details
    return status


def failure(error: ApiError) -> web.Response:
    """A refusal as an answer."""
    response = document(status_object(error), error.status)
    if error.status == 429:
        response.headers["Retry-After"] = str(error.details.get("retryAfterSeconds", 1))
    return response
