"""The events of a run into Kafka: paced, acknowledged by all, remembered."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.clock import monotonic_s
from callpulse.settings import Settings
from callpulse.stream.core.events import AgentState, Heartbeat
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of
from tests.chaos.traffic import SOURCE, traffic

BEFORE_IT_GIVES_UP_MS = 180_000
SLICE_S = 0.05


class Feed:
    """`sent` counts records. It never runs further than `limit`, which whoever disturbs moves on: so a disturbance
    comes at its event, however long the one before it took."""

    def __init__(self, settings: Settings, seed: int, rate: int) -> None:
        self._settings, self._rate = settings, rate
        self._events = traffic(seed)
        self._calls, self._agents = (kafka.topic(settings.kafka, short) for short in ("calls", "agents"))
        self.sent = 0
        self.limit = 0
        self.newest_ms = 0
        self.remembered: dict[tuple[str, int], list[bytes]] = {}
        self._acks: set[asyncio.Future[Any]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        async with self._producer() as producer:
            while True:
                began_s = monotonic_s()
                for _ in range(min(round(self._rate * SLICE_S), self.limit - self.sent)):
                    await self._send(producer, next(self._events))
                await asyncio.sleep(max(0.0, SLICE_S - (monotonic_s() - began_s)))

    async def reached(self, count: int) -> None:
        """So many events are sent."""
        while self.sent < count:  # noqa: ASYNC110 - watches what tells nobody
            await asyncio.sleep(SLICE_S / 2)

    async def finish(self, beat_ms: int) -> None:
        """Everything is with the broker; then every partition hears that all is sent up to `beat_ms`."""
        await self._acknowledged()
        async with self._producer() as producer:
            await self._send(producer, Heartbeat(at=beat_ms, source=SOURCE))
            await self._acknowledged()

    def _producer(self) -> Any:
        return AIOKafkaProducer(
            **kafka.client(self._settings.kafka),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=BEFORE_IT_GIVES_UP_MS,
        )

    async def _acknowledged(self) -> None:
        if self._acks:
            await asyncio.gather(*self._acks)

    async def _send(self, producer: Any, event: Any) -> None:
        self.newest_ms = max(self.newest_ms, event.at)
        n = self._settings.kafka.partitions
        if isinstance(event, Heartbeat):
            for partition in range(n):
                await self._put(producer, self._calls, partition, SOURCE, event)
        elif isinstance(event, AgentState):
            await self._put(producer, self._agents, partition_of(event.agent, n), event.agent, event)
        else:
            await self._put(producer, self._calls, partition_of(event.queue, n), event.queue, event)

    async def _put(self, producer: Any, topic: str, partition: int, key: str, event: Any) -> None:
        value = encode(event)
        ack = await producer.send(topic, value, key=key.encode(), partition=partition)
        self._acks.add(ack)
        ack.add_done_callback(self._acks.discard)
        self.remembered.setdefault((topic, partition), []).append(value)
        self.sent += 1
