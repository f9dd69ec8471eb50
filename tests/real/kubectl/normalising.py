"""What a command printed, without what no two clusters share. Pure.

Names that were drawn, uids, addresses, times, ages, versions of objects and the width of columns are taken out; facts of a node too.
"""

import re

_DRAWN = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names (k8s.io/apimachinery 0.37 pkg/util/rand)."""

_AGE = r"(?:<unknown>|<invalid>|(?:\d+(?:\.\d+)?(?:y|d|h|ms|m|s))+)"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), shown)
    for pattern, shown in (
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uid>"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)?", "<time>"),
        (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
        (r"https?://[\w.]+:\d+", "<server>"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?\b", "<ip>"),
        (r'(resourceVersion"?: ?)"\d+"', r'\1"<version>"'),
        (r"X509SHA256=[0-9a-f]{64}", "X509SHA256=<hash>"),
        (r"\b(?:containerd|sha256|embedded)(?::/?/?|@sha256:)[0-9a-f]{64}", "<image or container>"),
        (r"docker\.io/library/([a-z]+):[\w.]+", r"docker.io/library/\1:<tag>"),
        (r"\d+/\d+ nodes are available: .*", "<nodes> are available"),
        (r"/tmp/(LIVE|MERGED)-\d+", r"/tmp/\1-<drawn>"),
        (rf"-[{_DRAWN}]{{8,10}}\b", "-<hash>"),
        (rf"-[{_DRAWN}]{{5}}\b", "-<drawn>"),
        (r"\.[0-9a-f]{16,17}\b", ".<drawn>"),
        (r'"[0-9a-f]{64}"', '"<exec>"'),
        (r"(Resource Version: +)\d+", r"\1<version>"),
        (rf"(controller.kubernetes.io/hash[=:] ?)[{_DRAWN}]{{8,10}}\b", r"\1<hash>"),
        (r":3[0-2]\d{3}/", ":<port>/"),
        (r"(nodePort: |NodePort: .* )3[0-2]\d{3}\b", r"\1<port>"),
        (rf" {{3}}{_AGE}$", "   <age>"),
        (rf"\(({_AGE}) ago\)", "(<age> ago)"),
        (rf"(\(x\d+ over )({_AGE})\)", "(x<n> over <age>)"),
    )
)
_AGES = ("AGE", "LAST SEEN", "FIRST SEEN")
_NODE_FACTS = ("OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME")
_CLIENT_LOG = re.compile(r"^[IWE]\d{4} \d\d:\d\d:\d\d\.\d+ .*\n", re.MULTILINE)
"""What kubectl's own library says to developers."""

_PASSING = ("FailedMount",)
"""Reasons of events that come and go with how busy a real node is."""

_COLUMN = re.compile(r"\S+(?: \S+)*")


def normalised(text: str) -> str:
    """A command's output as it would be on any cluster."""
    lines: list[str] = []
    text = _CLIENT_LOG.sub("", text)
    for paragraph in re.split(r"(?<=\n)(?=\n)", text):
        lines += _table(paragraph.split("\n")) if _is_table(paragraph) else paragraph.split("\n")
        if lines and not lines[-1]:
            lines.pop()
    for pattern, shown in _RULES:
        lines = [pattern.sub(shown, line) for line in lines]
    return "\n".join(re.sub(r"(?<=\S) {2,}", "  ", line).rstrip() for line in _events(lines))


def _is_table(paragraph: str) -> bool:
    """Whether a paragraph begins with the headers of a table, as `get` prints them."""
    first = paragraph.lstrip("\n").split("\n", 1)[0]
    return any(each in _AGES for each in _COLUMN.findall(first)) and first == first.upper()


def _table(lines: list[str]) -> list[str]:
    """A table without ages and facts of nodes; every line of it is cut where the headers begin."""
    at = next(i for i, line in enumerate(lines) if line)
    heads = [(found.start(), found.group()) for found in _COLUMN.finditer(lines[at])]
    done = lines[: at + 1]
    for line in lines[at + 1 :]:
        ends = [start for start, _ in heads[1:]] + [None]
        cells = [line[start:end] for (start, _), end in zip(heads, ends, strict=True)]
        shown = [_cell(name, cell.strip()) for (_, name), cell in zip(heads, cells, strict=True)]
        done.append("  ".join(shown) if line else line)
    return done


def _cell(head: str, cell: str) -> str:
    if head in _AGES and re.fullmatch(rf"{_AGE}(?: \(x\d+ over {_AGE}\))?", cell):
        return "<age>"
    return f"<{head.lower()}>" if head in _NODE_FACTS and cell else cell


def _events(lines: list[str]) -> list[str]:
    """The events at the end of a description, each once and sorted, without how often and when."""
    at = next((i for i, line in enumerate(lines) if line == "Events:"), None)
    if at is None or at + 2 >= len(lines):
        return lines
    rows = []
    for line in lines[at + 3 :]:
        cells = re.split(r" {2,}", line.strip(), maxsplit=4)
        if len(cells) < 5:
            rows.append(line)
        elif cells[1] not in _PASSING:
            rows.append("  " + "  ".join([*cells[:2], *cells[3:]]))
    return [*lines[: at + 1], *sorted(set(rows))]
