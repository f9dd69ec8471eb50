"""Writes `docs/guarantees.md`: what is judged, and what is left out. `python -m tools.write_guarantees`, or `make guarantees`."""

from pathlib import Path

from chaos.checkers.catalogue import GUARANTEES
from chaos.checkers.catalogue.left_out import LEFT_OUT
from chaos.verdict import Guarantee

TARGET = Path(__file__).parent.parent / "docs" / "guarantees.md"

HEAD = """# What is judged

{count} guarantees in {families} families. Of each: the promise, the rules of the specification that it stands for (S1 to S84), its
source in kubernetes/kubernetes or its documentation, the opportunity that is counted as `exercised`, the evidence that
violates it, and what leaves it unknown. Every guarantee is also unknown if a watch that it needs had a gap, if the record has no
end, or if there was no opportunity.

A controller acts on caches of unknown age. A write of it is therefore a violation only if no state that it may have read
explains it; a write that only states older than 10 s explain is a suspect, and leaves its guarantee unknown unless the record
shows why the controller was behind.

`make guarantees` writes this page from `chaos/checkers/catalogue`.
"""

PAGE = """
{head}
## Families

{index}
{families}
## What is not judged

A rule without a part stands here whole: no guarantee names it.

| rule | part | why |
|---|---|---|
{left_out}
"""


def page() -> str:
    """The page."""
    families: dict[str, list[Guarantee]] = {}
    for each in GUARANTEES.values():
        families.setdefault(each.name.partition(".")[0], []).append(each)
    index = "\n".join(
        f"- [{family}](#{family}): {', '.join(f'`{each.name}`' for each in members)}"
        for family, members in families.items()
    )
    sections = "".join(
        f"\n## {family}\n" + "".join(map(_section, members)) for family, members in sorted(families.items())
    )
    left_out = "\n".join(f"| {left.rule} | {left.what} | {left.why} |" for left in LEFT_OUT)
    head = HEAD.format(count=len(GUARANTEES), families=len(families))
    return PAGE.format(head=head, index=index, families=sections, left_out=left_out).lstrip()


def _section(guarantee: Guarantee) -> str:
    rows = [
        ("rules", ", ".join(guarantee.rules) or "none of StatefulSets"),
        ("source", guarantee.source),
        ("exercised when", guarantee.opportunity),
        ("violated when", guarantee.breaks),
    ]
    if guarantee.unknown:
        rows.append(("unknown by", guarantee.unknown))
    lines = "\n".join(f"- *{label}*: {text}" for label, text in rows)
    return f"\n### {guarantee.name}\n\n{guarantee.promise}\n\n{lines}\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(page())
