"""Whether two clusters said the same, and if not, what differs. Pure."""

import difflib
from collections.abc import Mapping, Sequence

from tests.real.kubectl.known import Known
from tests.real.kubectl.normalising import normalised
from tests.real.kubectl.running import Said
from tests.real.kubectl.steps import Relation, Step


def differences(step: Step, real: Said, embedded: Said) -> list[str]:
    """What the embedded cluster says otherwise: lines that it lacks begin with -, those that it has instead with +."""
    codes = [f"-exit code {real.code}", f"+exit code {embedded.code}"] if real.code != embedded.code else []
    streams = ((real.stdout, embedded.stdout), (real.stderr, embedded.stderr))
    return codes + [line for wanted, found in streams for line in _between(wanted, found, step.relation)]


def unexcused(told: Sequence[str], known: Sequence[Known]) -> list[str]:
    """The differences that no known one explains."""
    allowed: Mapping[str, None] = {line: None for each in known for line in each.lines or ()}
    if any(each.lines is None for each in known):
        return []
    return [line for line in told if line[1:].strip() not in allowed]


def _between(real: str, embedded: str, relation: Relation) -> list[str]:
    wanted, found = normalised(real).split("\n"), normalised(embedded).split("\n")
    match relation:
        case "within":
            return [f"+{line}" for line in found if line not in wanted]
        case "any order":
            wanted, found = sorted(wanted), sorted(found)
    told = difflib.unified_diff(wanted, found, n=0, lineterm="")
    return [line for line in list(told)[2:] if not line.startswith("@@")]
