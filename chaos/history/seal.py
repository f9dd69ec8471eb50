"""What ties every line of a history to all before it: a checksum of them, at the end of the line, as `"seal":"89abcdef"`.

Indices alone do not: whoever removes, repeats or moves lines and counts anew would leave no trace, nor would a line of another
run. It guards against accidents, not against forgery.
"""

from zlib import crc32

UNSEALED = 0
"""The checksum of nothing."""


def sealed(line: bytes, before: int) -> bytes:
    """A line as it is written: a JSON object, given without its newline, with the seal of what comes before."""
    return b'%b,"seal":"%08x"}\n' % (line[:-1], before)


def is_sealed(line: bytes, before: int) -> bool:
    """Whether a line, as it was read, follows what has this checksum."""
    return line.endswith(b',"seal":"%08x"}\n' % before)


def after(line: bytes, before: int) -> int:
    """The checksum of everything up to and with a line."""
    return crc32(line, before)
