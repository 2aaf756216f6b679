"""The consumer in its own thread: fetches tagged with their generation, commits with metadata, membership.

Uses private parts of aiokafka (`_coordinator`, `_fetch_max_wait_ms`): there is no public way to read the generation,
to fetch offsets with their metadata in one request, or to ask the broker whether this process is still a member.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.consumer import ensure_TP
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, ensure_aiokafka_TP
from faust.types import TP

from callpulse.kafka.stopping import stopped
from callpulse.stream.transport.committed import committed
from callpulse.stream.transport.errors import NoChangelogError
from callpulse.stream.transport.notes import Place
from callpulse.stream.transport.records import make_lean
from callpulse.stream.transport.topic_ids import topic_ids

FETCH_WAIT_MS = 50  # how long a broker with nothing new may hold a fetch back; Faust's 1,500 is hard-coded
KNOWN_S = 30.0  # how long a changelog topic just made may take to appear
LOOK_S = 0.05
LEAVE_S = 10.0  # a stop waits this long for the group to be told, which takes a last cut at most


class Fetched(dict[TP, list[Any]]):
    """Records by partition. `generation` was read right after they left the fetcher, with no await in between;
    `broken`: the fetcher failed in a rebalance, and positions may have moved past records nobody saw."""

    def __init__(self, records: Mapping[Any, list[Any]], generation: int, *, broken: bool = False) -> None:
        super().__init__({ensure_TP(tp): found for tp, found in records.items()})
        self.generation = generation
        self.broken = broken


class BatchThread(AIOKafkaConsumerThread):
    """Everything here whose name ends in `_here` runs in the consumer's thread."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        make_lean()
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    async def on_thread_stop(self) -> None:
        """Without a broker, aiokafka's consumer cannot close, and the stop would wait for it."""
        if not await stopped(super().on_thread_stop, LEAVE_S):
            self.log.warning("the consumer did not leave its group within %g s", LEAVE_S)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109
        max_records: int | None = None,
    ) -> Fetched:
        try:
            records = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        except (KeyError, IllegalStateError):  # the assignment changed inside aiokafka's loop over it
            return Fetched({}, consumer._coordinator.generation, broken=True)
        return Fetched(records, consumer._coordinator.generation)

    async def commit_places(self, places: Mapping[TP, Place]) -> bool:
        """False when the broker refuses: the group has moved on. Stock Faust drops the metadata, and crashes."""
        done: bool = await self.call_thread(self._commit_here, places)
        return done

    async def _commit_here(self, places: Mapping[TP, Place]) -> bool:
        mine = self.assignment()
        wanted = {
            ensure_aiokafka_TP(tp): OffsetAndMetadata(place.offset, place.note)
            for tp, place in places.items()
            if tp in mine
        }
        if not wanted:  # lost meanwhile, all of them; aiokafka raises on a commit of nothing
            return not places
        try:
            await self._ensure_consumer().commit(wanted)
        except (CommitFailedError, IllegalStateError) as refusal:
            self.log.warning("commit refused: %r", refusal)
            return False
        return len(wanted) == len(places)

    async def places(self, tps: Iterable[TP]) -> dict[TP, Place]:
        """Committed offsets with their metadata, in one request; what was never committed is missing."""
        found: dict[TP, Place] = await self.call_thread(self._places_here, list(tps))
        return found

    async def _places_here(self, tps: list[TP]) -> dict[TP, Place]:
        found = await committed(self._ensure_consumer()._coordinator, map(ensure_aiokafka_TP, tps))
        return {ensure_TP(tp): Place(place.offset, place.metadata) for tp, place in found.items()}

    async def topic_ids(self, topics: Iterable[str]) -> dict[str, str] | None:
        """Asked now: {topic: id} of those that are there, None if the broker knows no ids. Raises KafkaError."""
        found: dict[str, str] | None = await self.call_thread(self._topic_ids_here, list(topics))
        return found

    async def _topic_ids_here(self, topics: list[str]) -> dict[str, str] | None:
        return await topic_ids(self._ensure_consumer()._client, topics)

    async def seek_all(self, offsets: Mapping[TP, int]) -> None:
        """Raises IllegalStateError if one of them is no longer assigned."""
        await self.call_thread(self._seek_here, offsets)

    async def _seek_here(self, offsets: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        for tp, offset in offsets.items():
            consumer.seek(ensure_aiokafka_TP(tp), offset)

    async def know(self, topics: Iterable[str]) -> None:
        """Waits until the metadata tells of all these topics. Raises NoChangelogError."""
        await self.call_thread(self._know_here, set(topics))

    async def _know_here(self, topics: set[str]) -> None:
        client = self._ensure_consumer()._client
        try:
            async with asyncio.timeout(KNOWN_S):
                while unknown := {topic for topic in topics if not client.cluster.partitions_for_topic(topic)}:
                    for topic in unknown:
                        client.add_topic(topic)
                    await client.force_metadata_update()
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise NoChangelogError(unknown, KNOWN_S) from None

    async def rejoin(self) -> None:
        """Another round of assignments, with fresh metadata."""
        await self.call_thread(self._rejoin_here)

    async def _rejoin_here(self) -> None:
        consumer = self._ensure_consumer()
        await consumer._client.force_metadata_update()
        consumer._coordinator.request_rejoin()

    async def is_member(self, generation: int) -> bool:
        """The broker's own word, asked now: does this process still belong to `generation` of the group?"""
        confirmed: bool = await self.call_thread(self._is_member_here, generation)
        return confirmed

    async def _is_member_here(self, generation: int) -> bool:
        coordinator = self._ensure_consumer()._coordinator
        try:
            alive = coordinator.generation == generation and await coordinator._do_heartbeat()
        except KafkaError:
            return False
        return bool(alive) and coordinator.generation == generation
