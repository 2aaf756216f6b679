"""From fetches to agents: one message per partition and fetch, nothing skipped, nothing of a generation gone."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from aiokafka.errors import IllegalStateError, KafkaError
from faust.types import TP, ConsumerMessage

from callpulse.stream.transport.editions import count_on, edition_of, in_kafka
from callpulse.stream.transport.errors import NotABatchTopicError
from callpulse.stream.transport.losses import expired
from callpulse.stream.transport.part import Batch
from callpulse.stream.transport.reading import Reading, Step
from callpulse.stream.transport.thread import Fetched

if TYPE_CHECKING:
    from callpulse.stream.transport.consumer import BatchConsumer

FETCH_S = 0.05  # a fetch with nothing new comes back after this: what is ready, or to be sought back, waits for it
IDLE_S = 0.02  # between two looks at an empty assignment


class Intake:
    """Whatever is fetched but not delivered is sought back to; otherwise a quiet partition would stay stuck.

    `readings` holds the source partitions of the generation whose seek is done, and is empty before it is: until then
    mode's flow control may still empty the agents' queues, and what was delivered would vanish without an error.
    """

    def __init__(self, consumer: "BatchConsumer") -> None:
        self._consumer = consumer
        self.readings: dict[TP, Reading] = {}
        self.generation: int | None = None
        self._dropped: set[TP] = set()

    def open(self, starts: Mapping[TP, int], generation: int) -> None:
        """All of `starts` were sought to. What was fetched and dropped since then leaves the position ahead, so that
        they are sought to once more: a partition in which nothing new comes would stay stuck there."""
        self.readings = {tp: Reading(start) for tp, start in starts.items()}
        self.generation = generation

    def close(self) -> None:
        self.readings = {}
        self.generation = None

    def back_to(self, tp: TP, offset: int) -> None:
        """Batches delivered from `offset` on vanished before they were applied."""
        if reading := self.readings.get(tp):
            reading.back_to(offset)
            self._dropped.add(tp)

    async def drain(self, stopped: Callable[[], bool]) -> None:
        while not stopped():
            await self._drain_once()

    async def _drain_once(self) -> None:
        consumer = self._consumer
        if not consumer.flow_active:
            await consumer.wait(consumer.can_resume_flow)  # type: ignore[arg-type]  # as Faust itself does
            return
        active = self._active()
        if not active:
            await consumer.sleep(IDLE_S)
            return
        await self._seek_back()
        fetched = await consumer.fetch(active, FETCH_S)
        await asyncio.sleep(0)
        await self._hand_out(fetched, active)

    def _active(self) -> set[TP]:
        """What is fetched now. Sources have to wait while too much of what was read is not stored."""
        active = set(self._consumer._get_active_partitions())
        if self.readings and self._consumer.watch.is_full():
            active -= {tp for tp in self.readings if not self._consumer.app.sources[tp.topic].from_start}
        return active

    async def _hand_out(self, fetched: Fetched, active: set[TP]) -> None:
        if fetched.broken:
            self._drop(active)
        rest = dict(fetched)
        for tp, records in fetched.items():
            if not self._current(fetched.generation):
                self._drop(set(rest))
                return
            del rest[tp]
            await self._one(tp, records, fetched.generation)

    async def _one(self, tp: TP, records: list[Any], generation: int) -> None:
        if tp.topic in self._consumer.app.tables.changelog_topics:
            await self._deliver(tp, records, records[-1], generation)
        elif tp.topic not in self._consumer.app.sources:
            raise NotABatchTopicError(tp.topic)
        elif self.generation != generation or self._consumer.app.rebalancing or tp not in self.readings:
            self._drop({tp})
        else:
            await self._source(tp, self.readings[tp], records, generation)

    async def _source(self, tp: TP, reading: Reading, records: list[Any], generation: int) -> None:
        count_on(records, edition_of(reading.next))
        step = reading.judge(records[0].offset, records[-1].offset)
        if step is Step.DELIVER:
            start = reading.next
            if records[0].offset > start and not await self._gap_told(tp, start, generation):
                self._drop({tp})
                return
            fresh = [r for r in records if r.offset >= start] if records[0].offset < start else records
            reading.delivered(fresh[-1].offset)
            batch = Batch(fresh, tp.topic, tp.partition, start, generation)
            await self._deliver(tp, batch, fresh[-1], generation)
            return
        self._consumer.counts[step] += 1
        if step is Step.AHEAD:
            self._drop({tp})
        elif records[0].offset < reading.first:
            await self._tell_jump(tp)

    async def _gap_told(self, tp: TP, start: int, generation: int) -> bool:
        """Compaction and transactions leave gaps too; only what lies before the first event of all was removed. False
        where Kafka did not answer, or the group moved on meanwhile, which then finds and tells the same."""
        if self._consumer.app.sources[tp.topic].from_start:
            return True
        try:
            earliest = (await self._consumer.earliest_offsets(tp)).get(tp) or 0
        except KafkaError as error:
            self._consumer.log.warning("%s/%d: where it begins was not told, asked again: %r", *tp, error)
            return False
        if not self._current(generation):
            return False
        if earliest > in_kafka(start):
            self._consumer.watch.tell(expired(tp, in_kafka(start), earliest))
        return True

    async def _tell_jump(self, tp: TP) -> None:
        """The broker no longer had the place asked for: the client went to the start of the topic."""
        if tp not in self._consumer.watch.jumped:
            self._consumer.watch.jumped.add(tp)
            await self._consumer.watch.look()

    async def _deliver(self, tp: TP, records: list[Any], last: Any, generation: int) -> None:
        """To the queue of the agent (or of recovery), unless the flow is suspended while waiting for room in it."""
        value = cast(bytes, records)  # a whole batch, which BatchSchema passes on as it is
        message = ConsumerMessage(
            tp.topic, tp.partition, last.offset, last.timestamp / 1000.0, last.timestamp_type, [], None, value,
            None, 0, 0, tp, generation_id=generation,
        )  # fmt: skip
        handed_over = asyncio.ensure_future(self._consumer.callback(message))
        await asyncio.sleep(0)
        if handed_over.done():  # there was room, as nearly always
            handed_over.result()
        else:
            await self._consumer.wait_first(handed_over, self._consumer.suspend_flow.wait())

    def _current(self, generation: int) -> bool:
        return self._consumer.flow_active and self._consumer.app.consumer_generation_id == generation

    def _drop(self, tps: set[TP]) -> None:
        self._consumer.counts["dropped"] += 1
        self._dropped |= tps
        for tp in tps & self.readings.keys():
            self.readings[tp].lost()

    async def _seek_back(self) -> None:
        mine = self._consumer.assignment()
        for tp in list(self._dropped):
            if tp not in mine:
                self._dropped.discard(tp)
            elif (offset := self._resume_at(tp)) is not None:
                self._dropped.discard(tp)
                await self._seek(tp, offset)

    def _resume_at(self, tp: TP) -> int | None:
        """Where to seek, or None while that is not known. A changelog is read only in recovery."""
        app = self._consumer.app
        if tp.topic in app.sources:
            ready = self.generation == app.consumer_generation_id and not app.rebalancing
            return self.readings[tp].next if ready and tp in self.readings else None
        recovery = app.recovery
        if tp not in recovery.active_tps:
            return None
        applied = recovery.active_offsets.get(tp)
        return 0 if applied is None else max(0, applied + 1)

    async def _seek(self, tp: TP, offset: int) -> None:
        try:
            await self._consumer._thread.seek_all({tp: in_kafka(offset)})
        except IllegalStateError:  # revoked meanwhile: the next generation seeks by itself
            return
        self._consumer.counts["sought back"] += 1
        if reading := self.readings.get(tp):
            reading.sought()
