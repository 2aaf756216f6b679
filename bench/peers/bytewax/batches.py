"""Bytewax: `stateful_batch`, its fastest operator with state; windows by hand."""

from typing import Any

import bytewax.operators as op

from bench.peers.bytewax.flow import serve
from bench.peers.job import KINDS, WINDOW_MS, Row

PLACE = {kind: place for place, kind in enumerate(KINDS)}
Open = dict[int, list[int]]


class Counting(op.StatefulBatchLogic[tuple[int, str], tuple[int, list[int]], Open]):
    """The open windows of one queue; one closes when a later one begins."""

    def __init__(self, resumed: Open | None) -> None:
        self.open: Open = resumed or {}

    def on_batch(self, values: list[tuple[int, str]]) -> tuple[list[tuple[int, list[int]]], bool]:
        for at, kind in values:
            start = at // WINDOW_MS * WINDOW_MS
            if start not in self.open:
                self.open[start] = [0] * len(KINDS)
            self.open[start][PLACE[kind]] += 1
        newest = max(self.open)
        return [(start, self.open.pop(start)) for start in list(self.open) if start < newest], False

    def on_eof(self) -> tuple[list[tuple[int, list[int]]], bool]:
        return list(self.open.items()), True

    def snapshot(self) -> Open:
        return {start: list(numbers) for start, numbers in self.open.items()}


def row(closed: tuple[str, tuple[int, list[int]]]) -> Row:
    queue, (start_ms, numbers) = closed
    return queue, start_ms, numbers


def count(events: Any) -> Any:
    return op.map("row", op.stateful_batch("count", events, Counting), row)


if __name__ == "__main__":
    serve(count)
