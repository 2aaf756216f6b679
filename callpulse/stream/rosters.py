"""`callpulse.queue-agents` in, a copy of each change for each queue concerned; time by state out."""

from collections.abc import Iterable

from callpulse.stream.core.cells import IntervalCell, LiveCell
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import QueueAgent, RosterBook
from callpulse.stream.core.windows import LIVE_MS
from callpulse.stream.core.wire import decode_agent
from callpulse.stream.refusals import Refusals
from callpulse.stream.tables import CutTable
from callpulse.stream.transport import Batch, Part


class Rosters:
    """Who is signed in to the queues of the partitions this worker owns."""

    def __init__(
        self,
        topic: str,
        tables: tuple[
            CutTable[tuple[str, int], LiveCell],
            CutTable[tuple[str, int], IntervalCell],
            CutTable[tuple[str, str], QueueAgent],
        ],
        refusals: Refusals,
        limits: Limits,
    ) -> None:
        self.topic = topic
        self.books: dict[int, RosterBook] = {}
        self._live, self._intervals, self._members = tables
        self._pruned_at: dict[int, int] = {}
        self._refusals = refusals
        self._limits = limits

    def ready(self, partition: int, part: Part) -> None:
        """Recovered."""
        book = RosterBook(self._limits, part.clock)
        book.live, book.dirty_live = self._live.cells[partition], self._live.dirty[partition]
        book.intervals, book.dirty_intervals = self._intervals.cells[partition], self._intervals.dirty[partition]
        book.members, book.dirty_members = self._members.cells[partition], self._members.dirty[partition]
        book.derive()
        self.books[partition] = book
        self._pruned_at.pop(partition, None)

    def lost(self, partition: int) -> None:
        """Somebody else's now."""
        self.books.pop(partition, None)
        self._pruned_at.pop(partition, None)

    def names(self, partition: int) -> Iterable[str]:
        """Queues of which something is stored in this partition."""
        return self.books[partition].by_queue

    def recovered_clock(self, partition: int) -> int:
        """The largest event time among the recovered changes."""
        members = self._members.cells.get(partition, {}).values()
        return max((member.changes[-1][0] for member in members if member.changes), default=0)

    def apply(self, batch: Batch, part: Part) -> None:
        """Book a whole batch; no await."""
        book = self.books[batch.partition]
        for record in batch:
            event = decode_agent(record.value)
            refused = event if isinstance(event, Rejected) else book.take(event, record.offset, record.timestamp)
            if refused is not None:
                self._refusals.add(record, refused)
        part.clock, part.next = book.clock_ms, batch[-1].offset + 1
        cell = book.clock_ms // LIVE_MS
        if self._pruned_at.get(batch.partition) != cell:
            self._pruned_at[batch.partition] = cell
            book.prune()
