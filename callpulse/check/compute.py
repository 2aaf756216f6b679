"""Events of a whole log in, figures out: the worker's own core, run over a file."""

from collections import defaultdict
from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from callpulse.stream.core import ageing, snapshot, windows
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import AgentState, Event, Rejected
from callpulse.stream.core.history import History
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import EVERYBODY, RosterBook
from callpulse.stream.core.snapshot import Figures, QueueView, WindowReader
from callpulse.stream.core.tally import Tally, merge
from callpulse.stream.core.windows import INTERVAL_MS, ROLLING, Calendar, Span

By = Literal["board", "day", "interval", "all"]
CENTURY_MS = 100 * 366 * 86_400_000  # a file is one batch: no event of it is too late, no interval too old
LONGEST_MS = max(ROLLING.values())


class Checked:
    """The books of one log, as they stand at `at_ms` (default: the last event's time), for figures cut `by`."""

    def __init__(self, limits: Limits, calendar: Calendar, at_ms: int | None = None, by: By = "board") -> None:
        live_ms = LONGEST_MS if by == "board" else 0  # nobody looks at older panes
        whole = replace(limits, horizon_ms=CENTURY_MS, interval_ms=CENTURY_MS, live_ms=live_ms, max_future_ms=None)
        self.calendar = calendar
        self.at_ms = at_ms
        self.last_ms = 0
        self.later = 0  # events after `at_ms`: they do not exist yet
        self.events = 0
        self.book = CallBook(whole)
        self.history = History(whole)
        self.roster = RosterBook(whole)  # as of `finish`

    def take(self, event: Event) -> Rejected | None:
        """Book one event of the log."""
        if self.at_ms is not None and event.at > self.at_ms:
            self.later += 1
            return None
        self.events += 1
        self.last_ms = max(self.last_ms, event.at)
        if isinstance(event, AgentState):
            return self.history.take(event)
        return self.book.take(event, self.events)

    def finish(self, configured_channel: Callable[[str], str | None]) -> int:
        """Settle the books and close what nobody closed; returns `as_of`."""
        as_of = self.last_ms if self.at_ms is None else self.at_ms
        self.book.clock_ms = max(self.book.clock_ms, as_of)
        self.book.settle(self.events)
        for lost in list(ageing.overdue(self.book, configured_channel)):
            self.events += 1
            self.book.take(lost, self.events)
        self.book.settle(self.events)
        self.roster = self.history.roster()
        return as_of

    def queues(self) -> list[str]:
        return sorted(self.book.totals)


def figures(
    checked: Checked, as_of_ms: int, by: By, policy_of: Callable[[str], Policy]
) -> tuple[dict[str, Figures], Figures]:
    """(queue -> window -> KPI -> figure, the total of all queues)."""
    views = (
        [_board(checked, queue, as_of_ms, policy_of(queue)) for queue in checked.queues()]
        if by == "board"
        else _same_windows(_cut(checked, as_of_ms, by, policy_of))
    )
    if not views:
        return {}, {}
    everybody = _people(checked, as_of_ms, views[0])
    return {each.queue: snapshot.figures([each]) for each in views}, snapshot.figures(views, everybody)


def _board(checked: Checked, queue: str, as_of_ms: int, policy: Policy) -> QueueView:
    return snapshot.view(WindowReader(checked.book, checked.calendar), [checked.roster], queue, policy, as_of_ms)


def _cut(checked: Checked, as_of_ms: int, by: By, policy_of: Callable[[str], Policy]) -> list[QueueView]:
    everything = _everything(checked, as_of_ms)
    window_of = {
        start: _window_of(start, by, checked.calendar, everything)
        for start in sorted({start for _, start in checked.book.intervals})
    }
    cells: defaultdict[str, defaultdict[str, list[Tally]]] = defaultdict(lambda: defaultdict(list))
    for queue, start in sorted(checked.book.intervals):
        cells[queue][window_of[start][0]].append(checked.book.intervals[queue, start].tally)
    spans = dict(window_of.values())
    return [
        _view(
            checked,
            queue,
            as_of_ms,
            policy_of(queue),
            {name: spans[name] for name in cells[queue]},
            {name: merge(found) for name, found in cells[queue].items()},
        )
        for queue in checked.queues()
    ]


def _window_of(start_ms: int, by: By, calendar: Calendar, everything: Span) -> tuple[str, Span]:
    if by == "all":
        return "all", everything
    if by == "day":
        return windows.day_name(start_ms, calendar), windows.day(start_ms, calendar)
    return windows.interval_name(start_ms, calendar), windows.interval(start_ms, calendar)


def _everything(checked: Checked, as_of_ms: int) -> Span:
    starts = [start for cells in (checked.book.intervals, checked.roster.intervals) for _, start in cells]
    return Span(min(starts, default=0), windows.floor(as_of_ms, INTERVAL_MS) + INTERVAL_MS)


def _same_windows(views: list[QueueView]) -> list[QueueView]:
    """Every queue has every window that any of them has: a day without visits is a day with none."""
    spans = {name: span for each in views for name, span in each.spans.items()}
    ordered = dict(sorted(spans.items(), key=lambda item: item[1]))
    return [
        each._replace(spans=ordered, tallies={name: each.tallies.get(name, {}) for name in ordered}) for each in views
    ]


def _view(
    checked: Checked,
    queue: str,
    as_of_ms: int,
    policy: Policy,
    spans: dict[str, Span],
    tallies: dict[str, Tally],
) -> QueueView:
    return QueueView(
        queue,
        as_of_ms,
        policy,
        spans,
        tallies,
        checked.book.waits.arrivals(queue),
        snapshot.agent_time([checked.roster], queue, spans, as_of_ms),
        checked.roster.present(queue, as_of_ms),
    )


def _people(checked: Checked, as_of_ms: int, like: QueueView) -> QueueView:
    """Everybody, each once, in the windows of another view."""
    return _view(checked, EVERYBODY, as_of_ms, like.policy, dict(like.spans), {})
