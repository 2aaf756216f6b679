"""The agents of a whole log at once: changes are kept as they come and booked when all of them are known.

Time in state is a pure function of the changes, so this is the roster that the worker comes to, change by change, from
the same events in the same order. It keeps every change of the log.
"""

from collections import defaultdict
from itertools import pairwise
from operator import lt

from callpulse.stream.core.agents import AgentBook
from callpulse.stream.core.cells import IntervalCell, LiveCell, cell_at
from callpulse.stream.core.events import AgentState, Rejected
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import EVERYBODY, Change, QueueAgent, RosterBook, in_order
from callpulse.stream.core.stretches import pieces, spread
from callpulse.stream.core.tally import AGENT_MS_KEY, Tally
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, floor

Lines = defaultdict[str, list[Change]]  # queue -> what an agent's state was there, in the order of the log


class History:
    """Nothing of it is stored."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._agents = AgentBook(limits)
        self._lines: defaultdict[str, Lines] = defaultdict(lambda: defaultdict(list))
        self._taken = 0

    def take(self, event: AgentState) -> Rejected | None:
        """Keep one event of the log: a change for everybody and for every queue served before or after."""
        self._taken += 1
        cell = self._agents.hear(event, self._taken)
        if cell is None or isinstance(cell, Rejected):
            return cell
        lines, queues = self._lines[event.agent], event.queues
        change = (event.at, event.state, event.reason)
        away = (event.at, "logged_out", event.reason)
        lines[EVERYBODY].append(change)
        for queue in cell.served:
            lines[queue].append(change if queue in queues else away)
        if event.at < cell.at_ms:  # a queue that a late event names may never have heard of the newest state
            newest = (cell.at_ms, cell.state, cell.reason)
            for queue in queues:
                lines[queue].append(newest if queue in cell.queues else (cell.at_ms, "logged_out", cell.reason))
        return None

    def roster(self) -> RosterBook:
        """Who was in which state when, as it stands after the last event."""
        book = RosterBook(self._limits, self._agents.clock_ms)
        for agent, lines in self._lines.items():
            for queue, line in lines.items():
                changes = line if _ascends(line) else sorted(set(line), key=in_order)
                book.members[queue, agent] = QueueAgent(changes=changes)
                _book(book, queue, changes)
        book.derive()
        return book


def _ascends(changes: list[Change]) -> bool:
    times = [change[0] for change in changes]
    return all(map(lt, times, times[1:]))


def _book(book: RosterBook, queue: str, changes: list[Change]) -> None:
    """All segments of one agent in one queue, none of which was booked before."""
    live_from, intervals_from = book.live_from(), book.intervals_from()
    start = end = 0  # of the interval that `tally` belongs to
    tally: Tally = {}
    for (since, state, _), (until, _, _) in pairwise(changes):
        key = AGENT_MS_KEY.get(state)
        if key is None:
            continue
        if until > live_from:
            for cell, at, reached in pieces(since, until, LIVE_MS, live_from):
                spread(cell_at(book.live, (queue, cell), LiveCell).panes, key, at, reached)
        at = max(since, intervals_from)
        while at < until:
            if not start <= at < end:
                start = floor(at, INTERVAL_MS)
                end, tally = start + INTERVAL_MS, cell_at(book.intervals, (queue, start), IntervalCell).awake()
            reached = min(until, end)
            tally[key] = tally.get(key, 0) + reached - at
            at = reached
