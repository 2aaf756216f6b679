"""What a worker does by the clock: tell of visits lost by age, forget old contacts, note what is committed."""

import asyncio
from collections import deque
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faust.types import TP

from callpulse import clock
from callpulse.kafka.stopping import looked_at
from callpulse.stream.app import StreamApp
from callpulse.stream.core import ageing
from callpulse.stream.core.wire import encode
from callpulse.stream.tables import KEEP_NEWEST

PACE_S = 1.0
TELL_AGAIN_MS = 30_000  # a `lost` that was not read back by then is sent again
FORGET_EVERY_MS = 60_000


class _Closed(NamedTuple):
    due_ms: int
    partition: int
    key: tuple[str, str]


class Chores:
    """One round a second."""

    def __init__(self, app: StreamApp, producer: AIOKafkaProducer) -> None:
        self.last_commit_ms: int | None = None
        self._app = app
        self._producer = producer
        self._told: dict[tuple[str, str], int] = {}  # contact -> when its loss was last sent
        self._closed: deque[_Closed] = deque()
        self._forgot_ms = 0
        self._due: set[tuple[int, tuple[str, str]]] = set()
        self._committed: dict[TP, int] = {}
        self._behind: dict[TP, tuple[int | None, int]] = {}  # the offset that is committed, and since when it is behind

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.round(clock.now_ms())
            await asyncio.sleep(PACE_S)

    async def round(self, now_ms: int) -> None:
        """Everything that is due at `now_ms` (wall clock)."""
        self._note_commits(now_ms)
        await self._tell_losses(now_ms)
        if now_ms - self._forgot_ms >= FORGET_EVERY_MS:
            self._forgot_ms = now_ms
            await self._forget(now_ms)
        while self._closed and self._closed[0].due_ms <= now_ms:
            closed = self._closed.popleft()
            self._due.discard((closed.partition, closed.key))
            self._app.calls.bury(closed.partition, closed.key)

    def committed(self, partition: int) -> int:
        """The offset up to which the calls of a partition are committed."""
        return self._app.batches.committed_offset(TP(self._app.calls.topic, partition)) or 0

    def _note_commits(self, now_ms: int) -> None:
        behind: dict[TP, tuple[int | None, int]] = {}
        for tp, part in self._app.batches.parts.items():
            if self._app.sources[tp.topic].from_start:
                continue
            offset = self._app.batches.committed_offset(tp)
            before, since = self._behind.get(tp, (offset, now_ms))
            if offset is not None and part.next > offset:
                behind[tp] = (offset, since if before == offset else now_ms)
            if offset is not None and self._committed.get(tp) != offset:
                self._committed[tp] = offset
                self.last_commit_ms = now_ms
            if tp.topic == self._app.calls.topic:
                self._app.stored.committed(tp.partition, offset or 0)
        self._behind = behind

    def not_committed(self) -> dict[TP, int]:
        """Partitions with events that are applied and not committed -> since when (ms)."""
        return {tp: since for tp, (_, since) in self._behind.items()}

    async def _tell_losses(self, now_ms: int) -> None:
        """To the partition the visit was read from. Nothing is marked: reading the event back does that."""
        still = {contact: at for contact, at in self._told.items() if now_ms - at < TELL_AGAIN_MS}
        self._told = still
        for partition, book in list(self._app.calls.books.items()):
            for lost in list(ageing.overdue(book, self._app.settings.channel)):
                contact = (lost.queue, lost.contact_id)
                if contact in still:
                    continue
                still[contact] = now_ms
                try:
                    ack = await self._producer.send(
                        self._app.calls.topic, value=encode(lost), key=lost.queue.encode(), partition=partition
                    )
                    ack.add_done_callback(looked_at)
                except KafkaError:
                    return  # Kafka is away: again in half a minute

    async def _forget(self, now_ms: int) -> None:
        """A closed contact's tombstone follows when no zombie's older record can come after it any more."""
        due = now_ms + KEEP_NEWEST.min_compaction_lag_ms
        for partition in list(self._app.calls.books):
            await asyncio.sleep(0)  # each looks at all of its contacts
            if partition not in self._app.calls.books:
                continue
            committed, clock_ms = self.committed(partition), self._app.stored.clock_ms(partition)
            for key in self._app.calls.forget(partition, committed, clock_ms):
                if (partition, key) not in self._due:
                    self._due.add((partition, key))
                    self._closed.append(_Closed(due, partition, key))
