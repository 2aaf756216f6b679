"""Looking at Kafka: reads only, belongs to no group, writes nothing. What cannot be asked is named in `untold`."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.produce import ProduceRequest

from callpulse import clock, kafka
from callpulse.doctor.seen import Clocks, Copies, Group, Kafka, Rights
from callpulse.kafka.coordinator import asked
from callpulse.kafka.log import heard
from callpulse.kafka.rights import lacking
from callpulse.kafka.stopping import stopped
from callpulse.kafka.why import why
from callpulse.rejected import listing
from callpulse.rejected.choosing import Asked
from callpulse.rejected.topic import RejectedError
from callpulse.settings import Kafka as Config
from callpulse.stream.core.events import Heartbeat
from callpulse.stream.core.wire import decode_call
from callpulse.stream.topic_list import TABLES, TOPICS, changelogs, group
from callpulse.stream.topics import described
from callpulse.stream.transport.topic_ids import operations_allowed

CONNECTED_WITHIN_S = 8.0
ASKED_WITHIN_S = 15.0
COORDINATOR_WITHIN_S = 5.0
RECORD_WITHIN_S = 2.5  # a source that is caught up sends a heartbeat each second
REFUSED_WITHIN_MS = 600_000
INIT_PRODUCER_ID = 22  # the request that idempotent producers begin with
BROKERS_TIME = 1  # LogAppendTime

T = TypeVar("T")


async def look_at_kafka(config: Config, process: str) -> Kafka:
    """`process`: whose rights are asked for. Never fails for what Kafka does or does not. Raises SettingsError."""
    client, where = kafka.client(config), config.brokers
    admin = AIOKafkaAdminClient(**client)
    consumer = AIOKafkaConsumer(**client, auto_offset_reset="latest", fetch_max_wait_ms=100)
    try:
        for part in (admin, consumer):
            if trouble := await _start(part, where):
                return Kafka(where=where, trouble=trouble)
        return await _Look(admin, consumer, config, process).all()
    except (KafkaError, TimeoutError, OSError) as error:
        said = why(error) or f"it does not answer as expected ({error!r})"
        return Kafka(where=where, trouble=f"Kafka at {where}: {said}")
    finally:
        for stop in (consumer.stop, admin.close):
            await stopped(stop)


async def _start(part: Any, where: str) -> str:
    with heard() as log:
        try:
            await asyncio.wait_for(part.start(), CONNECTED_WITHIN_S)
        except (KafkaError, TimeoutError) as error:
            known = log.known or why(error)
            return f"Kafka at {where} cannot be used: {known}" if known else f"no Kafka answers at {where}{log.last}"
    return ""


class _Look:
    """One look through connected clients."""

    def __init__(self, admin: Any, consumer: Any, config: Config, process: str) -> None:
        self._admin, self._consumer, self._config, self._process = admin, consumer, config, process
        self._untold: dict[str, str] = {}

    async def all(self) -> Kafka:
        config, prefix = self._config, self._config.prefix
        async with asyncio.timeout(ASKED_WITHIN_S):
            cluster = await self._admin.describe_cluster()
            names = [*(topic.name(prefix) for topic in TOPICS), *changelogs(prefix)]
            topics = await described(self._admin, names)
            listed = await self._admin.describe_topics()
        told = await self._asked("rights", self._rights(list(topics)))
        return Kafka(
            where=config.brokers,
            brokers=len(cluster["brokers"]),
            idempotent=self._knows(INIT_PRODUCER_ID),
            topics=topics,
            copies={each["topic"]: _copies(each) for each in listed if each["topic"] in topics},
            rights=told or Rights(),
            group=await self._asked("workers", self._group(group(prefix), list(topics))) or Group(),
            clocks=await self._asked("clocks", self._clocks(f"{prefix}.calls", topics)) or Clocks(),
            refused=await self._asked("rejected", self._refused()) or {},
            untold=self._untold,
        )

    async def _asked(self, what: str, answer: Awaitable[T]) -> T | None:
        """None where it cannot be told, or not soon."""
        try:
            async with asyncio.timeout(ASKED_WITHIN_S):
                return await answer
        except (KafkaError, RejectedError, TimeoutError) as error:
            late = f"no answer within {ASKED_WITHIN_S:.0f} s"
            self._untold[what] = late if isinstance(error, TimeoutError) else why(error) or str(error) or repr(error)
            return None

    def _knows(self, api: int) -> bool:
        """By what the brokers said when the connections were made."""
        known = [connection._versions for connection in self._admin._client._conns.values()]
        return not known or any(api in versions for versions in known if ProduceRequest.API_KEY in versions)

    async def _rights(self, topics: list[str]) -> Rights:
        told = bool(await operations_allowed(self._admin._client, topics))
        return Rights(told, await lacking(self._admin, self._process, self._config.prefix))

    async def _group(self, name: str, topics: list[str]) -> Group:
        state, members = await asked(lambda: self._described(name), COORDINATOR_WITHIN_S)
        spread = [f"{self._config.prefix}.{short}" for short in TABLES]
        places = [TopicPartition(t, p) for t in spread if t in topics for p in range(self._config.partitions)]
        there = self._consumer.partitions_for_topic
        await self._consumer._client.fetch_all_metadata()
        places = [tp for tp in places if tp.partition in (there(tp.topic) or ())]
        if not places:
            return Group(state, tuple(bytes(member[3]) for member in members))
        committed = await self._admin.list_consumer_group_offsets(name, partitions=places)
        firsts = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        return Group(
            state=state,
            members=tuple(bytes(member[3]) for member in members),
            committed={tuple(tp): (at.offset, at.metadata or "") for tp, at in committed.items() if at.offset >= 0},
            firsts={tuple(tp): offset for tp, offset in firsts.items()},
            ends={tuple(tp): offset for tp, offset in ends.items()},
        )

    async def _described(self, name: str) -> tuple[str, Any]:
        [answer] = await self._admin.describe_consumer_groups([name])
        error, _, state, _, _, members, *_ = answer.groups[0]
        if error:  # aiokafka does not look at it
            raise for_code(error)(name)
        return state, members

    async def _clocks(self, calls: str, topics: Any) -> Clocks:
        """From records as they come: the broker's time of each against this machine's at its arrival."""
        if calls not in topics:
            return Clocks()
        places = [TopicPartition(calls, partition) for partition in range(topics[calls].partitions)]
        self._consumer.assign(places)
        await self._consumer.seek_to_end(*places)
        behind: list[int] = []
        ahead: dict[str, int] = {}
        came = False
        until_s = clock.monotonic_s() + RECORD_WITHIN_S
        while (left_s := until_s - clock.monotonic_s()) > 0:
            batches = await self._consumer.getmany(*places, timeout_ms=int(left_s * 1000) + 1)
            now_ms = clock.now_ms()
            for record in (each for records in batches.values() for each in records):
                came = True
                if record.timestamp_type != BROKERS_TIME:
                    continue
                behind.append(now_ms - record.timestamp)
                event = decode_call(record.value)
                if isinstance(event, Heartbeat):
                    ahead[event.source] = event.at - record.timestamp
        return Clocks(min(behind, key=abs, default=None), ahead, came)

    async def _refused(self) -> dict[str, int]:
        asked = Asked(self._config.prefix, max(0, clock.now_ms() - REFUSED_WITHIN_MS))
        found = await listing.found(self._config, asked, 0, lambda _: None)
        counts: Counter[str] = Counter()
        for (reason, _), each in found.groups.items():
            counts[reason] += each.records - each.retried
        return dict(+counts)


def _copies(topic: Any) -> tuple[Copies, ...]:
    return tuple(Copies(each["leader"] >= 0, len(each["replicas"]), len(each["isr"])) for each in topic["partitions"])
