"""The table of mutants: how many of each module are noticed, and why the others are not."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.mutation.hunting import Case

REASONS = Path(__file__).with_name("reasons.json")
"""Why a survivor survives, by its key."""

HEAD = """# Mutants of chaos/checkers that its unit tests do not notice

Written by `make mutation`. A mutant is one small change within one function: a comparison, a condition, a constant, an
operator, `min`/`max`, `any`/`all`, a statement or a returned value that is missing.

| module | mutants | noticed | not noticed | not hunted |
|---|---|---|---|---|
"""


def table(found: Sequence[tuple[Case, str]]) -> str:
    """The text of SURVIVORS.md."""
    reasons = msgspec.json.decode(REASONS.read_bytes(), type=dict[str, str])
    modules = sorted({case.module for case, _ in found})
    rows, lists = [], []
    for module in [*modules, "all"]:
        results = [result for case, result in found if module in (case.module, "all")]
        hunted = [result for result in results if result != "not hunted"]
        killed = hunted.count("killed")
        share = f"{killed} ({100 * killed / len(hunted):.1f} %)" if hunted else "0"
        rows.append(
            f"| {module} | {len(results)} | {share} | {len(hunted) - killed} | {len(results) - len(hunted)} |\n"
        )
        left = [(case, result) for case, result in found if case.module == module and result in ("survived", "not run")]
        if left:
            lists.append(f"\n## {module}\n\n")
        for case, result in left:
            why = reasons.get(case.key, "no test runs this line" if result == "not run" else "no test notices it yet")
            before, after = (text.replace("|", "\\|") for text in (case.mutant.before, case.mutant.after))
            lists.append(f"- `{case.mutant.name}`: `{before}` to `{after}`: {why}\n")
    return HEAD + "".join(rows) + "".join(lists)
