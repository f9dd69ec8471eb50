"""What the StatefulSet controller says in Events, as sentences without numbers. Pure.

How often it says something depends on who is faster, and on what of it the Events' own limits let through; that it never says
what the other one does is worth a look.
"""

import re
from collections import Counter
from collections.abc import Iterable

from tests.differential.performing import Record

_NUMBERED = re.compile(r"web-\d+")


def sentences(records: Iterable[Record]) -> Counter[str]:
    """How often each was said until the last ending of each record, `web-2` told as `web-N`."""
    said: Counter[str] = Counter()
    for record in records:
        for event in record.endings[-1].objects["events"].values() if record.endings else ():
            if event["involvedObject"]["kind"] == "StatefulSet":
                told = _NUMBERED.sub("web-N", str(event["message"]))
                said[f"{event['type']} {event['reason']}: {told}"] += event.get("count", 1)
    return said
