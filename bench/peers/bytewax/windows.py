"""Bytewax: `fold_window` over tumbling windows, by the time of the event; unordered, which it says is faster."""

from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
import bytewax.operators.windowing as win

from bench.peers.bytewax.flow import serve
from bench.peers.job import KINDS, WINDOW_MS, Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK = win.EventClock(
    ts_getter=lambda event: EPOCH + timedelta(milliseconds=event[0]), wait_for_system_duration=timedelta(seconds=10)
)
WINDOWS = win.TumblingWindower(length=timedelta(milliseconds=WINDOW_MS), align_to=EPOCH)
PLACE = {kind: place for place, kind in enumerate(KINDS)}


def add(numbers: list[int], event: tuple[int, str]) -> list[int]:
    numbers[PLACE[event[1]]] += 1
    return numbers


def merge(some: list[int], others: list[int]) -> list[int]:
    return [a + b for a, b in zip(some, others, strict=True)]


def row(closed: tuple[str, tuple[int, list[int]]]) -> Row:
    queue, (window, numbers) = closed
    return queue, window * WINDOW_MS, numbers


def count(events: Any) -> Any:
    zero = [0] * len(KINDS)
    folded = win.fold_window("count", events, CLOCK, WINDOWS, zero.copy, add, merge, ordered=False)
    return op.map("row", folded.down, row)


if __name__ == "__main__":
    serve(count)
