"""The books of a whole site as one worker keeps them, taken from the end of one pane to the next."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from callpulse.stream.core import ageing, windows
from callpulse.stream.core.agents import AgentBook
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import AgentState, Event, Rejected
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import HOUR_MS, Limits
from callpulse.stream.core.roster import EVERYBODY, RosterBook
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.ticks import Tick, Ticks
from callpulse.stream.core.windows import LIVE_MS, ROLLING, Calendar


class Books:
    """Events come in the order of their time, so none is late. Between two ends of panes nothing can be read. Without
    `agent_time` nobody adds up how long agents were in which state: it takes a while, and occupancy alone needs it."""

    def __init__(
        self,
        limits: Limits,
        calendar: Calendar,
        configured_channel: Callable[[str], str | None],
        *,
        agent_time: bool = True,
    ) -> None:
        limits = replace(limits, max_future_ms=None)
        of_agents = limits if agent_time else replace(limits, live_ms=0, interval_ms=0)
        self.calendar = calendar
        self.book, self.roster = CallBook(limits), RosterBook(of_agents)
        self.reader = WindowReader(self.book, calendar)
        self._agents, self._ticks = AgentBook(limits), Ticks(self.book)
        self._channel = configured_channel
        self._taken = self._copied = 0
        self._pruned_at = self._forgotten_at = 0

    def take(self, event: Event) -> Rejected | None:
        """Book one event."""
        self._taken += 1
        if not isinstance(event, AgentState):
            return self.book.take(event, self._taken)
        copies = self._agents.take(event, self._taken)
        if isinstance(copies, Rejected):
            return copies
        for copy in copies:
            self._copied += 1
            self.roster.take(copy, self._copied)
        return None

    def close(self, end_ms: int) -> None:
        """Everything before the end of this pane has been taken, and nothing else: as if a source that lives had said
        so. Who waited for too long is lost by now."""
        self.book.clock_ms = max(self.book.clock_ms, end_ms)
        self.roster.clock_ms = max(self.roster.clock_ms, end_ms)
        self.book.settle(self._taken)
        for lost in list(ageing.overdue(self.book, self._channel)):
            self._taken += 1
            self.book.take(lost, self._taken)
        self.book.settle(self._taken)
        self._prune(end_ms)

    def queues(self) -> list[str]:
        """Every queue that had a visit or has an agent."""
        return list(dict.fromkeys((*self.book.totals, *(each for each in self.roster.by_queue if each != EVERYBODY))))

    def ticks(self, queue: str, policy: Policy, end_ms: int) -> Sequence[Tick]:
        """The last panes of the queue, the oldest first."""
        return self._ticks.rows(queue, policy, self.roster, end_ms)

    def is_busy(self, queue: str, end_ms: int) -> bool:
        """Whether anything happened in the last hour."""
        return bool(self.reader.rolling(queue, windows.rolling(end_ms, ROLLING["1h"])))

    def _prune(self, end_ms: int) -> None:
        """As the worker does, or the books would grow with the log."""
        if end_ms // LIVE_MS == self._pruned_at:
            return
        self._pruned_at = end_ms // LIVE_MS
        ageing.prune(self.book)
        self.reader.forget()
        self.roster.prune()
        for dirty in (self.book.dirty_contacts, self.book.dirty_live, self.book.dirty_intervals):
            dirty.clear()
        for dirty in (self.roster.dirty_members, self.roster.dirty_live, self.roster.dirty_intervals):
            dirty.clear()
        if end_ms // HOUR_MS != self._forgotten_at:
            self._forgotten_at = end_ms // HOUR_MS
            self._forget()

    def _forget(self) -> None:
        for key in ageing.closing(self.book, self._taken, self.book.clock_ms).forgotten:
            ageing.close(self.book, key)
            del self.book.contacts[key]
