"""`callpulse.calls` in: batches to the books of their partition."""

from collections.abc import Iterable
from typing import Any

from callpulse.stream.core import ageing
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.cells import IntervalCell, LiveCell, TotalCell
from callpulse.stream.core.contact_cells import Kept, head
from callpulse.stream.core.details import IntervalStrip
from callpulse.stream.core.events import Heartbeat, Rejected
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.minutes import MinuteStrip
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.ticks import Ticks
from callpulse.stream.core.windows import LIVE_MS, Calendar
from callpulse.stream.core.wire import decode_call
from callpulse.stream.partitioning import partition_of
from callpulse.stream.refusals import Refusals
from callpulse.stream.tables import CutTable
from callpulse.stream.transport import Batch, Part

Tables = tuple[
    CutTable[tuple[str, int], LiveCell],
    CutTable[tuple[str, int], IntervalCell],
    CutTable[str, TotalCell],
    CutTable[tuple[str, str], Kept],
]


class Calls:
    """The books of the partitions this worker owns."""

    def __init__(
        self, topic: str, tables: Tables, refusals: Refusals, limits: Limits, calendar: Calendar, partitions: int
    ) -> None:
        self.topic = topic
        self.books: dict[int, CallBook] = {}
        self.readers: dict[int, WindowReader] = {}
        self.strips: dict[int, IntervalStrip] = {}
        self.minutes: dict[int, MinuteStrip] = {}
        self.ticks: dict[int, Ticks] = {}
        self._live, self._intervals, self._totals, self._contacts = tables
        self._refusals = refusals
        self._limits = limits
        self._calendar = calendar
        self._partitions = partitions
        self._pruned_at: dict[int, int] = {}
        self._copies = self._conflicts = self._late = 0

    # -- partitions come and go

    def ready(self, partition: int, part: Part) -> None:
        """Recovered: put the books on top of the tables and derive what is never stored."""
        book = CallBook(self._limits, part.clock)
        book.live, book.dirty_live = self._live.cells[partition], self._live.dirty[partition]
        book.intervals, book.dirty_intervals = self._intervals.cells[partition], self._intervals.dirty[partition]
        book.totals, book.dirty_totals = self._totals.cells[partition], self._totals.dirty[partition]
        book.contacts, book.dirty_contacts = self._contacts.cells[partition], self._contacts.dirty[partition]
        ageing.derive(book)
        self._put_away(self.books.get(partition))
        self.books[partition] = book
        reader = self.readers[partition] = WindowReader(book, self._calendar)
        self.strips[partition] = IntervalStrip(reader)
        self.minutes[partition] = MinuteStrip(reader)
        self.ticks[partition] = Ticks(book)
        self._pruned_at.pop(partition, None)

    def define_anew(self) -> None:
        """Formulas and thresholds have changed: rows that were kept say what the old ones made of them."""
        for partition, reader in self.readers.items():
            self.strips[partition] = IntervalStrip(reader)
            self.minutes[partition] = MinuteStrip(reader)

    def copies(self) -> int:
        """Facts that came more than once; only grows."""
        return self._copies + sum(book.copies for book in self.books.values())

    def late(self) -> int:
        """Events accepted more than a minute behind their feed; only grows."""
        return self._late + sum(book.late for book in self.books.values())

    def conflicts(self) -> int:
        """Events that stated another channel or site than their queue's; only grows."""
        return self._conflicts + sum(book.conflicts for book in self.books.values())

    def _put_away(self, book: CallBook | None) -> None:
        if book is not None:
            self._copies += book.copies
            self._late += book.late
            self._conflicts += book.conflicts

    def lost(self, partition: int) -> None:
        """Somebody else's now."""
        self._put_away(self.books.pop(partition, None))
        self.readers.pop(partition, None)
        self.strips.pop(partition, None)
        self.minutes.pop(partition, None)
        self.ticks.pop(partition, None)

    def names(self, partition: int) -> Iterable[str]:
        """Queues of which something is stored in this partition."""
        return self.books[partition].totals

    def recovered_clock(self, partition: int) -> int:
        """The largest event time among the recovered facts, for when no clock was stored."""
        contacts = self._contacts.cells.get(partition, {})
        return max((head(contact).last_ms for contact in contacts.values()), default=0)

    # -- events

    def apply(self, batch: Batch, part: Part) -> None:
        """Book a whole batch; no await."""
        book = self.books[batch.partition]
        replayed_until = book.replayed_until
        for record in batch:
            refused = self._take(book, record)
            if refused is not None:
                self._refusals.add(record, refused)
            if record.offset <= replayed_until:
                book.settle(record.offset)
        book.settle(batch[-1].offset)
        part.clock, part.next = book.clock_ms, batch[-1].offset + 1
        self._prune(batch.partition, book)

    def _take(self, book: CallBook, record: Any) -> Rejected | None:
        event = decode_call(record.value)
        if type(event) is Rejected:
            return event
        if type(event) is not Heartbeat:
            queue = event.queue  # type: ignore[union-attr]  # every other type has one
            expected = partition_of(queue, self._partitions)
            if expected != record.partition:
                return self._refusals.misplaced(record, "queue", queue, expected, self._partitions)
        return book.take(event, record.offset, record.timestamp)  # type: ignore[arg-type]  # not a Rejected

    def _prune(self, partition: int, book: CallBook) -> None:
        cell = book.clock_ms // LIVE_MS
        if self._pruned_at.get(partition) != cell:
            self._pruned_at[partition] = cell
            ageing.prune(book)
            self.readers[partition].forget()

    # -- what follows from nothing having happened

    def forget(self, partition: int, committed: int, clock_ms: int) -> list[tuple[str, str]]:
        """Close contacts beyond the horizon of the committed clock whose last event is committed; let the quiet ones
        among the others sleep. All that are closed and not buried yet, perhaps in an earlier life."""
        book = self.books[partition]
        found = ageing.closing(book, committed, clock_ms)
        for key in found.forgotten:
            ageing.close(book, key)
        ageing.put_to_sleep(book)
        return found.closed + found.forgotten

    def heartbeats(self) -> dict[str, int]:
        """Source -> its last heartbeat."""
        found: dict[str, int] = {}
        for book in self.books.values():
            for source, at in book.sources.items():
                found[source] = max(at, found.get(source, 0))
        return found

    def real_sources(self) -> set[str]:
        """Of which there are queues."""
        return set[str]().union(*(book.real_sources() for book in self.books.values()))

    def bury(self, partition: int, key: tuple[str, str]) -> None:
        """Remove a closed contact for good, unless it came back meanwhile."""
        book = self.books.get(partition)
        contact = None if book is None else book.contacts.get(key)
        if contact is not None and head(contact).last_ms < 0:
            self._contacts.delete(partition, key)
