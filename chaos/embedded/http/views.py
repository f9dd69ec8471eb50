"""Views of objects that a client may ask for: rows of text (Table), or metadata alone (PartialObjectMetadata).

Source: k8s.io/apiserver 0.37.2 pkg/endpoints/handlers/response.go, pkg/endpoints/handlers/negotiation.
"""

import datetime
from collections.abc import Mapping
from typing import NamedTuple, get_args

import msgspec
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.http import protobuf
from chaos.embedded.http.answers import JSON
from chaos.embedded.http.tables import Included, partial, table
from chaos.embedded.interface import ApiError, Json

VIEWS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
GROUP, VERSIONS = "meta.k8s.io", ("v1", "v1beta1")

_WHOLE = ("", "application/json", "application/*", "*/*", "application/yaml", protobuf.PROTOBUF)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class View(NamedTuple):
    """What is shown of an object; rows have headers, once in a watch."""

    kind: str
    version: str
    included: Included = "Metadata"
    headers: bool = True

    def of(self, item: Json, now: datetime.datetime) -> Json:
        """An object or a list as it is shown; a Status as it is.

        Raises:
            ApiError: 406, a list is asked for of one object, or the other way round.
        """
        if item.get("kind") == "Status":
            return item
        if self.kind == "Table":
            return table(item, now, self.version, self.included, headers=self.headers)
        is_list = isinstance(item.get("items"), list)
        if is_list != (self.kind == "PartialObjectMetadataList"):
            told = "a list" if is_list else "not a list"
            raise ApiError(406, "NotAcceptable", f"you requested {self.kind}, but the requested object is {told}")
        if not is_list:
            return partial(item, self.version)
        head = {"kind": self.kind, "apiVersion": f"{GROUP}/{self.version}", "metadata": item["metadata"]}
        return {**head, "items": [partial(each, self.version) for each in item["items"]]}


def view(request: web.BaseRequest) -> View | None:
    """The view that a client asks for first of all that is served; None if that is the objects as they are.

    Raises:
        ApiError: 406, it takes nothing that is served; 400, it wants rows to have something unknown.
    """
    accepted = request.headers.get("Accept", "")
    if "as=" not in accepted:
        return None
    for each in accepted.split(","):
        kind, *parts = (part.strip() for part in each.split(";"))
        told = dict(part.partition("=")[::2] for part in parts)
        if "as" not in told and kind in _WHOLE:
            return None
        if kind in ("application/json", "application/*", "*/*") and _is_served(told):
            if told["as"] != "Table":
                return View(told["as"], told["v"])
            return View("Table", told["v"], _included(request))
    message = f"only the following media types are accepted: {JSON}, application/yaml, {protobuf.PROTOBUF}"
    raise ApiError(406, "NotAcceptable", message)


def viewed(wanted: View | None, answer: web.StreamResponse, now: datetime.datetime) -> web.StreamResponse:
    """An answer as the client wants to see it.

    Raises:
        ApiError: 406, as `View.of` does.
    """
    if wanted is not None and isinstance(answer, web.Response) and answer.content_type == JSON:
        item = _decode(answer.body) if isinstance(answer.body, bytes) else None
        if isinstance(item, dict) and isinstance(item.get("metadata"), dict):
            answer.body = _encode(wanted.of(item, now))
    return answer


def _is_served(told: Mapping[str, str]) -> bool:
    return told["as"] in VIEWS and told.get("g") == GROUP and told.get("v") in VERSIONS


def _included(request: web.BaseRequest) -> Included:
    text = request.query.get("includeObject", "") or "Metadata"
    if text not in get_args(Included):
        why = f"includeObject: Invalid value: \"{text}\": must be 'Metadata', 'Object', 'None', or empty"
        raise bad_request(f"Unable to convert to Table as requested: {why}")
    included: Included = text  # type: ignore[assignment]
    return included
