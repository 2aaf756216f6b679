"""What leaves the worker: one queue (or several added) as seen at `as_of`, in every window of the board."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from callpulse.stream.core import kpis, windows
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.catalogue import AGENT_STATES_SHOWN
from callpulse.stream.core.kpis import Figure, Part, Policy
from callpulse.stream.core.roster import Presence, RosterBook
from callpulse.stream.core.sums import CellSums
from callpulse.stream.core.tally import Tally, add, difference, merge, subtract, without_handle_bins
from callpulse.stream.core.windows import LIVE_MS, NEWEST_PANES, PANE_MS, ROLLING, Calendar, Span

Figures = dict[str, dict[str, Figure]]  # window -> KPI id -> figure
_Mark = tuple[int, int, int]  # start of the window (ms), first pane that is not kept, how often a kept one has changed


class QueueView(NamedTuple):
    """One queue at `as_of_ms`: tally by window, arrivals of those who wait, time by state, agents signed in."""

    queue: str
    as_of_ms: int
    policy: Policy
    spans: Mapping[str, Span]
    tallies: Mapping[str, Tally]
    waiting: Sequence[int]
    agent_ms: Mapping[str, Mapping[str, int]]
    present: Sequence[Presence]


Seen = tuple[QueueView, Figures]


class WindowReader:
    """Reads the windows of the board out of the books of a partition."""

    def __init__(self, book: CallBook, calendar: Calendar) -> None:
        self.book = book
        self.calendar = calendar
        self.sums = CellSums(book, lambda queue: book.unsettled.get(queue, 0))
        self._steady: dict[tuple[str, int], tuple[_Mark, Tally]] = {}  # by queue and window length

    def spans(self, as_of_ms: int) -> dict[str, Span]:
        """Every window of the board but `all`."""
        spans = {name: windows.rolling(as_of_ms, length) for name, length in ROLLING.items()}
        spans["interval"] = windows.interval(as_of_ms, self.calendar)
        spans["day"] = windows.day(as_of_ms, self.calendar)
        return spans

    def tallies(self, queue: str, spans: Mapping[str, Span], as_of_ms: int) -> dict[str, Tally]:
        """Window -> tally, `all` included."""
        out = {name: self.rolling(queue, spans[name]) for name in ROLLING}
        out["interval"] = self.sums.cells(queue, spans["interval"])
        out["day"] = self.sums.day(queue, spans["day"], min(as_of_ms, self.book.clock_ms))
        out["all"] = self.total(queue)
        return out

    def rolling(self, queue: str, span: Span) -> Tally:
        """The panes within the span. The sum of what lies before the newest of them is kept, and follows the window; it
        is made anew when an event comes late."""
        end = span.end_ms // PANE_MS
        newest = min(end, self.book.clock_ms // PANE_MS + 1) - NEWEST_PANES
        if newest * PANE_MS <= span.start_ms:
            return self.sums.rolling(queue, span)
        key, mark = (queue, span.end_ms - span.start_ms), (span.start_ms, newest, self.book.disturbed.get(queue, 0))
        known = self._steady.get(key)
        if known is None or known[0] != mark:
            moved = None if known is None else self._moved(queue, *known, mark)
            steady = self.sums.rolling(queue, Span(span.start_ms, newest * PANE_MS)) if moved is None else moved
            known = self._steady[key] = (mark, steady)
        return merge((known[1], *self._panes(queue, newest, end)))

    def _moved(self, queue: str, was: _Mark, steady: Tally, mark: _Mark) -> Tally | None:
        """The kept sum a few panes on, or None where more than that has changed."""
        steps = mark[1] - was[1]
        if mark[2] != was[2] or not 0 <= steps <= NEWEST_PANES or mark[0] - was[0] != steps * PANE_MS:
            return None
        tally = dict(steady)
        for entering in self._panes(queue, was[1], mark[1]):
            add(tally, entering.items())
        for leaving in self._panes(queue, was[0] // PANE_MS, mark[0] // PANE_MS):
            subtract(tally, leaving.items())
        return tally

    def _panes(self, queue: str, first: int, end: int) -> Iterator[Tally]:
        for pane in range(first, end):
            cell = self.book.live.get((queue, windows.floor(pane * PANE_MS, LIVE_MS)))
            if cell is not None and pane in cell.panes:
                yield cell.panes[pane]

    def total(self, queue: str) -> Tally:
        """Everything since the beginning."""
        cell, nets = self.book.totals.get(queue), self.book.nets
        if cell is None:
            return {}
        if queue not in nets:
            nets[queue] = without_handle_bins(difference(cell.booked, cell.taken_back))
        return dict(nets[queue])

    def forget(self) -> None:
        """Drop kept sums of cells that are gone."""
        self.sums.forget()
        self._steady.clear()


def view(reader: WindowReader, rosters: Sequence[RosterBook], queue: str, policy: Policy, as_of_ms: int) -> QueueView:
    """One queue now."""
    spans = reader.spans(as_of_ms)
    return QueueView(
        queue,
        as_of_ms,
        policy,
        spans,
        reader.tallies(queue, spans, as_of_ms),
        reader.book.waits.arrivals(queue),
        agent_time(rosters, queue, spans, as_of_ms),
        [presence for roster in rosters for presence in roster.present(queue, as_of_ms)],
    )


def agent_time(
    rosters: Sequence[RosterBook], queue: str, spans: Mapping[str, Span], as_of_ms: int
) -> dict[str, dict[str, int]]:
    """Window -> state -> milliseconds, of all rosters together."""
    each = [roster.agent_ms(queue, spans, as_of_ms) for roster in rosters]
    if len(each) == 1:
        return each[0]
    return {name: {state: sum(ms[name][state] for ms in each) for state in AGENT_STATES_SHOWN} for name in spans}


def part(view_: QueueView, window: str) -> Part:
    """The share of one queue in a window."""
    latest = view_.as_of_ms - view_.policy.past_t_ms
    span = view_.spans.get(window)
    cohort = None if window in ROLLING else [at for at in view_.waiting if span is None or at in span]
    waiting = view_.waiting if cohort is None else cohort
    return Part(
        view_.tallies[window],
        view_.policy,
        sum(at <= latest for at in waiting),
        None if cohort is None else len(cohort),
    )


def figures(views: Sequence[QueueView], agents: QueueView | None = None, last: Seen | None = None) -> Figures:
    """Every figure of the board for the queues added together; `agents` = who counts the people (a total counts each
    person once), by default the only view. `last` = what came out for this one queue before: what has not changed since
    is not counted again."""
    return dict(by_window(views, agents, last))


def by_window(
    views: Sequence[QueueView], agents: QueueView | None = None, last: Seen | None = None
) -> Iterator[tuple[str, dict[str, Figure]]]:
    """The same, one window after the other: adding up hundreds of queues takes a while."""
    people = views[0] if agents is None else agents
    for window in views[0].tallies:
        known = None if last is None else _unchanged(last, views[0], window)
        found = kpis.figures([part(each, window) for each in views]) if known is None else known
        if window in people.agent_ms:
            found["occupancy"] = kpis.occupancy(people.agent_ms[window])
        yield window, found
    yield "now", now(views, people.present)


def _unchanged(last: Seen, view_: QueueView, window: str) -> dict[str, Figure] | None:
    """The figures of the window as they were, if nothing that they follow from has changed."""
    before, figures_ = last
    if before.tallies.get(window) != view_.tallies[window] or window not in figures_:
        return None
    return dict(figures_[window]) if part(before, window) == part(view_, window) else None


def now(views: Sequence[QueueView], present: Sequence[Presence]) -> dict[str, Figure]:
    """What has no window. `longest_wait_start_ms` lets readers make the wait tick."""
    waits = [(at, each.as_of_ms) for each in views for at in each.waiting]
    out = {"contacts_waiting": Figure(len(waits), None)}
    if waits:
        start, as_of = min(waits)
        out["longest_wait_s"] = Figure(max(0, as_of - start) / 1000, None)
        out["longest_wait_start_ms"] = Figure(start, None)
    states = [presence.state for presence in present]
    out.update((f"agents.{state}", Figure(states.count(state), None)) for state in AGENT_STATES_SHOWN)
    return out
