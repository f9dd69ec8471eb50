"""What both generations of busybox print, and what it means."""

import pytest

from chaos.observers.busybox import Fetch, Lookup, cluster_domain, parse_nslookup, parse_wget

CONNECTED = "\x1eConnecting to web-0.nginx (10.0.0.9:80)\n"

OLD_SERVER = """Server:    10.96.0.10
Address 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local

"""
NEW_SERVER = """Server:\t\t10.96.0.10
Address:\t10.96.0.10:53

"""
NAME = "web-0.nginx.ns.svc.cluster.local"


@pytest.mark.parametrize(
    ("exit_code", "text", "expected"),
    [
        pytest.param(
            0,
            f"{OLD_SERVER}Name:      {NAME}\nAddress 1: 10.244.1.6 {NAME}",
            Lookup("NOERROR", ("10.244.1.6",)),
            id="1.28: one address",
        ),
        pytest.param(
            0,
            f"{OLD_SERVER}Name:      nginx\nAddress 1: 10.244.1.7 web-1\nAddress 2: 10.244.1.6 web-0",
            Lookup("NOERROR", ("10.244.1.7", "10.244.1.6")),
            id="1.28: addresses in the order given",
        ),
        pytest.param(
            1,
            f"{OLD_SERVER}nslookup: can't resolve '{NAME}': Name does not resolve",
            Lookup("NXDOMAIN"),
            id="1.28: no such name",
        ),
        pytest.param(
            1, f"{OLD_SERVER}nslookup: can't resolve '{NAME}': Try again", Lookup("ERROR"), id="1.28: server trouble"
        ),
        pytest.param(
            1, f"{OLD_SERVER}nslookup: can't resolve '{NAME}'", Lookup("ERROR"), id="1.28: built without reasons"
        ),
        pytest.param(
            0,
            f"{NEW_SERVER}\nName:\t{NAME}\nAddress: 10.244.0.23\n",
            Lookup("NOERROR", ("10.244.0.23",)),
            id="1.35: one address",
        ),
        pytest.param(
            0,
            f"{NEW_SERVER}Name:\tnginx\nAddress: 10.244.0.9\nName:\tnginx\nAddress: 10.244.0.8\n\n",
            Lookup("NOERROR", ("10.244.0.9", "10.244.0.8")),
            id="1.35: addresses in the order given",
        ),
        pytest.param(
            0,
            f"{NEW_SERVER}Name:\t{NAME}\nAddress: fd00::8\n",
            Lookup("NOERROR", ("fd00::8",)),
            id="1.35: IPv6",
        ),
        pytest.param(
            1,
            f"{NEW_SERVER}** server can't find {NAME}: NXDOMAIN\n\n** server can't find {NAME}: NXDOMAIN\n",
            Lookup("NXDOMAIN"),
            id="1.35: no such name",
        ),
        pytest.param(
            1,
            f"{NEW_SERVER}** server can't find {NAME}: SERVFAIL\n",
            Lookup("ERROR"),
            id="1.35: server trouble",
        ),
        pytest.param(
            1, f"{NEW_SERVER}*** Can't find {NAME}: No answer\n", Lookup("NOERROR"), id="1.35: a name without address"
        ),
        pytest.param(
            1,
            "nslookup: write to '10.96.0.10': Connection refused\n;; connection timed out; no servers could be reached",
            Lookup("ERROR"),
            id="1.35: no server",
        ),
        pytest.param(143, f"{NEW_SERVER}Name:\t{NAME}\nAddress: 10.244.0.23", Lookup("ERROR"), id="stopped by timeout"),
        pytest.param(127, "sh: nslookup: not found", Lookup("ERROR"), id="no nslookup"),
        pytest.param(0, "", Lookup("ERROR"), id="nothing"),
    ],
)
def test_nslookup(exit_code: int, text: str, expected: Lookup) -> None:
    assert parse_nslookup(exit_code, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"welcome\n{CONNECTED}\x1eexit 0", Fetch(True, "welcome", "10.0.0.9")),
        (f"{CONNECTED}one\ntwo\n\x1eexit 0\n", Fetch(True, "one\ntwo", "10.0.0.9")),
        ("\x1eConnecting to web-0.nginx ([fd00::9]:80)\n\x1eexit 0", Fetch(True, "", "fd00::9")),
        ("\x1ewget: bad address 'web-9.nginx'\n\x1eexit 1", Fetch(False, "bad address 'web-9.nginx'")),
        (
            f"{CONNECTED}\x1ewget: can't connect to remote host (10.0.0.9): Connection refused\n\x1eexit 1",
            Fetch(False, "can't connect to remote host (10.0.0.9): Connection refused", "10.0.0.9"),
        ),
        (
            f"{CONNECTED}\x1ewget: server returned error: HTTP/1.1 404 Not Found\n\x1eexit 1",
            Fetch(False, "server returned error: HTTP/1.1 404 Not Found", "10.0.0.9"),
        ),
        (f"{CONNECTED}\x1eexit 143", Fetch(False, "download timed out", "10.0.0.9")),
        ("\x1eexit 139", Fetch(False, "exit code 139")),
        ("", Fetch(False, "exit code unknown")),
    ],
)
def test_wget(text: str, expected: Fetch) -> None:
    assert parse_wget(text) == expected


def test_the_cluster_domain_follows_svc_in_the_search_list() -> None:
    assert cluster_domain("ns.svc.example.org svc.example.org example.org corp") == "example.org"
    assert cluster_domain("corp") == "cluster.local"
