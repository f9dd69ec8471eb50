"""What is taken out of kubectl's output before two clusters are compared."""

import pytest

from tests.real.kubectl.normalising import normalised


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("uid: 0ed4685a-62c4-43fd-80c9-00a0ffc64d7b", "uid: <uid>"),
        ("at 2026-11-24T02:08:31Z and 2026-11-24T02:08:31.123456Z", "at <time> and <time>"),
        ("Start Time:  Tue, 24 Nov 2026 02:08:31 +0000", "Start Time:  <time>"),
        ("IP: 10.244.0.12", "IP: <ip>"),
        ("nginx:1.27", "nginx:1.27"),
        ("running at https://127.0.0.1:6443", "running at <server>"),
        ('resourceVersion: "4711"', 'resourceVersion: "<version>"'),
        ("controller-revision-hash=web-6c5b9d8f4c", "controller-revision-hash=web-<hash>"),
        ("endpointslice web-x7k2p", "endpointslice web-<drawn>"),
        ("statefulset web-0 of nginx", "statefulset web-0 of nginx"),
        ("--- /tmp/LIVE-123456/v1.ConfigMap", "--- /tmp/LIVE-<drawn>/v1.ConfigMap"),
        ("80:30123/TCP", "80:<port>/TCP"),
        ("delay=0s timeout=1s period=10s", "delay=0s timeout=1s period=10s"),
        ("I1124 02:25:28.795906  30204 reflector.go:664] a word\ntext", "text"),
        ("web-0   1/1   Running   0     14s", "web-0  1/1  Running  0  <age>"),
    ],
)
def test_a_line_is_shown_without_what_was_drawn(text: str, shown: str) -> None:
    assert normalised(text) == shown


def test_ages_and_widths_of_a_table_are_taken_out() -> None:
    young = "NAME    READY   AGE   IMAGES\nweb     2/2     9s    nginx:1.27\n"
    old = "NAME      READY   AGE      IMAGES\nweb       2/2     11m30s   nginx:1.27\n"

    assert normalised(young) == normalised(old) == "NAME  READY  AGE  IMAGES\nweb  2/2  <age>  nginx:1.27"


def test_an_empty_cell_stays_a_cell() -> None:
    text = "NAME   HOLDER   AGE\na               3s\n"

    assert normalised(text) == "NAME  HOLDER  AGE\na  <age>"


def test_every_table_of_an_output_is_one() -> None:
    text = "NAME    AGE\npod/a   3s\n\nNAME        AGE\nservice/b   5m\n"

    assert normalised(text) == "NAME  AGE\npod/a  <age>\n\nNAME  AGE\nservice/b  <age>"


def test_facts_of_a_node_are_taken_out() -> None:
    text = "NAME     AGE   OS-IMAGE   KERNEL-VERSION\nnode-1   3d    Debian     6.1 (amd64)\n"

    assert normalised(text) == "NAME  AGE  OS-IMAGE  KERNEL-VERSION\nnode-1  <age>  <os-image>  <kernel-version>"


def test_events_of_a_description_are_each_told_once_and_sorted() -> None:
    text = (
        "Name:   web-0\nEvents:\n  Type    Reason     Age               From      Message\n"
        "  ----    ------     ----              ----      -------\n"
        "  Normal  Started    5s (x2 over 9s)   kubelet   Container started\n"
        "  Normal  Created    6s                kubelet   Container created\n"
        "  Normal  Started    1s                kubelet   Container started\n"
    )

    assert normalised(text).split("\n") == [
        "Name:  web-0",
        "Events:",
        "  Normal  Created  kubelet  Container created",
        "  Normal  Started  kubelet  Container started",
    ]
