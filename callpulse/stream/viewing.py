"""What this worker knows of its queues at this moment, for everyone who publishes it."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from callpulse.settings import Settings
from callpulse.stream.calls import Calls
from callpulse.stream.core import ageing, snapshot
from callpulse.stream.core.roster import EVERYBODY
from callpulse.stream.core.snapshot import Figures, QueueView
from callpulse.stream.core.ticks import Tick
from callpulse.stream.partitioning import partition_of
from callpulse.stream.rosters import Rosters


class Seen(NamedTuple):
    """One queue now, and where it belongs."""

    view: QueueView
    figures: Figures
    ticks: Sequence[Tick]
    partition: int
    source: str
    channel: str
    site: str


class Viewing:
    """Reads the books of the partitions this worker owns."""

    def __init__(self, calls: Calls, rosters: Rosters, settings: Settings) -> None:
        self.calls = calls
        self.rosters = rosters
        self.settings = settings
        self._latest: dict[str, Seen] = {}

    def queues(self) -> Iterator[str]:
        """Every queue of the owned partitions that had a visit or has an agent; of each partition the older ones
        first, the partitions in turns."""
        for turn in zip_longest(*map(self._queues_of, self.calls.books)):
            yield from (queue for queue in turn if queue is not None)

    def _queues_of(self, partition: int) -> list[str]:
        roster = self.rosters.books.get(partition)
        staffed = () if roster is None else roster.by_queue
        totals = self.calls.books[partition].totals
        return list(dict.fromkeys((*totals, *(queue for queue in staffed if queue != EVERYBODY))))

    def owns(self, queue: str) -> bool:
        """Whether its partition is this worker's, and recovered."""
        return partition_of(queue, self.settings.kafka.partitions) in self.calls.books

    def has_heard_of(self, queue: str) -> bool:
        """Whether it had a visit or has an agent here."""
        partition = partition_of(queue, self.settings.kafka.partitions)
        book, roster = self.calls.books.get(partition), self.rosters.books.get(partition)
        return (book is not None and queue in book.totals) or (roster is not None and queue in roster.by_queue)

    def changed(self) -> set[str]:
        """Queues with news since they were last `told`."""
        found: set[str] = set()
        for partition, book in self.calls.books.items():
            found.update(book.changed)
            roster = self.rosters.books.get(partition)
            if roster is not None:
                found.update(roster.changed)
        found.discard(EVERYBODY)
        return found

    def told(self, queue: str) -> bool:
        """What `see` just said is published: only what comes later is news. Was there any in it?"""
        partition, news = partition_of(queue, self.settings.kafka.partitions), False
        for books in (self.calls.books, self.rosters.books):
            if partition in books and queue in books[partition].changed:
                del books[partition].changed[queue]
                news = True
        return news

    def newest_ms(self) -> int:
        """The time of the newest event; 0 before the first."""
        return max((book.clock_ms for book in self.calls.books.values()), default=0)

    def see(self, queue: str) -> Seen | None:
        """The queue now, or None where it is somebody else's or nothing has come yet."""
        partition = partition_of(queue, self.settings.kafka.partitions)
        book, reader = self.calls.books.get(partition), self.calls.readers.get(partition)
        if book is None or reader is None or not book.clock_ms:
            return None
        roster = self.rosters.books.get(partition)
        rosters = [] if roster is None else [roster]
        policy = self.settings.policy(queue)
        view = snapshot.view(reader, rosters, queue, policy, book.clock_ms)
        ticks = self.calls.ticks[partition].rows(queue, policy, roster, book.clock_ms)
        total = book.totals.get(queue)
        channel = ageing.channel_of(book, queue, self.settings.channel(queue))
        source, site = ("", "") if total is None else (total.source, total.site)
        last = self._latest.get(queue)
        figures = snapshot.figures([view], last=None if last is None else (last.view, last.figures))
        seen = Seen(view, figures, ticks, partition, source, channel, site or self.settings.site.name)
        self._latest[queue] = seen
        return seen

    def lost(self, partition: int) -> list[str]:
        """Somebody else's now: what was seen of it is no longer true. Returns the queues that were."""
        gone = [queue for queue, seen in self._latest.items() if seen.partition == partition]
        for queue in gone:
            del self._latest[queue]
        return gone

    def reach(self) -> dict[int, int]:
        """Partition -> how far its data reaches (ms), at this very moment."""
        return {partition: book.clock_ms for partition, book in self.calls.books.items() if book.clock_ms}

    def latest(self, queue: str) -> Seen | None:
        """The queue as it was last seen, at most a cadence ago: what everybody else was told. A scrape costs little."""
        return self._latest.get(queue) or self.see(queue)

    def everybody(self) -> tuple[QueueView, int] | None:
        """The people of all queues, each once, if this worker keeps them, and the partition that they are kept in."""
        partition = partition_of(EVERYBODY, self.settings.kafka.partitions)
        roster, reader = self.rosters.books.get(partition), self.calls.readers.get(partition)
        if roster is None or reader is None:
            return None
        as_of = max(roster.clock_ms, *(book.clock_ms for book in self.calls.books.values()))
        if not as_of:
            return None
        view = snapshot.view(reader, [roster], EVERYBODY, self.settings.policy(EVERYBODY), as_of)
        return view, partition
