"""What the API server stamps on objects: times and generated names."""

import datetime

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Without vowels and look-alikes (k8s.io/apimachinery util/rand)."""

_LONGEST = 58


def timestamp(at: datetime.datetime) -> str:
    """RFC 3339 in whole seconds, as metadata has it."""
    return at.isoformat()[:19] + "Z"


def micro_timestamp(at: datetime.datetime) -> str:
    """RFC 3339 in microseconds, as leases and events have it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def generated(base: str, uid: str) -> str:
    """A name for `generateName`: the base and five characters drawn from the object's own uid."""
    number = int(uid.replace("-", ""), 16)
    suffix = ""
    for _ in range(5):
        number, digit = divmod(number, len(_ALPHABET))
        suffix += _ALPHABET[digit]
    return base[:_LONGEST] + suffix
