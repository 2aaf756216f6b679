"""What a board shows beside the figures of a queue: the day's intervals, the worst contacts, the agents."""

from bisect import bisect_left
from collections.abc import Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

import msgspec

from callpulse.stream.core import kpis, windows
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED
from callpulse.stream.core.kpis import Part, Policy
from callpulse.stream.core.roster import Presence
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.waits import RECENT_MS
from callpulse.stream.core.windows import Span

WORST = 10
INTERVAL_KPIS = (
    "offered",
    "answered",
    "answered_within_t",
    "abandoned",
    "abandoned_within_t",
    "abandoned_short",
    "exited",
    "lost",
    "handled",
    "service_level",
    "asa_s",
    "abandonment_rate",
    "aht_s",
)
EXITS = "exited."
_json = msgspec.json.Encoder().encode
OUTCOME_NAMES = {ANSWERED: "answered", ABANDONED: "abandoned", EXITED: "exited"}


class _Kept(NamedTuple):
    """A row as JSON, a tenth of the memory, and what it was computed from: the mark of its cells, who still waits,
    whether it still runs."""

    mark: tuple[int, int, bool]
    row: msgspec.Raw


class IntervalStrip:
    """The clock intervals of the business day so far, by arrival. A row is kept until one of its cells, or who still
    waits, changes: most of a day never does."""

    def __init__(self, reader: WindowReader) -> None:
        self._reader = reader
        self._kept: dict[str, tuple[tuple[int, int], dict[int, _Kept]]] = {}

    def rows(self, queue: str, policy: Policy, as_of_ms: int) -> list[msgspec.Raw]:
        """A JSON object an interval. `provisional` until the last visit of the interval has an outcome."""
        reader, calendar = self._reader, self._reader.calendar
        waiting = reader.book.waits.arrivals(queue)
        changes = reader.book.unsettled.get(queue, 0)
        (seen, settled), before = self._kept.get(queue, ((-1, 0), {}))
        now: dict[int, _Kept] = {}
        for span in windows.intervals_of_day(windows.day(as_of_ms, calendar), calendar):
            if span.start_ms > as_of_ms:
                break
            known = before.get(span.start_ms)
            open_ = bisect_left(waiting, span.end_ms) - bisect_left(waiting, span.start_ms)
            steady = known is not None and changes == seen and span.end_ms <= settled
            cells = known.mark[0] if steady and known is not None else reader.sums.mark(queue, span)
            mark = (cells, open_, as_of_ms < span.end_ms)
            now[span.start_ms] = known if known and known.mark == mark else self._row(queue, policy, span, mark)
        self._kept[queue] = (changes, windows.settled_until(as_of_ms)), now
        return [kept.row for kept in now.values()]

    def _row(self, queue: str, policy: Policy, span: Span, mark: tuple[int, int, bool]) -> _Kept:
        _, open_, running = mark
        figures = kpis.figures([Part(self._reader.sums.cells(queue, span), policy, 0, open_)])
        row: dict[str, Any] = {"start_ms": span.start_ms, "end_ms": span.end_ms}
        row.update((name, figures[name].value) for name in INTERVAL_KPIS)
        row["service_level.n"] = figures["service_level"].n
        if exits := {name: figures[name].value for name in figures if name.startswith(EXITS)}:
            row["exits"] = {name.removeprefix(EXITS): count for name, count in exits.items()}
        row["provisional"] = open_ > 0 or running
        return _Kept(mark, msgspec.Raw(_json(row)))


def worst(reader: WindowReader, queue: str, as_of_ms: int) -> list[dict[str, Any]]:
    """The longest waits of the last half hour, those still waiting included, longest first."""
    waits, oldest_ms = reader.book.waits, as_of_ms - RECENT_MS
    found = [(min(0, at - as_of_ms), c, "waiting", at) for c, at in waits.open.get(queue, {}).items()]
    found += [
        (-o.wait_ms, contact_id, OUTCOME_NAMES.get(o.kind, "lost"), o.at_ms)
        for contact_id, o in waits.recent.get(queue, {}).items()
        if o.at_ms >= oldest_ms and o.wait_ms > 0
    ]
    return [
        {"contact_id": contact_id, "wait_ms": -minus_ms, "outcome": outcome, "at_ms": at_ms}
        for minus_ms, contact_id, outcome, at_ms in nsmallest(WORST, found)
    ]


def agents(present: Sequence[Presence]) -> list[dict[str, Any]]:
    """Who is signed in, in which state, since when and why."""
    return [
        {"agent": each.agent, "state": each.state, "since_ms": each.since_ms, "reason": each.reason} for each in present
    ]
