"""Faults over HTTP, for whoever tests with the cluster: /chaos/faults lists, begins and heals them. Not part of Kubernetes."""

import math

from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.faults import MEANINGS, NAMES, CannotInflict, Fault, Faults, Name
from chaos.embedded.http.answers import document
from chaos.embedded.interface import ApiError

PATH = "/chaos/faults"

USUAL = Fault("slow-api")


def answer(request: web.BaseRequest, faults: Faults) -> web.Response:
    """GET lists faults, POST /NAME?seconds=&share=&delay=&node= begins one, DELETE /NAME?node= heals it.

    Raises:
        ApiError: 400 a parameter makes no sense; 404 no such fault, or it is not under way; 405; 409 it cannot be inflicted.
    """
    rest = request.path.removeprefix(PATH).strip("/")
    if not rest:
        if request.method != "GET":
            raise ApiError(405, "MethodNotAllowed", "faults are listed by GET, begun by POST and healed by DELETE")
        known = [{"name": name, "does": MEANINGS[name]} for name in NAMES]
        active = [{"name": name, **({"node": node} if node else {})} for name, node in faults.active]
        return document({"faults": known, "active": active})
    name = next((each for each in NAMES if each == rest), None)
    if name is None:
        raise ApiError(404, "NotFound", f"there is no fault {rest}; expected one of {', '.join(NAMES)}")
    match request.method:
        case "POST":
            return _begin(request, faults, name)
        case "DELETE":
            if not faults.end(name, request.query.get("node", "")):
                raise ApiError(404, "NotFound", f"{name} is not under way")
            return document({"healed": name})
    raise ApiError(405, "MethodNotAllowed", "faults are listed by GET, begun by POST and healed by DELETE")


def _begin(request: web.BaseRequest, faults: Faults, name: Name) -> web.Response:
    fault = Fault(
        name,
        _number(request, "seconds", USUAL.seconds),
        _number(request, "share", USUAL.share),
        _number(request, "delay", USUAL.delay_s),
        request.query.get("node", ""),
    )
    try:
        faults.begin(fault)
    except CannotInflict as error:
        raise ApiError(409, "Conflict", str(error)) from error
    return document({"begun": name, "does": MEANINGS[name], "seconds": fault.seconds}, 202)


def _number(request: web.BaseRequest, name: str, usual: float) -> float:
    text = request.query.get(name, "")
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf or (name == "share" and value > 1):
        raise bad_request(f"{name}={text}: expected a number from 0" + (" to 1" if name == "share" else ""))
    return value
