"""Sums of cells. What hardly changes is kept: the sum of a cell until its offset moves, the day up to an hour ago."""

from collections.abc import Callable, Mapping
from typing import Protocol

from callpulse.stream.core.cells import IntervalCell, LiveCell
from callpulse.stream.core.tally import Tally, merge
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, PANE_MS, Span, floor, settled_until


class Cells(Protocol):
    """Books with panes and intervals."""

    @property
    def live(self) -> Mapping[tuple[str, int], LiveCell]: ...

    @property
    def intervals(self) -> Mapping[tuple[str, int], IntervalCell]: ...


class CellSums:
    """Adds up the cells of one partition's books. `settled_changes(queue)`, where somebody counts them, = how often
    what is an hour old was changed."""

    def __init__(self, books: Cells, settled_changes: Callable[[str], int] | None = None) -> None:
        self._books = books
        self._settled_changes = settled_changes
        self._kept: dict[tuple[str, int], tuple[int, Tally]] = {}
        self._edges: dict[tuple[str, int, int], tuple[tuple[int, int], Tally]] = {}  # of a cell, by window length
        self._days: dict[str, tuple[tuple[int, int, int], Tally]] = {}

    def rolling(self, queue: str, span: Span) -> Tally:
        """The panes within the span."""
        first, last = span.start_ms // PANE_MS, (span.end_ms - 1) // PANE_MS
        found: list[Tally] = []
        for start in range(floor(span.start_ms, LIVE_MS), span.end_ms, LIVE_MS):
            cell = self._books.live.get((queue, start))
            if cell is None:
                continue
            if start >= span.start_ms and max(cell.panes, default=0) <= last:
                found.append(self._sum(queue, start, cell))
            else:
                found.append(self._edge(queue, start, cell, first, last))
        return merge(found)

    def _edge(self, queue: str, start: int, cell: LiveCell, first: int, last: int) -> Tally:
        """What of a cell lies in a window that begins or ends within it; the window moves once a pane."""
        key, mark = (queue, start, last - first), (cell.offset, first)
        known = self._edges.get(key)
        if known is None or known[0] != mark:
            tally = merge(tally for pane, tally in cell.panes.items() if first <= pane <= last)
            known = self._edges[key] = (mark, tally)
        return known[1]

    def _sum(self, queue: str, start: int, cell: LiveCell) -> Tally:
        known = self._kept.get((queue, start))
        if known is None or known[0] != cell.offset:
            known = self._kept[queue, start] = (cell.offset, merge(cell.panes.values()))
        return known[1]

    def cells(self, queue: str, span: Span) -> Tally:
        """The sum of 15-minute cells."""
        starts = range(span.start_ms, span.end_ms, INTERVAL_MS)
        cells = (self._books.intervals.get((queue, start)) for start in starts)
        return merge(cell.tally for cell in cells if cell is not None)

    def mark(self, queue: str, span: Span) -> int:
        """A number that changes whenever one of the 15-minute cells of the span does."""
        starts = range(span.start_ms, span.end_ms, INTERVAL_MS)
        cells = (self._books.intervals.get((queue, start)) for start in starts)
        return sum(cell.offset + 1 for cell in cells if cell is not None)

    def day(self, queue: str, span: Span, now_ms: int) -> Tally:
        """The sum of a long span such as the day so far, read again and again."""
        settled = Span(span.start_ms, max(span.start_ms, settled_until(now_ms)))
        changes = self.mark(queue, settled) if self._settled_changes is None else self._settled_changes(queue)
        mark = (settled.start_ms, settled.end_ms, changes)
        known = self._days.get(queue)
        if known is None or known[0] != mark:
            known = self._days[queue] = (mark, self.cells(queue, settled))
        return merge((known[1], self.cells(queue, Span(settled.end_ms, span.end_ms))))

    def forget(self) -> None:
        """Drop kept sums of cells that are gone."""
        live = self._books.live
        self._kept = {key: kept for key, kept in self._kept.items() if key in live}
        self._edges = {key: kept for key, kept in self._edges.items() if key[:2] in live}
