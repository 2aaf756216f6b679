"""The rejected topic: read without a group, so that nobody is disturbed, and noted in what was sent again."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from callpulse import clock, kafka
from callpulse.kafka import reading
from callpulse.kafka.looking import NoKafkaError, looking, missing, partitions
from callpulse.kafka.why import why
from callpulse.rejected.record import RETRIED_KEY, Refused, note_of, offsets_in, refused_of
from callpulse.rejected.turns import FORGOTTEN_MS, Turns
from callpulse.settings import Kafka


class RejectedError(Exception):
    """Kafka did not do what it was asked; the text says what, and what to do."""


async def nothing() -> None:
    """To do meanwhile."""


class RejectedTopic:
    """`async with opened(...)` gives one. Two readings: notes stand behind what they are about."""

    def __init__(self, admin: Any, consumer: Any, place: TopicPartition, since_ms: int | None) -> None:
        self.admin = admin
        self.retried: set[int] = set()  # offsets that were sent again, once `look` has read
        self.turns = Turns()
        self.unread = 0
        self._consumer, self._place, self._since_ms = consumer, place, since_ms
        self._first = self._end = 0

    async def look(self, meanwhile: Callable[[], Awaitable[None]] = nothing) -> int:
        """Read the notes; returns how many records there are to read. `meanwhile` is awaited after each batch."""
        self._first = self._end = await self._begin()
        async for batch in reading.read(self._consumer, {self._place: self._first}):
            for record in batch:
                self._end = record.offset + 1
                if record.key == RETRIED_KEY and (found := note_of(record.value)):
                    self.turns.take(found)
                    self.retried |= offsets_in(found.retried, self._first, record.offset)
            await meanwhile()
        return self._end - self._first

    async def refused(self) -> AsyncIterator[Refused]:
        """All that `look` saw, in the order in which they were refused."""
        span = {self._place: self._first}, {self._place: self._end}
        async for batch in reading.read(self._consumer, *span):
            for record in batch:
                if record.key == RETRIED_KEY:
                    continue
                found = refused_of(record.value, record.offset, record.timestamp)
                if found is None:
                    self.unread += 1
                else:
                    yield found

    async def _begin(self) -> int:
        earliest: int = (await self._consumer.beginning_offsets([self._place]))[self._place]
        if self._since_ms is None:
            return earliest
        since_ms = min(self._since_ms, clock.now_ms() - 2 * FORGOTTEN_MS)  # whoever is at it is heard of
        later = (await self._consumer.offsets_for_times({self._place: since_ms}))[self._place]
        if later is None:  # nothing as new as that; what comes now is read all the same
            return int((await self._consumer.end_offsets([self._place]))[self._place])
        return max(earliest, int(later.offset))


@contextlib.asynccontextmanager
async def opened(config: Kafka, since_ms: int | None) -> AsyncIterator[RejectedTopic]:
    """Raises RejectedError, SettingsError."""
    where, name = config.brokers, kafka.topic(config, "rejected")
    try:
        async with looking(kafka.client(config), where) as (admin, consumer):
            if name not in await partitions(admin):
                raise RejectedError(missing(name, where))
            yield RejectedTopic(admin, consumer, TopicPartition(name, 0), since_ms)
    except NoKafkaError as error:
        raise RejectedError(str(error)) from error
    except (KafkaError, reading.StuckError) as error:
        said = why(error) or f"it does not answer as expected ({error!r})"
        raise RejectedError(f"Kafka at {where}: {said}") from error
