"""What must come out: the records that the topics hold, read once, in order, by the pure core in one process."""

from collections.abc import Iterable, Mapping
from typing import Any

from callpulse.settings import Settings
from callpulse.stream.core import ageing
from callpulse.stream.core.agents import AgentBook
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import AgentState, Heartbeat, Rejected
from callpulse.stream.core.roster import RosterBook
from callpulse.stream.core.wire import decode_agent, decode_call, encode
from callpulse.stream.partitioning import partition_of

Records = Mapping[int, Iterable[Any]]  # partition -> records in the order of their offsets


class Truth:
    """Books by partition. `refused`: (short topic, partition, offset) of every record that is set aside; `accepted`:
    events of visits that count, in order, by partition."""

    def __init__(self, settings: Settings, calls: Records, agents: Records, copies: Records) -> None:
        self.settings = settings
        self.limits = settings.limits()
        self.partitions = settings.kafka.partitions
        self.refused: set[tuple[str, int, int]] = set()
        self.accepted: dict[int, list[Any]] = {}
        self.forwarded: list[AgentState] = []
        self.copies: dict[bytes, bool] = {}  # each copy that the workers sent, and whether it counts
        self.calls = {p: self._call_book(p, calls.get(p, ())) for p in range(self.partitions)}
        self.agents = {p: self._agent_book(p, agents.get(p, ())) for p in range(self.partitions)}
        self.rosters = {p: self._roster_book(p, copies.get(p, ())) for p in range(self.partitions)}

    def queues(self) -> list[str]:
        """Every queue that had a visit or has an agent."""
        visited = [queue for book in self.calls.values() for queue in book.totals]
        staffed = [queue for book in self.rosters.values() for queue in book.by_queue if queue]
        return sorted({*visited, *staffed})

    def overdue(self) -> int:
        """Visits whose loss by age is still to be told."""
        return sum(len(list(ageing.overdue(book, self.settings.channel))) for book in self.calls.values())

    def forwarded_books(self) -> dict[int, RosterBook]:
        """The rosters as they follow from the agents' own events, in whatever order the copies came. A copy that came
        later than the horizon allows does not count: an hour passes within a minute here, and a partition of agents may
        have stood still for longer than that."""
        books = {p: RosterBook(self.limits) for p in range(self.partitions)}
        counted = [copy for copy in self.forwarded if self.copies.get(encode(copy), True)]
        for number, copy in enumerate(sorted(counted, key=lambda copy: copy.at)):
            books[partition_of(copy.queue, self.partitions)].take(copy, number)
        return books

    def _call_book(self, partition: int, records: Iterable[Any]) -> CallBook:
        book, accepted = CallBook(self.limits), self.accepted.setdefault(partition, [])
        for record in records:
            event = decode_call(record.value)
            if isinstance(event, Rejected) or isinstance(book.take(event, record.offset, record.timestamp), Rejected):
                self.refused.add(("calls", partition, record.offset))
            elif not isinstance(event, Heartbeat):
                accepted.append(event)
            book.settle(record.offset)
        return book

    def _agent_book(self, partition: int, records: Iterable[Any]) -> AgentBook:
        book = AgentBook(self.limits)
        for record in records:
            found = book.take(decode_agent(record.value), record.offset, record.timestamp)
            if isinstance(found, Rejected):
                self.refused.add(("agents", partition, record.offset))
            else:
                self.forwarded += found
        return book

    def _roster_book(self, partition: int, records: Iterable[Any]) -> RosterBook:
        book = RosterBook(self.limits)
        for record in records:
            refused = book.take(decode_agent(record.value), record.offset, record.timestamp)
            self.copies[record.value] = self.copies.get(record.value, False) or refused is None
            if refused is not None:
                self.refused.add(("queue-agents", partition, record.offset))
        return book
