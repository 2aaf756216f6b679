"""When Python looks for cycles of garbage: seldom. The books are millions of small objects without a cycle among them,
and looking through all of them takes a quarter of the time of catching up, and stops the worker while it does."""

import gc

# Allocations before the newest objects are looked at, then multiples: of these looks before the middle-aged, and of
# those before everything. Measured with `python -m bench.throughput` (docs/decisions/garbage.md).
NEWEST, MIDDLE_AGED, EVERYTHING = 50_000, 20, 1_000


def look_seldom() -> None:
    """For a process that serves until it is stopped. What is imported by now is never looked at again."""
    gc.freeze()
    gc.set_threshold(NEWEST, MIDDLE_AGED, EVERYTHING)
