"""The report for a terminal: the verdict, a line for each guarantee, every finding with its evidence."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from chaos.verdict import Finding, Judgement, Report, Verdict

WIDTH = 118

_GRAVEST: Mapping[Verdict, int] = {"violated": 0, "unknown": 1, "held": 2}


def text(report: Report, folder: Path) -> str:
    """The whole report; `folder` is where its files are, as the user named it.

    What is violated comes first, then what is required, then the rest; of each the unknown before the held.
    """
    return "\n".join(
        [
            *_verdict(report),
            "",
            *_table(report),
            *_findings(report),
            "",
            *_facts(report, folder),
        ]
    )


def _verdict(report: Report) -> Iterator[str]:
    required = {name: each for name, each in report.guarantees.items() if each.required}
    held = sum(each.verdict == "held" for each in required.values())
    violated = [name for name, each in report.guarantees.items() if each.verdict == "violated"]
    unknown = [name for name, each in required.items() if each.verdict == "unknown"]
    match report.verdict:
        case "violated":
            yield f"VIOLATED: {', '.join(violated)}"
        case "unknown" if unknown:
            yield f"UNKNOWN: {len(unknown)} of {len(required)} required guarantees were not decided"
        case "unknown":
            yield "UNKNOWN: the profile requires no guarantee, so nothing was decided"
        case "held":
            yield f"HELD: every required guarantee, {held} of {len(required)}"


def _table(report: Report) -> Iterator[str]:
    names = sorted(report.guarantees, key=lambda name: (_rank(report.guarantees[name]), name))
    width = max((len(name) for name in names), default=0)
    yield f"{'guarantee':<{width}}  {'verdict':<8}  {'required':<8}  exercised"
    for name in names:
        each = report.guarantees[name]
        required = "yes" if each.required else "no"
        yield f"{name:<{width}}  {each.verdict:<8}  {required:<8}  {each.exercised:>9}"
        if each.verdict == "unknown" and each.why:
            yield from _wrapped(each.why, "    ")


def _rank(judgement: Judgement) -> tuple[bool, bool, int]:
    return judgement.verdict != "violated", not judgement.required, _GRAVEST[judgement.verdict]


def _findings(report: Report) -> Iterator[str]:
    for name, each in sorted(report.guarantees.items()):
        if not each.findings:
            continue
        yield ""
        yield f"{name} is violated:"
        for finding in each.findings:
            yield from _finding(finding)
        if each.why:
            yield f"  {each.why}"


def _finding(finding: Finding) -> Iterator[str]:
    yield from textwrap.wrap(finding.message, WIDTH, initial_indent="  - ", subsequent_indent="    ")
    entries = ", ".join(map(str, finding.entries))
    objects = f"; {', '.join(finding.objects)}" if finding.objects else ""
    yield from _wrapped(f"history entries {entries}{objects}", "    ")
    if finding.known_bug:
        yield from _wrapped(f"known bug: {finding.known_bug}", "    ")


def _facts(report: Report, folder: Path) -> Iterator[str]:
    counts = ", ".join(f"{number} {outcome}" for outcome, number in report.operations.items())
    yield f"operations  {counts}"
    yield f"target      {', '.join(f'{key} {value}' for key, value in report.target.items() if value)}"
    yield f"seed        {report.seed}"
    for note in report.notes:
        yield from textwrap.wrap(note, WIDTH, initial_indent="note        ", subsequent_indent=" " * 12)
    yield f"files       {folder}: run.json, history.jsonl, report.json"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
