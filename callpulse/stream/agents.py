"""`callpulse.agents` in, a copy to `callpulse.queue-agents` for every queue concerned."""

from collections.abc import Iterable
from typing import Any

from callpulse.stream.core.agents import AgentBook, AgentCell
from callpulse.stream.core.events import AgentState, Rejected
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.wire import decode_agent, encode
from callpulse.stream.outbox import Outbox
from callpulse.stream.partitioning import partition_of
from callpulse.stream.refusals import Refusals
from callpulse.stream.tables import CutTable
from callpulse.stream.transport import Batch, Part


class Agents:
    """The agents of the partitions this worker owns. A copy of each change is acknowledged before its cut is sent."""

    def __init__(
        self,
        topic: str,
        table: CutTable[str, AgentCell],
        outbox: Outbox,
        copies_to: str,
        refusals: Refusals,
        limits: Limits,
        partitions: int,
    ) -> None:
        self.topic = topic
        self.books: dict[int, AgentBook] = {}
        self._table = table
        self._outbox = outbox
        self._copies_to = copies_to
        self._refusals = refusals
        self._limits = limits
        self._partitions = partitions

    def ready(self, partition: int, part: Part) -> None:
        """Recovered."""
        book = AgentBook(self._limits, part.clock)
        book.agents, book.dirty_agents = self._table.cells[partition], self._table.dirty[partition]
        self.books[partition] = book

    def lost(self, partition: int) -> None:
        """Somebody else's now."""
        self.books.pop(partition, None)

    def names(self, partition: int) -> Iterable[str]:
        """Agents of which something is stored in this partition."""
        return self.books[partition].agents

    def recovered_clock(self, partition: int) -> int:
        """The largest event time among the recovered states."""
        return max((cell.at_ms for cell in self._table.cells.get(partition, {}).values()), default=0)

    def apply(self, batch: Batch, part: Part) -> None:
        """Book a whole batch; no await."""
        book = self.books[batch.partition]
        for record in batch:
            copies = self._take(book, record)
            if isinstance(copies, Rejected):
                self._refusals.add(record, copies)
                continue
            for copy in copies:
                self._forward((batch.topic, batch.partition), copy)
        part.clock, part.next = book.clock_ms, batch[-1].offset + 1

    def _forward(self, origin: tuple[str, int], copy: AgentState) -> None:
        """To the partition that is the queue's here, also where partitions were added meanwhile."""
        home = partition_of(copy.queue, self._partitions)
        self._outbox.add(origin, self._copies_to, copy.queue.encode(), encode(copy), home)

    def present(self, partition: int, newest_ms: int) -> list[tuple[str, AgentCell]]:
        """Agents who are signed in and heard of within the horizon of the newest event anywhere: this partition may
        have nobody else whose events move its clock."""
        book = self.books[partition]
        oldest = max(book.clock_ms, newest_ms) - self._limits.horizon_ms
        return [
            (agent, cell) for agent, cell in book.agents.items() if cell.state != "logged_out" and cell.at_ms >= oldest
        ]

    def _take(self, book: AgentBook, record: Any) -> list[AgentState] | Rejected:
        event = decode_agent(record.value)
        if isinstance(event, Rejected):
            return event
        if isinstance(event, AgentState):
            expected = partition_of(event.agent, self._partitions)
            if expected != record.partition:
                return self._refusals.misplaced(record, "agent", event.agent, expected, self._partitions)
        return book.take(event, record.offset, record.timestamp)
