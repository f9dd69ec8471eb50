"""What a history must not tell: literal environment values, long annotations, Secrets.

Each is replaced by a keyed hash, so that equal values stay equal within a run and nothing can be guessed from outside it.
"""

import hashlib
import hmac
import re
from typing import Any

import msgspec

LONG_ANNOTATION = 1024
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_encode = msgspec.json.Encoder().encode
_MAY_HOLD = re.compile(rb'"(?:env|annotations)":').search


class Redactor:
    """Hashes secrets with a key of the run's own, which no file holds."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def object(self, state: dict[str, Any]) -> dict[str, Any]:
        """The state without its secrets; parts that hold none are shared with it."""
        return self.part(state, state)

    def part(self, part: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        """A merge patch that led to a state, or the state itself, without its secrets."""
        # To encode it and to look is much cheaper than to walk through it, and most states hold neither.
        redacted: dict[str, Any] = self._walk(part) if _MAY_HOLD(_encode(part)) else part
        if state.get("kind") == "Secret":
            hidden: dict[str, Any] = {
                key: self._digest(repr(state[key])) for key in ("data", "stringData") if key in part and key in state
            }
            return {**redacted, **hidden}
        return redacted

    def body(self, body: Any) -> Any:
        """As `object`, for the body of a request: an object, a patch, or a list of JSON patch operations."""
        return self.object(body) if isinstance(body, dict) else self._walk(body)

    def _walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            changed = {}
            for key, inner in value.items():
                # Most of what a state holds is neither, and every state that is recorded passes here.
                if isinstance(inner, (dict, list)):
                    new = self._field(key, inner)
                    if new is not inner:
                        changed[key] = new
            return {**value, **changed} if changed else value
        if isinstance(value, list):
            items = [self._walk(item) if isinstance(item, (dict, list)) else item for item in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def _field(self, key: str, value: Any) -> Any:
        if key == "env" and isinstance(value, list):
            return [
                {**item, "value": self._digest(item["value"])} if isinstance(item, dict) and item.get("value") else item
                for item in value
            ]
        if key == "annotations" and isinstance(value, dict):
            return {
                name: self._digest(text)
                if isinstance(text, str) and (name == APPLIED or len(text) > LONG_ANNOTATION)
                else text
                for name, text in value.items()
            }
        return self._walk(value)

    def _digest(self, text: str) -> str:
        return "redacted:" + hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]
