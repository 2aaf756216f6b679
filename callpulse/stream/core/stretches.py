"""A stretch of time in one state, cut into the buckets in which it passes. Milliseconds; buckets begin at multiples of
their size."""

from collections.abc import Iterator

from callpulse.stream.core.tally import Tally
from callpulse.stream.core.windows import PANE_MS


def pieces(start_ms: int, end_ms: int, size_ms: int, oldest_ms: int) -> Iterator[tuple[int, int, int]]:
    """(start of bucket, from, until) of [start_ms, end_ms) for each bucket it reaches into, from `oldest_ms` on."""
    at = max(start_ms, oldest_ms)
    while at < end_ms:
        bucket = at // size_ms * size_ms
        until = min(end_ms, bucket + size_ms)
        yield bucket, at, until
        at = until


def spread(panes: dict[int, Tally], key: int, since_ms: int, until_ms: int, sign: int = 1) -> None:
    """Add the time from `since_ms` to `until_ms` to the panes in which it passes, or (sign -1) take it back."""
    pane, at = since_ms // PANE_MS, since_ms
    while at < until_ms:
        edge = min(until_ms, (pane + 1) * PANE_MS)
        tally = panes.get(pane)
        if tally is None:
            tally = panes[pane] = {}
        count(tally, key, sign * (edge - at))
        if not tally:
            del panes[pane]
        pane, at = pane + 1, edge


def count(tally: Tally, key: int, ms: int) -> None:
    """Add to one key of an accumulator, in place."""
    left = tally.get(key, 0) + ms
    if left:
        tally[key] = left
    else:
        tally.pop(key, None)
