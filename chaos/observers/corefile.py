"""What a Corefile says of how long answers about the cluster's names may be cached. Pure.

Facts: CoreDNS 1.14 plugin/cache (setup.go, cache.go computeTTL) and plugin/kubernetes (ttl, which is the SOA's minimum too).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

RECORD_S = 5.0
"""The time to live that the plugin kubernetes gives its records unless told."""

LEAST_S, MOST_S, MOST_DENIAL_S, STALE_S = 5.0, 3600.0, 1800.0, 3600.0
"""What the plugin cache goes by unless told."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


class Caching(NamedTuple):
    """For how many seconds an answer may be kept, and one that there is none; `record_s` is its time to live."""

    positive_s: float
    negative_s: float
    record_s: float
    domain: str


class _Directive(NamedTuple):
    words: tuple[str, ...]
    inner: tuple["_Directive", ...] = ()


def caching(text: str) -> Caching | None:
    """The caching of the server that answers from the Kubernetes API; None if the file does not tell."""
    for server in _parse(text):
        names = _named(server.inner, "kubernetes")
        if not names:
            continue
        zones = names[0].words[1:] or server.words
        domain = next((_zone(each) for each in zones if not _zone(each).endswith(".arpa")), "")
        record_s = next((_seconds(each.words[1]) for each in _named(names[0].inner, "ttl")), RECORD_S)
        return _cached(server, domain, record_s) if domain else None
    return None


def in_front(text: str, behind: Caching) -> Caching | None:
    """The caching of a server that forwards what pods ask, such as NodeLocal DNS, and of the one behind it together."""
    serving = [each for each in _parse(text) if _covered(each.words, behind.domain)]
    if not serving:
        return None
    nearest = max(serving, key=lambda each: max(len(_zone(key)) for key in each.words))
    own = _cached(nearest, behind.domain, behind.record_s)
    if own is None:
        return None
    return behind._replace(positive_s=own.positive_s + behind.positive_s, negative_s=own.negative_s + behind.negative_s)


def _cached(server: _Directive, domain: str, record_s: float) -> Caching | None:
    # What is imported is in another file.
    if _named(server.inner, "import"):
        return None
    positive_s = negative_s = 0.0
    for cache in _named(server.inner, "cache"):
        zones = cache.words[1:]
        most_s, most_denial_s = MOST_S, MOST_DENIAL_S
        if zones and zones[0].isdigit():
            most_s = most_denial_s = float(zones[0])
            zones = zones[1:]
        if zones and not _covered(zones, domain):
            continue
        stale_s = sum(
            _seconds(each.words[1]) if each.words[1:] else STALE_S for each in _named(cache.inner, "serve_stale")
        )
        positive_s += _kept(cache, "success", domain, record_s, most_s, stale_s)
        negative_s += _kept(cache, "denial", domain, record_s, most_denial_s, stale_s)
    return Caching(positive_s, negative_s, record_s, domain)


def _kept(cache: _Directive, kind: str, domain: str, record_s: float, most_s: float, stale_s: float) -> float:
    for each in _named(cache.inner, "disable"):
        if each.words[1:2] == (kind,) and (not each.words[2:] or _covered(each.words[2:], domain)):
            return 0.0
    least_s = LEAST_S
    for each in _named(cache.inner, kind):
        most_s = _seconds(each.words[2]) if each.words[2:] else most_s
        least_s = _seconds(each.words[3]) if each.words[3:] else least_s
    return min(max(record_s, least_s), most_s) + stale_s


def _named(directives: Iterable[_Directive], name: str) -> list[_Directive]:
    return [each for each in directives if each.words[0] == name]


def _covered(zones: Sequence[str], domain: str) -> bool:
    return any(_zone(each) in ("", domain) or domain.endswith(f".{_zone(each)}") for each in zones)


def _zone(key: str) -> str:
    """The zone of a server's key: `dns://cluster.local.:53` is `cluster.local`, `.:53` is everything."""
    return key.rpartition("://")[2].rstrip(",").partition(":")[0].rstrip(".").lower()


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    return float(match[1]) * _UNIT_S[match[2]] if match else MOST_S


def _parse(text: str) -> tuple[_Directive, ...]:
    words = (word for line in text.splitlines() for word in (*line.partition("#")[0].split(), "\n"))
    return _block(words)


def _block(words: Iterator[str]) -> tuple[_Directive, ...]:
    """Directives up to the end of the block: each its words, and those in its own block."""
    found: list[_Directive] = []
    here: list[str] = []
    for word in words:
        if word == "{":
            found.append(_Directive(tuple(here) or ("",), _block(words)))
            here = []
        elif word in ("\n", "}"):
            if here:
                found.append(_Directive(tuple(here)))
                here = []
            if word == "}":
                break
        else:
            here.append(word)
    return tuple(found)
