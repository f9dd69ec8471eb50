"""Whatever a file holds, it is a profile or a list of mistakes, each with its line: never anything else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chaos.profile import ProfileError, parse

GOOD = """\
name: canary
target: {statefulset: web, service: nginx, replicas: 5, images: ["nginx:1.27", "nginx:1.16.0"], partition: 3}
phases:
  - name: stage
    do: [{set-partition: 3}, {set-image: nginx:1.16.0}, {delete-pods: {pick: [0], grace: 5s}}, delete-set]
    until: {settled: 5m}
    expect: [{pods: none}, {revision: 2, image: nginx:1.27}, {replaced: [4, 3]}]
  - name: stress
    for: 3m
    tasks:
      - &scale {scale: {between: [2, 7]}, every: 10s}
      - *scale
      - {probe-dns: {from: 2, names: each-pod}, every: 1s}
checks: {require: [identity], judge: all, at-least: 5}
"""
PIECES = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "  - ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "*scale",
        "~",
        "-1",
        "3s",
        "!x ",
        "<<: ",
        "? ",
        "'",
        "|",
    ]
)
LINE = re.compile(r"(canary\.yaml:\d+|--set [a-z.]+=\w+): .+")


def mistakes(text: str) -> tuple[str, ...]:
    try:
        parse(text, "canary.yaml", {"target.replicas": "4", "for": "1m"}, ("identity.pod",))
    except ProfileError as e:
        return e.errors
    return ()


@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 9), PIECES), min_size=1, max_size=4))
def test_a_damaged_file_is_a_profile_or_lines(damages: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for start, length, piece in damages:
        text = text[:start] + piece + text[start + length :]

    found = mistakes(text)

    assert [line for line in found if not LINE.fullmatch(line)] == []


def test_a_file_nested_without_end_is_one_line() -> None:
    assert mistakes("[" * 1_000) == ("canary.yaml:1: is nested too deeply; expected a profile",)
