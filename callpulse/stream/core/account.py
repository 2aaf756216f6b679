"""What a queue's contacts add to its tallies, and take back: in the pane of each fact's time, the interval of each
arrival, and the total.

This is the hot path: tallies change in place, and where they are is looked up once for all that is settled together.
"""

from itertools import zip_longest
from typing import TYPE_CHECKING

from msgspec import Struct

from callpulse.stream.core.cells import IntervalCell, LiveCell, TotalCell, cell_at, is_new
from callpulse.stream.core.contacts import Stay, Visit
from callpulse.stream.core.contribution import Booking, bookings, handled_booking, others, outcome_booking
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.tally import Change, Items, Tally, add, subtract
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, NEWEST_PANES, PANE_MS, settled_until

if TYPE_CHECKING:
    from callpulse.stream.core.book import CallBook


class Settling(Struct, frozen=True, gc=False):
    """What holds while a batch is settled. `offset` = of its last event; `replaying` = cells may hold it already. Cells
    that start at `..._gone_ms` or earlier are gone; panes before `newest_from_ms` and intervals before `settled_to_ms`
    are not expected to change any more."""

    offset: int
    replaying: bool
    live_gone_ms: int
    intervals_gone_ms: int
    newest_from_ms: int
    settled_to_ms: int


def settling(offset: int, clock_ms: int, limits: Limits, *, replaying: bool) -> Settling:
    """With the clock of the partition there."""
    return Settling(
        offset,
        replaying,
        limits.live_gone_ms(clock_ms),
        limits.intervals_gone_ms(clock_ms),
        (clock_ms // PANE_MS + 1 - NEWEST_PANES) * PANE_MS,
        settled_until(clock_ms),
    )


class Account:
    """One queue of a book while a batch is settled."""

    __slots__ = ("_book", "_intervals", "_net", "_now", "_panes", "_queue", "_total")

    def __init__(self, book: "CallBook", queue: str, now: Settling) -> None:
        self._book = book
        self._queue = queue
        self._now = now
        self._panes: dict[int, dict[int, Tally] | None] = {}  # None: what is booked there is left out
        self._intervals: dict[int, Tally | None] = {}
        self._total: tuple[Tally, Tally] | None = None  # booked, taken back
        if now.replaying:  # the cell may hold it already
            book.nets.pop(queue, None)
        self._net = book.nets.get(queue)

    def change(self, before: Stay, after: Stay) -> None:
        """A contact that said `before` says `after`."""
        old, new = before.visits, after.visits
        if len(old) == len(new) == 1 and old[0].arrival_ms == new[0].arrival_ms:
            self._progress(old[0], new[0])
        else:
            self._change_visits(old, new)
        if before.not_offered != after.not_offered or before.unmatched != after.unmatched:
            for state, change in ((after, add), (before, subtract)):
                for at, items in others(state):
                    self._book_both(at, at, items, (), change)

    def _change_visits(self, before: tuple[Visit, ...], after: tuple[Visit, ...]) -> None:
        for old, new in zip_longest(before, after):
            if old is None:
                self._book_visit(new, add)
            elif new is None:
                self._book_visit(old, subtract)
            elif old.arrival_ms != new.arrival_ms:
                self._book_visit(new, add)
                self._book_visit(old, subtract)
            else:
                self._progress(old, new)

    def _book_visit(self, visit: Visit, change: Change) -> None:
        everything: Items = ()
        of_total: Items = ()
        for at, items, more in bookings(visit):
            self._book_pane(at, items, change)
            everything += items
            of_total += more
        self._book_sums(visit.arrival_ms, everything, of_total, change)

    def _progress(self, old: Visit, new: Visit) -> None:
        if old.outcome != new.outcome or old.ivr_ms != new.ivr_ms:
            self._replace(new.arrival_ms, outcome_booking(old), outcome_booking(new))
        if old.handled != new.handled:
            self._replace(new.arrival_ms, handled_booking(old), handled_booking(new))

    def _replace(self, arrival: int, was: Booking | None, now: Booking | None) -> None:
        if was != now:
            if now is not None:
                self._book_both(arrival, *now, add)
            if was is not None:
                self._book_both(arrival, *was, subtract)

    def _book_both(self, arrival: int, at: int, items: Items, of_total: Items, change: Change) -> None:
        self._book_pane(at, items, change)
        self._book_sums(arrival, items, of_total, change)

    def _book_pane(self, at: int, items: Items, change: Change) -> None:
        start = at // LIVE_MS * LIVE_MS
        panes = self._panes[start] if start in self._panes else self._panes_from(start)
        if panes is None:
            return
        if at < self._now.newest_from_ms:
            disturbed = self._book.disturbed
            disturbed[self._queue] = disturbed.get(self._queue, 0) + 1
        pane = at // PANE_MS
        tally = panes.get(pane)
        if tally is None:
            tally = panes[pane] = {}
        change(tally, items)
        if not tally:
            del panes[pane]

    def _book_sums(self, arrival: int, items: Items, of_total: Items, change: Change) -> None:
        start = arrival // INTERVAL_MS * INTERVAL_MS
        tally = self._intervals[start] if start in self._intervals else self._interval_from(start)
        if tally is not None:
            change(tally, items)
        booked, taken_back = self._total or self._totals()
        total = booked if change is add else taken_back
        add(total, items)
        if of_total:
            add(total, of_total)
        if self._net is not None:
            change(self._net, items)

    # -- each cell once

    def _panes_from(self, start: int) -> dict[int, Tally] | None:
        panes = None
        if start > self._now.live_gone_ms:
            key = (self._queue, start)
            cell = cell_at(self._book.live, key, LiveCell)
            if self._takes(cell):
                self._book.dirty_live[key] = None
                panes = cell.panes
        self._panes[start] = panes
        return panes

    def _interval_from(self, start: int) -> Tally | None:
        tally = None
        if start > self._now.intervals_gone_ms:
            key = (self._queue, start)
            cell = cell_at(self._book.intervals, key, IntervalCell)
            if self._takes(cell):
                self._book.dirty_intervals[key] = None
                if start < self._now.settled_to_ms:
                    unsettled = self._book.unsettled
                    unsettled[self._queue] = unsettled.get(self._queue, 0) + 1
                tally = cell.awake()
        self._intervals[start] = tally
        return tally

    def _totals(self) -> tuple[Tally, Tally]:
        cell = self._book.totals[self._queue]
        if self._takes(cell):
            self._book.dirty_totals[self._queue] = None
            self._total = cell.booked, cell.taken_back
        else:
            self._total = {}, {}
        return self._total

    def _takes(self, cell: LiveCell | IntervalCell | TotalCell) -> bool:
        """Not if it holds this already: it was stored, and the place in the source was not."""
        if self._now.replaying and not is_new(cell.offset, self._now.offset):
            return False
        cell.offset = self._now.offset
        return True
