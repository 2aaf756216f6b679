"""Kafka as a repartition needs it: what is there, reading it, and every way of changing it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import GroupLoadInProgressError, KafkaError, for_code
from aiokafka.structs import OffsetAndMetadata

from callpulse.kafka import reading
from callpulse.kafka.coordinator import asked
from callpulse.kafka.looking import NoKafkaError, partitions, start_client
from callpulse.kafka.stopping import stopped
from callpulse.repartition.trouble import RepartitionError
from callpulse.stream.topics import served
from callpulse.stream.transport.notes import Place

AT_ONCE = 2_000  # records on their way at a time
LARGEST_RECORD = 4_194_304  # what a worker may have stored


Offsets = dict[TopicPartition, int]


class Record(NamedTuple):
    """To be written. `at_ms`: the time of the record, None = now."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    at_ms: int | None = None


class Cluster:
    """`async with Cluster(client, group) as cluster`. `client`: aiokafka's settings of the connection. Raises
    RepartitionError where Kafka does not answer, or refuses."""

    def __init__(self, client: dict[str, Any], group: str) -> None:
        self._where = client.get("bootstrap_servers", "localhost")
        self._group = group
        self._admin = AIOKafkaAdminClient(**client)
        self._client = client
        self._consumer = AIOKafkaConsumer(**client, auto_offset_reset="earliest", fetch_max_wait_ms=100)
        self._producer = AIOKafkaProducer(
            **client, acks="all", linger_ms=5, max_request_size=LARGEST_RECORD, max_batch_size=1_048_576
        )

    async def __aenter__(self) -> Self:
        for part in (self._admin, self._consumer, self._producer):
            try:
                await start_client(part, self._where)
            except NoKafkaError as error:
                await self.__aexit__()
                raise RepartitionError(str(error)) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        for stop in (self._producer.stop, self._consumer.stop, self._admin.close):
            await stopped(stop)

    # -- what is there

    async def counts(self, names: Iterable[str]) -> dict[str, int]:
        """How many partitions each of these topics has; what is missing is left out."""
        found = await partitions(self._admin)
        return {name: len(found[name]) for name in names if name in found}

    async def members(self) -> list[str]:
        """Who is in the group now."""
        return [_called(client, host.lstrip("/")) for _, client, host, *_ in await self._asked(self._described)]

    async def _described(self) -> Any:
        [answer] = await self._admin.describe_consumer_groups([self._group])
        error, _, _, _, _, members, *_ = answer.groups[0]
        if error:  # aiokafka does not look at it
            raise for_code(error)(self._group)
        return members

    async def committed(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, Place]:
        """What was never committed is left out."""
        found = await self._asked(lambda: self._offsets(places))
        return {TopicPartition(*tp): Place(at.offset, at.metadata or "") for tp, at in found.items() if at.offset >= 0}

    async def _offsets(self, places: Sequence[TopicPartition]) -> Any:
        """An answer that leaves partitions out is an error that aiokafka does not look at: the coordinator is not
        there yet. Taken for "never committed", it would put all offsets back to the beginning."""
        found = await self._admin.list_consumer_group_offsets(self._group, partitions=list(places))
        if len(found) < len(places):
            raise GroupLoadInProgressError(f"group {self._group}: no offsets told")
        return found

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        return await asked(ask, reading.STUCK_S)

    async def edges(
        self, places: Sequence[TopicPartition]
    ) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """The first offset of each partition, and the one after its last."""
        self._consumer.assign(list(places))
        return await self._consumer.beginning_offsets(places), await self._consumer.end_offsets(places)

    async def read(self, spans: Mapping[TopicPartition, tuple[int, int]]) -> AsyncIterator[Any]:
        """Every record from the first offset of each span to before its second."""
        firsts, ends = ({tp: span[edge] for tp, span in spans.items()} for edge in (0, 1))
        try:
            async for records in reading.read(self._consumer, firsts, ends):
                for record in records:
                    yield record
        except reading.StuckError as error:
            raise RepartitionError(str(error)) from error

    # -- every way of changing it

    async def grow(self, counts: Mapping[str, int]) -> None:
        """Give topics more partitions, and wait until they are served."""
        for name, count in counts.items():
            try:
                await self._admin.create_partitions({name: NewPartitions(count)})
            except KafkaError as error:
                raise RepartitionError(f"{name}: Kafka did not add partitions ({error}); may this user?") from error
        late = await served(self._admin, counts)
        if late:
            raise RepartitionError("; ".join(map(str, late)))

    async def commit(self, places: Mapping[TopicPartition, Place]) -> None:
        """Offsets of the group with their metadata. Kafka refuses while the group has members."""
        if not places:
            return
        member = AIOKafkaConsumer(**self._client, group_id=self._group, enable_auto_commit=False)
        member.assign(list(places))  # once: aiokafka's coordinator does not bear another assignment
        try:
            await member.start()
            await member.commit({tp: OffsetAndMetadata(place.offset, place.note) for tp, place in places.items()})
        except KafkaError as error:
            raise RepartitionError(
                f"group {self._group}: Kafka did not take the offsets ({error!r}); did a worker start meanwhile? Stop "
                "it and run this again"
            ) from error
        finally:
            await stopped(member.stop)

    async def write(self, records: Sequence[Record]) -> None:
        """Returns when the broker has acknowledged all of them."""
        for start in range(0, len(records), AT_ONCE):
            some = records[start : start + AT_ONCE]
            try:
                await asyncio.gather(*[await self._sent(record) for record in some])
            except KafkaError as error:
                raise RepartitionError(f"Kafka did not take a record ({error!r}); run this again") from error

    async def _sent(self, record: Record) -> Any:
        return await self._producer.send(
            record.topic, record.value, record.key, record.partition, timestamp_ms=record.at_ms
        )


def _called(client: str, host: str) -> str:
    """The embedded broker tells neither."""
    return f"{client} at {host}" if client and host else client or host or "one that Kafka gives no name for"
