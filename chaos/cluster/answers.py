"""What an answer, or the lack of one, says about the effect of a request: the only place where errors are mapped.

4xx surely had no effect; 5xx, a timeout and a cut connection may have had one; where no connection was made, nothing
was sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

from chaos.cluster.port import ClusterError, Expired, Refused, Uncertain, Unreachable

MESSAGE_CHARACTERS = 400

_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)

_decode = msgspec.json.Decoder().decode


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn whatever the HTTP client raises into the port's errors; `what` names the request: `DELETE pods/web-0`.

    Raises:
        Unreachable: no connection was made, so nothing was sent.
        Uncertain: the request may have left: a timeout, a cut or broken answer.
    """
    try:
        yield
    except _NEVER_SENT as error:
        raise Unreachable(f"{what}: {brief(error)}") from error
    except TimeoutError as error:
        raise Uncertain(f"{what}: no answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Uncertain(f"{what}: {brief(error)}") from error


def failure(what: str, status: int, body: bytes) -> ClusterError:
    """The error that an answer other than 2xx stands for. A body that is no Kubernetes Status is not quoted."""
    reason, message = _status(body)
    return judged(what, status, reason, message)


def judged(what: str, status: int, reason: str, message: str) -> ClusterError:
    """The error for a Status of the server, whether it came as an answer, as a watch event or over an exec channel."""
    reason = reason or _phrase(status)
    message = message[:MESSAGE_CHARACTERS]
    if status == HTTPStatus.GONE:
        return Expired(status, reason, message)
    # A 408 is written by proxies that gave up on us; what they had passed on by then is not known.
    if 400 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT:
        return Refused(status, reason, message or what)
    return Uncertain(f"{what}: {status} {reason}" + (f": {message}" if message else ""), status)


def document(what: str, body: bytes) -> dict[str, Any]:
    """A 2xx body as JSON.

    Raises:
        Uncertain: it is not a JSON object, so something other than an API server answered.
    """
    try:
        value = _decode(body)
    except msgspec.DecodeError as error:
        raise Uncertain(f"{what}: the answer is not JSON") from error
    if not isinstance(value, dict):
        raise Uncertain(f"{what}: the answer is not an object")
    return value


def brief(error: BaseException) -> str:
    """One short line about an error, never empty."""
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:MESSAGE_CHARACTERS]


def _status(body: bytes) -> tuple[str, str]:
    try:
        value = _decode(body)
    except msgspec.DecodeError:
        return "", ""
    if not isinstance(value, dict) or value.get("kind") != "Status":
        return "", ""
    return str(value.get("reason") or ""), str(value.get("message") or "")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"
