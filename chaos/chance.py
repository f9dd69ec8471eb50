"""Seeded draws: the k-th draw of a task depends only on (seed, task, k).

A stream per (seed, purpose, k) means that one more draw somewhere shifts nothing elsewhere, and that a replay needs no state.
"""

import random
import secrets


def stream(seed: int, purpose: str, k: int = 0) -> random.Random:
    """The stream of random numbers for the k-th act of `purpose`; equal arguments give equal numbers on every platform."""
    return random.Random(f"{seed}/{purpose}/{k}")


def fresh_seed() -> int:
    """A seed for a run that was given none: 0 to 2**32 - 1."""
    return secrets.randbits(32)


def fresh_key() -> bytes:
    """16 bytes that nobody can guess."""
    return secrets.token_bytes(16)
