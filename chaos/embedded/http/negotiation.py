"""What a client wants to be answered in: JSON, or protobuf where it names that first."""

import msgspec
from aiohttp import web

from chaos.embedded.http import protobuf
from chaos.embedded.http.answers import JSON

_decode = msgspec.json.Decoder().decode


def prefers_protobuf(request: web.BaseRequest) -> bool:
    """Whether an answer is to be protobuf. A view of an object (`as=Table`) is served in JSON only."""
    accepted = request.headers.get("Accept", "")
    if protobuf.PROTOBUF not in accepted:
        return False
    for each in accepted.split(","):
        kind, *parameters = (part.strip() for part in each.split(";"))
        if kind == protobuf.PROTOBUF and not any(part.startswith("as=") for part in parameters):
            return True
        if kind != protobuf.PROTOBUF:
            return False
    return False


def answered(request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
    """An answer as the client wants it; what is no object of a served kind stays as it is."""
    if not isinstance(answer, web.Response) or answer.content_type != JSON or not prefers_protobuf(request):
        return answer
    item = _decode(answer.body) if isinstance(answer.body, bytes) else None
    try:
        body = protobuf.encoded(item) if isinstance(item, dict) else None
    except protobuf.Malformed:
        # Whoever wrote the object sent JSON of a type that its kind does not have: clients read JSON too.
        return answer
    if body is not None:
        answer.body = body
        answer.content_type = protobuf.PROTOBUF
    return answer
