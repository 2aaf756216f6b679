"""What leaves the worker: one queue (or several added) as seen at `as_of`, in every window of the board."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from callpulse.stream.core import kpis, windows
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.catalogue import AGENT_STATES_SHOWN
from callpulse.stream.core.kpis import Figure, Part, Policy
from callpulse.stream.core.roster import EVERYBODY, Presence, RosterBook
from callpulse.stream.core.tally import Tally, difference, merge
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, PANE_MS, ROLLING, Calendar, Span

Figures = dict[str, dict[str, Figure]]  # window -> KPI id -> figure


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


class WindowReader:
    """Reads windows out of the books of a partition. Sums of cells are kept until a cell changes (its offset tells)."""

    def __init__(self, book: CallBook, calendar: Calendar) -> None:
        self.book = book
        self.calendar = calendar
        self._sums: dict[tuple[str, int], tuple[int, Tally]] = {}
        self._days: dict[str, tuple[tuple[int, int, int], Tally]] = {}

    def spans(self, as_of_ms: int) -> dict[str, Span]:
        """Every window of the board but `all`."""
        spans = {name: windows.rolling(as_of_ms, length) for name, length in ROLLING.items()}
        spans["interval"] = windows.interval(as_of_ms, self.calendar)
        spans["day"] = windows.day(as_of_ms, self.calendar)
        return spans

    def tallies(self, queue: str, spans: Mapping[str, Span]) -> dict[str, Tally]:
        """Window -> tally, `all` included."""
        out = {name: self.rolling(queue, spans[name]) for name in ROLLING}
        out["interval"] = self.cells(queue, spans["interval"])
        out["day"] = self.day(queue, spans["day"], spans["interval"].start_ms)
        out["all"] = self.total(queue)
        return out

    def total(self, queue: str) -> Tally:
        cell = self.book.totals.get(queue)
        if cell is None:
            return {}
        return difference(cell.booked, cell.taken_back) if cell.taken_back else cell.booked

    def rolling(self, queue: str, span: Span) -> Tally:
        found: list[Tally] = []
        for start in range(span.start_ms // LIVE_MS * LIVE_MS, span.end_ms, LIVE_MS):
            cell = self.book.live.get((queue, start))
            if cell is None:
                continue
            if start >= span.start_ms:
                found.append(self._sum(queue, start, cell.offset, cell.panes.values()))
            else:
                found += [tally for pane, tally in cell.panes.items() if pane * PANE_MS >= span.start_ms]
        return merge(found)

    def _sum(self, queue: str, start: int, offset: int, panes: Iterable[Tally]) -> Tally:
        known = self._sums.get((queue, start))
        if known is None or known[0] != offset:
            known = self._sums[queue, start] = (offset, merge(panes))
        return known[1]

    def cells(self, queue: str, span: Span) -> Tally:
        """The sum of 15-minute cells."""
        starts = range(span.start_ms, span.end_ms, INTERVAL_MS)
        cells = (self.book.intervals.get((queue, start)) for start in starts)
        return merge(cell.tally for cell in cells if cell is not None)

    def day(self, queue: str, span: Span, now_ms: int) -> Tally:
        """The day so far: cells older than an hour hardly change, so their sum is kept."""
        settled = Span(span.start_ms, max(span.start_ms, now_ms - 4 * INTERVAL_MS))
        cells = [self.book.intervals.get((queue, at)) for at in range(settled.start_ms, settled.end_ms, INTERVAL_MS)]
        mark = (settled.start_ms, settled.end_ms, sum(cell.offset + 1 for cell in cells if cell is not None))
        known = self._days.get(queue)
        if known is None or known[0] != mark:
            known = self._days[queue] = (mark, merge(cell.tally for cell in cells if cell is not None))
        return merge((known[1], self.cells(queue, Span(settled.end_ms, span.end_ms))))

    def forget(self) -> None:
        """Drop kept sums of cells that are gone."""
        self._sums = {key: kept for key, kept in self._sums.items() if key in self.book.live}


def view(reader: WindowReader, rosters: Sequence[RosterBook], queue: str, policy: Policy, as_of_ms: int) -> QueueView:
    """One queue now."""
    spans = reader.spans(as_of_ms)
    return QueueView(
        queue,
        as_of_ms,
        policy,
        spans,
        reader.tallies(queue, spans),
        sorted(reader.book.waiting.get(queue, {}).values()),
        agent_time(rosters, queue, spans, as_of_ms),
        [presence for roster in rosters for presence in roster.present(queue, as_of_ms)],
    )


def agent_time(
    rosters: Sequence[RosterBook], queue: str, spans: Mapping[str, Span], as_of_ms: int
) -> dict[str, dict[str, int]]:
    """Window -> state -> milliseconds."""
    out: dict[str, dict[str, int]] = {}
    for name, span in spans.items():
        cells = "live" if name in ROLLING else "intervals"
        for roster in rosters:
            for state, ms in roster.agent_ms(queue, span, as_of_ms, cells).items():
                out.setdefault(name, {})[state] = out.get(name, {}).get(state, 0) + ms
    return out


def part(view_: QueueView, window: str) -> Part:
    """The share of one queue in a window."""
    threshold_ms = view_.policy.threshold_s * 1000
    past = view_.as_of_ms - threshold_ms if view_.policy.boundary == "le" else view_.as_of_ms - threshold_ms + 1
    span = view_.spans.get(window)
    cohort = None if window in ROLLING else [at for at in view_.waiting if span is None or at in span]
    waiting = view_.waiting if cohort is None else cohort
    return Part(
        view_.tallies[window], view_.policy, sum(at < past for at in waiting), None if cohort is None else len(cohort)
    )


def figures(views: Sequence[QueueView], agents: QueueView | None = None) -> Figures:
    """Every figure of the board for the queues added together; `agents` = who counts the people (a total counts each
    person once), by default the only view."""
    people = views[0] if agents is None else agents
    out: Figures = {}
    for window in views[0].tallies:
        out[window] = kpis.figures([part(each, window) for each in views])
        if window in people.agent_ms:
            out[window]["occupancy"] = kpis.occupancy(people.agent_ms[window])
    out["now"] = now(views, people.present)
    return out


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


def as_json(figures_: Figures) -> dict[str, dict[str, dict[str, Any]]]:
    """`{window: {kpi_id: {"value": …, "n": …}}}`; n only where there is a denominator."""
    return {
        window: {
            name: {"value": figure.value} if figure.n is None else {"value": figure.value, "n": figure.n}
            for name, figure in of_window.items()
        }
        for window, of_window in figures_.items()
    }


__all__ = ["EVERYBODY", "Figures", "QueueView", "WindowReader", "as_json", "figures", "view"]
