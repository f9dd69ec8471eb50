"""How long ago something was, in two figures.

Source: k8s.io/apimachinery 0.37.2 pkg/util/duration (HumanDuration).
"""

import datetime

from chaos.embedded.interface import Json

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


def age(item: Json, now: datetime.datetime) -> str:
    """How long an object has been there."""
    return since(item["metadata"].get("creationTimestamp"), now)


def since(told: object, now: datetime.datetime) -> str:
    """How long ago a timestamp was: `5m30s`; `<unknown>` if there is none."""
    then = instant(told)
    return "<unknown>" if then is None else human((now - then).total_seconds())


def instant(told: object) -> datetime.datetime | None:
    """A timestamp as a time, None if it is none."""
    if not isinstance(told, str) or not told:
        return None
    try:
        then = datetime.datetime.fromisoformat(told)
    except ValueError:
        return None
    return then if then.tzinfo else then.replace(tzinfo=datetime.UTC)


def human(seconds: float) -> str:
    """A duration as people tell it: exact below two minutes, then with less and less detail."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * MINUTE:
        return f"{max(whole, 0)}s"
    if whole < 10 * MINUTE:
        return _two(whole, MINUTE, "m", 1, "s")
    if whole < 3 * HOUR:
        return f"{whole // MINUTE}m"
    if whole < 8 * HOUR:
        return _two(whole, HOUR, "h", MINUTE, "m")
    if whole < 2 * DAY:
        return f"{whole // HOUR}h"
    if whole < 8 * DAY:
        return _two(whole, DAY, "d", HOUR, "h")
    if whole < 2 * YEAR:
        return f"{whole // DAY}d"
    return _two(whole, YEAR, "y", DAY, "d") if whole < 8 * YEAR else f"{whole // YEAR}y"


def _two(whole: int, unit: int, sign: str, smaller: int, smaller_sign: str) -> str:
    rest = whole % unit // smaller
    return f"{whole // unit}{sign}" + (f"{rest}{smaller_sign}" if rest else "")
