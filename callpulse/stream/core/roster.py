"""Who is in which state in which queue, and how much of each state falls into a pane or an interval.

Per (queue, agent) the set of state changes is kept; time in state is a pure function of it. A new change splits one
segment of the agent's timeline: only what follows it there was in another state than was booked. A segment that is
still running is not booked: readers add it up to their `as_of`.
"""

from bisect import bisect_left
from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct

from callpulse.stream.core.cells import IntervalCell, LiveCell, cell_at, drop_gone, is_new
from callpulse.stream.core.events import AGENT_STATES, AgentState, Rejected
from callpulse.stream.core.limits import Limits, believable
from callpulse.stream.core.schemas import QUEUE_AGENT
from callpulse.stream.core.stretches import count, pieces, spread
from callpulse.stream.core.sums import CellSums
from callpulse.stream.core.tally import AGENT_MS_KEY, Tally
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, PANE_MS, ROLLING, Span, floor

EVERYBODY = ""  # as a queue: all who are signed in anywhere, each once (no real queue has an empty name)
MAX_CHANGES = 2000

STATE_RANK = {state: rank for rank, state in enumerate(AGENT_STATES)}

Change = tuple[int, str, str]  # (at_ms, state, reason); logged_out where the queue is not served
Moves = tuple[tuple[int, int], ...]  # key in a tally, 1: time is added to it, -1: taken from it


class QueueAgent(Struct, array_like=True, gc=False):
    """One agent in one queue: state changes in order of time."""

    schema: int = QUEUE_AGENT.version
    offset: int = -1
    changes: list[Change] = []


class Presence(NamedTuple):
    """One agent as seen by a reader."""

    agent: str
    state: str
    since_ms: int
    reason: str


def in_order(change: Change) -> tuple[int, int, str]:
    """Changes by time; of two in one millisecond the later in the list of states counts."""
    return change[0], STATE_RANK[change[1]], change[2]


class RosterBook:
    """One partition of `callpulse.queue-agents`: members {(queue, agent): QueueAgent} · live {(queue, start of 600 s):
    LiveCell} · intervals {(queue, start of 15 min): IntervalCell}, tallies of milliseconds by state."""

    def __init__(self, limits: Limits, clock_ms: int = 0) -> None:
        self.limits = limits
        self.clock_ms = clock_ms
        self.members: MutableMapping[tuple[str, str], QueueAgent] = {}
        self.live: MutableMapping[tuple[str, int], LiveCell] = {}
        self.intervals: MutableMapping[tuple[str, int], IntervalCell] = {}
        self.dirty_members: MutableMapping[tuple[str, str], None] = {}
        self.dirty_live: MutableMapping[tuple[str, int], None] = {}
        self.dirty_intervals: MutableMapping[tuple[str, int], None] = {}
        self.by_queue: dict[str, set[str]] = {}
        self.changed: dict[str, None] = {}
        self._sums = CellSums(self)
        self._changes: dict[str, int] = {}  # queue -> how many changes of state were booked
        self._kept: dict[str, tuple[object, dict[str, Tally]]] = {}

    def take(self, event: Any, offset: int, recorded_ms: int | None = None) -> Rejected | None:
        """Book one forwarded state change."""
        refused = believable(event.at, self.clock_ms, recorded_ms, self.limits)
        if refused is not None:
            return refused
        self.clock_ms = max(self.clock_ms, event.at)
        if type(event) is AgentState:
            self._keep(event, offset)
        return None

    def _keep(self, event: AgentState, offset: int) -> None:
        queue, key = event.queue, (event.queue, event.agent)
        member = self.members.get(key)
        if member is None:
            member = self.members[key] = QueueAgent(changes=[])
            self.by_queue.setdefault(queue, set()).add(event.agent)
        elif offset <= member.offset:
            return
        serving = queue == EVERYBODY or queue in event.queues
        change = (event.at, event.state if serving else "logged_out", event.reason)
        changes = member.changes
        if changes and event.at <= changes[-1][0]:
            place = bisect_left(changes, in_order(change), key=in_order)
            if changes[place : place + 1] == [change] or (not place and len(changes) >= MAX_CHANGES):
                return  # known, or older than all that is kept of a history that was cut
        else:
            place = len(changes)
        member.offset = offset
        self.dirty_members[key] = None
        self._insert(queue, changes, place, change, offset)
        self._prune(member)
        self.changed[queue] = None
        self._changes[queue] = self._changes.get(queue, 0) + 1

    def _insert(self, queue: str, changes: list[Change], place: int, change: Change, offset: int) -> None:
        before = changes[place - 1] if place else None
        after = changes[place] if place < len(changes) else None
        changes.insert(place, change)
        if after is not None:
            self._book(queue, change[0], after[0], _moves(change[1], before and before[1]), offset)
        elif before is not None:
            self._book(queue, before[0], change[0], _moves(before[1]), offset)

    def _prune(self, member: QueueAgent) -> None:
        """What lies beyond the horizon goes, but for the last of it: that state lasts into the horizon."""
        oldest = self.clock_ms - self.limits.horizon_ms
        while len(member.changes) > 1 and (member.changes[1][0] < oldest or len(member.changes) > MAX_CHANGES):
            del member.changes[0]

    def _book(self, queue: str, from_ms: int, to_ms: int, moves: Moves, offset: int) -> None:
        """Each cell comes once; one that holds the event already was stored when its member, or the place in the
        source, was not."""
        if not moves:
            return
        for start, since, until in pieces(from_ms, to_ms, LIVE_MS, self.live_from()):
            cell = cell_at(self.live, (queue, start), LiveCell)
            if is_new(cell.offset, offset):
                cell.offset = offset
                self.dirty_live[queue, start] = None
                for key, sign in moves:
                    spread(cell.panes, key, since, until, sign)
        for start, since, until in pieces(from_ms, to_ms, INTERVAL_MS, self.intervals_from()):
            interval = cell_at(self.intervals, (queue, start), IntervalCell)
            if is_new(interval.offset, offset):
                interval.offset = offset
                self.dirty_intervals[queue, start] = None
                for key, sign in moves:
                    count(interval.awake(), key, sign * (until - since))

    def live_from(self) -> int:
        """What lasted before this is in no pane any more."""
        return floor(self.clock_ms - self.limits.live_ms, PANE_MS)

    def intervals_from(self) -> int:
        """What lasted before this is in no interval any more."""
        return floor(self.clock_ms - self.limits.interval_ms, INTERVAL_MS)

    def derive(self) -> None:
        """Rebuild what is never stored from what was recovered, and drop what the clock has passed."""
        for queue, agent in self.members:
            self.by_queue.setdefault(queue, set()).add(agent)
        self.changed.update(dict.fromkeys(self.by_queue))
        self.prune()

    def prune(self) -> None:
        """Drop cells that no change can reach any more."""
        drop_gone(self.live, self.dirty_live, self.limits.live_gone_ms(self.clock_ms))
        drop_gone(self.intervals, self.dirty_intervals, self.limits.intervals_gone_ms(self.clock_ms))
        self._sums.forget()
        self._kept.clear()

    # -- reading

    def present(self, queue: str, as_of_ms: int) -> list[Presence]:
        """Agents signed in to the queue. Who has not been heard of within the horizon counts as gone."""
        out = []
        for agent in sorted(self.by_queue.get(queue, ())):
            at, state, reason = self.members[queue, agent].changes[-1]
            if state != "logged_out" and at >= as_of_ms - self.limits.horizon_ms:
                out.append(Presence(agent, state, at, reason))
        return out

    def agent_ms(self, queue: str, spans: Mapping[str, Span], as_of_ms: int) -> dict[str, dict[str, int]]:
        """Window -> state -> milliseconds within its span, the states that still last up to `as_of`. Rolling windows
        are read from panes, others from intervals."""
        present = self.present(queue, as_of_ms)
        out = {}
        for name, tally in self._booked(queue, spans, as_of_ms).items():
            span = spans[name]
            end = min(as_of_ms, span.end_ms)
            ms = out[name] = {state: tally.get(key, 0) for state, key in AGENT_MS_KEY.items()}
            for presence in present:
                ms[presence.state] += max(0, end - max(presence.since_ms, span.start_ms))
        return out

    def _booked(self, queue: str, spans: Mapping[str, Span], as_of_ms: int) -> dict[str, Tally]:
        """Window -> what is booked in it: the same until a state changes or a window moves."""
        mark = (self._changes.get(queue, 0), tuple(spans.items()))
        known = self._kept.get(queue)
        if known is None or known[0] != mark:
            read = {name: self._read(name, queue, span, as_of_ms) for name, span in spans.items()}
            known = self._kept[queue] = (mark, read)
        return known[1]

    def _read(self, window: str, queue: str, span: Span, as_of_ms: int) -> Tally:
        if window in ROLLING:
            return self._sums.rolling(queue, span)
        short = span.end_ms - span.start_ms <= 4 * INTERVAL_MS
        return self._sums.cells(queue, span) if short else self._sums.day(queue, span, as_of_ms)


@cache
def _moves(state: str, instead_of: str | None = None) -> Moves:
    """What a stretch of time means that passed in `state`, and was booked in another."""
    named = ((AGENT_MS_KEY.get(state), 1), (AGENT_MS_KEY.get(instead_of or ""), -1))
    return tuple((key, sign) for key, sign in named if key is not None)
