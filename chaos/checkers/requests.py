"""What this run itself asked for, by object: a change that an own request may have made is nobody else's."""

from chaos.history.entries import Entry
from chaos.history.order import Event

WRITES = ("create", "patch", "delete")

KEPT_S = 600.0
"""How long after its answer a request may still be what made a change that comes in: no watch is silent for so long."""

FEW = 16
"""So many requests to one object are kept without a look at their age."""


class _Request:
    def __init__(self, entry: Entry) -> None:
        asked = entry.data["request"]
        self.start = entry.i
        self.verb: str = asked["verb"]
        self.uid: str = asked.get("uid", "")
        self.outcome = ""
        self.rv = ""
        self.ended = float("inf")


class OwnRequests:
    """Own requests to some resources, from their start on."""

    def __init__(self, *resources: str) -> None:
        self._resources = resources
        self._by_name: dict[tuple[str, str], list[_Request]] = {}
        self._open: dict[int, _Request] = {}

    def on_entry(self, entry: Entry) -> None:
        """Take in an entry of the operations."""
        if entry.type == "start":
            asked = entry.data["request"]
            if asked["resource"].partition("/")[0] in self._resources and asked["verb"] in WRITES:
                request = _Request(entry)
                self._open[entry.i] = request
                key = (asked["resource"].partition("/")[0], asked["name"])
                requests = self._by_name.setdefault(key, [])
                requests.append(request)
                if len(requests) % FEW == 0:
                    # Events of some time ago are still to come, and ask with their own times.
                    self._by_name[key] = [each for each in requests if each.ended >= entry.t - 2 * KEPT_S]
        elif entry.type == "end" and entry.data["start"] in self._open:
            request = self._open.pop(entry.data["start"])
            request.outcome, request.rv = entry.data["outcome"], entry.rv
            # What nobody answered may take effect at any time.
            if request.outcome != "unknown":
                request.ended = entry.t

    def may_have_made(self, event: Event, *verbs: str) -> bool:
        """Whether an own request (of one of these verbs, if any is given) may have made this change."""
        key = (event.stream, event.after["metadata"]["name"])
        requests = self._by_name.get(key, ())
        if len(requests) > FEW:
            requests = self._by_name[key] = [each for each in requests if each.ended >= event.t - KEPT_S]
        return any(
            request.start < event.i
            and (not verbs or request.verb in verbs)
            and request.uid in ("", event.uid)
            and _fits(request, event)
            for request in requests
        )


def _fits(request: _Request, event: Event) -> bool:
    if request.outcome in ("", "unknown"):
        return True
    # A delete is answered with the version of the mark, of the removal, or with none.
    return request.outcome == "ok" and (request.verb == "delete" or request.rv in ("", str(event.rv)))
