"""The loop that a real client runs in its probe pods, and what it reads from it."""

import pytest

from chaos.embedded.shell import Fetched, Resolved
from chaos.observers import busybox
from tests.embedded.shell.container import Container, sh

NAME = "web-0.nginx.ns.svc.cluster.local"


def ask(question: str) -> tuple[str, int, str]:
    """The loop's answer to one question: id, exit code, text with its line breaks."""
    container = Container(
        {"/etc/resolv.conf": b"search ns.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\n"}
    )
    container.names = {NAME: Resolved("NOERROR", ("10.244.0.7",), NAME), "late": Resolved("TIMEOUT")}
    container.names[f"{NAME}@10.9.0.1"] = Resolved("NOERROR", ("10.244.0.9",), NAME)
    container.names["web-0.nginx"] = container.names[NAME]
    container.names["web-1.nginx"] = Resolved("NOERROR", ("10.244.0.8",), "web-1.nginx")
    container.pages = {"10.244.0.7": Fetched(200, b"token\n"), "10.244.0.8": Fetched(403)}
    # The loop ends with its input; what it asked for runs beside it.
    done = sh(f"{busybox.SCRIPT}\nsleep 1", stdin=f"{question}\n".encode(), container=container)
    ready, answer, _ = done.out.split("\n")
    assert ready == "ready ns.svc.cluster.local svc.cluster.local"
    number, code, text = answer.split(" ", 2)
    return number, int(code), text.replace(busybox.LINE_BREAK, "\n")


def test_a_name_is_looked_up() -> None:
    number, code, text = ask(f"7 dns {NAME}")

    assert (number, code) == ("7", 0)
    assert busybox.parse_nslookup(code, text) == busybox.Lookup("NOERROR", ("10.244.0.7",))


def test_another_server_may_be_asked() -> None:
    _, code, text = ask(f"7 dns {NAME} 10.9.0.1")

    assert busybox.parse_nslookup(code, text) == busybox.Lookup("NOERROR", ("10.244.0.9",))


@pytest.mark.parametrize(("name", "expected"), [("web-9.nginx", "NXDOMAIN"), ("late", "ERROR")])
def test_a_name_without_an_address_is_told_from_no_answer(name: str, expected: str) -> None:
    _, code, text = ask(f"1 dns {name}")

    assert busybox.parse_nslookup(code, text).code == expected


def test_a_page_is_fetched() -> None:
    _, _, text = ask("3 http web-0.nginx")

    assert busybox.parse_wget(text) == busybox.Fetch(True, "token", "10.244.0.7")


@pytest.mark.parametrize(
    ("name", "address", "why"),
    [
        ("web-1.nginx", "10.244.0.8", "server returned error: HTTP/1.1 403 Forbidden"),
        ("web-9.nginx", "", "bad address 'web-9.nginx'"),
        ("10.244.0.9", "10.244.0.9", "can't connect to remote host (10.244.0.9): Connection refused"),
    ],
)
def test_why_there_is_no_page(name: str, address: str, why: str) -> None:
    _, _, text = ask(f"4 http {name}")

    assert busybox.parse_wget(text) == busybox.Fetch(False, why, address)
