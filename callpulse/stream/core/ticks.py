"""What happened in one queue in each closed pane of 10 s: the steps by which alert rules look at it.

A tick is made once, when the clock passes the end of its pane, from what is known then; what comes later changes the
tallies, not the tick. Its counts are those of the pane's tally, each fact at its own time; but who waits past T is a
miss at that moment, not when the wait ends.

Agents' changes come by another way than calls, a moment later. Where a worker reads on after an outage, calls are hours
ahead within seconds, and those who had signed in meanwhile are not there yet: taken for missing, they would be alarmed
about. So until a minute after so many panes closed at once, nobody's state is known.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from callpulse.stream.core import tally as t
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.roster import Change, RosterBook
from callpulse.stream.core.tally import Tally
from callpulse.stream.core.windows import LIVE_MS, PANE_MS, Span, floor

KEPT = 30  # five minutes: a rule that looks in every few seconds misses none
AGENTS_LAG_MS = 60_000  # after a jump, until copies of agents' changes are surely here
BUSY = ("talking", "hold", "wrapup")
STAFFED = ("ready", "ringing", *BUSY)


class Tick(NamedTuple):
    """One queue in one pane. `staffed`, `busy`: agents signed in and not paused, and those of them who are with a
    contact or its after-call work, at the pane's end; `staffed` is None where no agent's state is known; `busy` then
    counts contacts."""

    at_ms: int  # the end of the pane
    arrivals: int
    hits: int  # answered within T
    misses: int  # abandoned or exited within T, or T passed
    ended: int  # conversations
    busy_ms: int  # agents' time with contacts and after-call work, or contacts' time in service
    staffed: int | None
    busy: int
    waiting: int  # at the end
    oldest_wait_ms: int  # at the end; 0 where nobody waits


class Ticks:
    """The last ticks of the queues of one partition."""

    def __init__(self, book: CallBook) -> None:
        self._book = book
        self._kept: dict[str, deque[Tick]] = {}
        self._without_agents: dict[str, int] = {}  # queue -> until when their states are not known

    def rows(self, queue: str, policy: Policy, roster: RosterBook | None, as_of_ms: int) -> Sequence[Tick]:
        """Of the panes that are closed by `as_of_ms`, the oldest first."""
        kept = self._kept.setdefault(queue, deque(maxlen=KEPT))
        ends = _ends(kept[-1].at_ms if kept else None, floor(as_of_ms, PANE_MS))
        if len(ends) == KEPT:
            self._without_agents[queue] = ends[-1] + AGENTS_LAG_MS
        for end_ms in ends:
            known = roster if end_ms >= self._without_agents.get(queue, 0) else None
            kept.append(self._tick(queue, policy, known, end_ms))
        return tuple(kept)

    def _tick(self, queue: str, policy: Policy, roster: RosterBook | None, end_ms: int) -> Tick:
        tally = self._pane(queue, end_ms)
        hits, others = _outcomes(tally, policy)
        before, waits = self._waits(queue, end_ms - PANE_MS), self._waits(queue, end_ms)
        serving = self._book.waits.serving_at(queue, end_ms)
        staffed, busy, busy_ms = _people(roster, queue, end_ms) or (None, serving, serving * PANE_MS)
        return Tick(
            at_ms=end_ms,
            arrivals=tally.get(t.OFFERED, 0),
            hits=hits,
            misses=others + _past_t(waits, policy) - _past_t(before, policy),
            ended=tally.get(t.HANDLED, 0),
            busy_ms=busy_ms,
            staffed=staffed,
            busy=busy,
            waiting=len(waits),
            oldest_wait_ms=max(waits, default=0),
        )

    def _waits(self, queue: str, at_ms: int) -> list[int]:
        """How long those who waited at that moment had waited (ms)."""
        return [at_ms - arrival for arrival in self._book.waits.waiting_at(queue, at_ms)]

    def _pane(self, queue: str, end_ms: int) -> Tally:
        start_ms = end_ms - PANE_MS
        cell = self._book.live.get((queue, floor(start_ms, LIVE_MS)))
        return {} if cell is None else cell.panes.get(start_ms // PANE_MS, {})


def _past_t(waits: Sequence[int], policy: Policy) -> int:
    """Of those who wait: counted as missed already."""
    return sum(wait_ms >= policy.past_t_ms for wait_ms in waits)


def _ends(last_ms: int | None, newest_ms: int) -> range:
    """Ends of the panes that closed since the last tick; after a gap, or at the start, of the newest ones."""
    oldest_ms = newest_ms - (KEPT - 1) * PANE_MS
    first_ms = newest_ms if last_ms is None else max(last_ms + PANE_MS, oldest_ms)
    return range(first_ms, newest_ms + 1, PANE_MS)


def _outcomes(tally: Tally, policy: Policy) -> tuple[int, int]:
    """Answered within T, and every other outcome of the pane; of those of whom nobody told how it ended, only who
    waited past T."""
    inclusive, threshold_s = policy.boundary == "le", policy.threshold_s
    hits = t.histogram(tally, ANSWERED).up_to(threshold_s, inclusive=inclusive)
    lost = t.histogram(tally, LOST)
    others = sum(tally.get(t.COUNT_KEY[kind], 0) for kind in (ANSWERED, ABANDONED, EXITED)) - hits
    return hits, others + lost.total - lost.up_to(threshold_s, inclusive=inclusive)


def _people(roster: RosterBook | None, queue: str, end_ms: int) -> tuple[int, int, int] | None:
    """Agents staffed and busy at the end of the pane, and their busy time in it; None where none was ever seen."""
    if roster is None or queue not in roster.by_queue:
        return None
    staffed = busy = busy_ms = 0
    for agent in roster.by_queue[queue]:
        changes = roster.members[queue, agent].changes
        place = bisect_right(changes, end_ms - 1, key=itemgetter(0))
        if place and changes[place - 1][0] >= end_ms - roster.limits.horizon_ms:
            staffed += changes[place - 1][1] in STAFFED
            busy += changes[place - 1][1] in BUSY
        busy_ms += _busy_ms(changes, place, Span(end_ms - PANE_MS, end_ms))
    return staffed, busy, busy_ms


def _busy_ms(changes: Sequence[Change], place: int, span: Span) -> int:
    """`place`: so many of the changes come before the end of the span. Only the last of them are looked at."""
    ms, until_ms = 0, span.end_ms
    for at_ms, state, _ in (changes[each] for each in range(place - 1, -1, -1)):
        since_ms = max(at_ms, span.start_ms)
        ms += until_ms - since_ms if state in BUSY else 0
        until_ms = since_ms
        if at_ms <= span.start_ms:
            break
    return ms
