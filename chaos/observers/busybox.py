"""What busybox says: the loop that a probe pod runs, and the meaning of its lookups and fetches. Pure.

Two generations differ. Up to 1.28 `nslookup` is `getaddrinfo`: it follows the search list and names no response code.
From 1.29 on it asks the server itself: it does not follow the search list, and it tells NXDOMAIN from SERVFAIL.
"""

import re
from typing import Literal

import msgspec

LINE_BREAK = "\x1f"
"""Stands for a newline within an answer, which is one line."""

SCRIPT = r"""
limit="timeout 2"
timeout -t 2 true 2>/dev/null && limit="timeout -t 2"
fetch() {
  { { $limit wget -O - "$1"; echo "exit $?" >&2; } 2>&1 >&3 3>&- | while read -r line; do
    case $line in Connecting* | wget:* | exit*) printf '\036%s\n' "$line" ;; esac
  done; } 3>&1
}
answer() {
  case $2 in
    dns) out=$($limit nslookup "$3" $4 2>&1) ;;
    http) out=$(fetch "http://$3/") ;;
  esac
  code=$?
  echo "$1 $code $(printf '%s' "$out" | tr '\n' '\037' | head -c 3400)"
}
echo "ready $(sed -n 's/^search //p' /etc/resolv.conf)"
while read -r id kind name server; do
  (answer "$id" "$kind" "$name" "$server" </dev/null &)
done
"""
"""Reads `ID dns NAME [SERVER]` or `ID http NAME`, answers `ID EXIT TEXT` when it is known.

One answer is one write, short enough to be atomic on a pipe (`echo` is built in and writes once; `printf` may not).
The inner background process is left to PID 1, which reaps it: a shell that never waits would collect zombies without
end. `timeout` took its seconds after -t until 1.29. wget gets no -T, with which Debian's static 1.35 crashes; what it says on
standard error (where it connects to, what went wrong, its exit code) is told from the page by a leading 0x1e.
"""

KILLED = (124, 137, 143)
"""Exit codes of a command that `timeout` ended."""

Code = Literal["NOERROR", "NXDOMAIN", "ERROR"]

_ADDRESS = re.compile(r"Address(?: \d+)?:\s*(\S+)")
_NO_SUCH_NAME = re.compile(r"NXDOMAIN|Name does not resolve|Name or service not known")
_NO_VERDICT = re.compile(r"timed out|SERVFAIL|REFUSED|Try again|Temporary failure|no servers")
_NO_ADDRESS = re.compile(r"No answer|No address associated|Name has no usable address")
_CONNECTING = re.compile(r"Connecting to .*\(\[?([0-9a-fA-F.:]+?)\]?:\d+\)")
_CLUSTER_DOMAIN = re.compile(r"(?:^|\s)svc\.(\S+)")


class Lookup(msgspec.Struct, frozen=True):
    """A name's addresses in the order given. NOERROR without addresses: the name exists and has none."""

    code: Code
    addresses: tuple[str, ...] = ()


def parse_nslookup(exit_code: int, text: str) -> Lookup:
    """The meaning of what `nslookup` printed, in either generation.

    An old busybox built without resolution errors prints the bare `can't resolve 'x'` for everything: that is ERROR.
    """
    if exit_code in KILLED:
        return Lookup("ERROR")
    # The first address is that of the DNS server; those of the name follow a line with the name.
    _, asked, answer = text.partition("Name:")
    addresses = tuple(match[1] for match in map(_ADDRESS.match, answer.split("\n")) if match) if asked else ()
    if addresses:
        return Lookup("NOERROR", addresses)
    if _NO_VERDICT.search(text):
        return Lookup("ERROR")
    if _NO_SUCH_NAME.search(text):
        return Lookup("NXDOMAIN")
    return Lookup("NOERROR" if _NO_ADDRESS.search(text) else "ERROR")


class Fetch(msgspec.Struct, frozen=True):
    """A page, without its last newline, or why there is none; `address` is where wget connected to, if it got so far."""

    ok: bool
    text: str
    address: str = ""


def parse_wget(text: str) -> Fetch:
    """The meaning of what the loop's `fetch` printed: the page, and lines of standard error that begin with 0x1e."""
    said = re.findall(r"\x1e([^\n]*)", text)
    page = re.sub(r"\x1e[^\n]*\n?", "", text).removesuffix("\n")
    connected = next((match for match in map(_CONNECTING.match, said) if match), None)
    address = connected[1] if connected else ""
    exit_code = next((line.removeprefix("exit ") for line in said if line.startswith("exit ")), "")
    if exit_code == "0":
        return Fetch(True, page, address)
    if exit_code in map(str, KILLED):
        return Fetch(False, "download timed out", address)
    why = next((line.removeprefix("wget: ") for line in said if line.startswith("wget: ")), "")
    return Fetch(False, why or f"exit code {exit_code or 'unknown'}", address)


def cluster_domain(search: str) -> str:
    """The cluster's domain, from the search list of a pod: `NS.svc.cluster.local svc.cluster.local cluster.local`."""
    match = _CLUSTER_DOMAIN.search(search)
    return match[1] if match else "cluster.local"
