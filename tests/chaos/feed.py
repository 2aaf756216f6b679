"""The events of a run into Kafka: paced, acknowledged by all, remembered."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.clock import monotonic_s
from callpulse.ending import ended
from callpulse.kafka.stopping import stopped
from callpulse.settings import Settings
from callpulse.stream.core.events import AgentState, Heartbeat
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of
from tests.chaos.progress import STALLED_S, StalledError
from tests.chaos.traffic import SOURCE, traffic

BEFORE_IT_GIVES_UP_MS = 180_000
SLICE_S = 0.05


class Feed:
    """`sent` counts records. It never runs further than `limit`, which whoever disturbs moves on: so a disturbance
    comes at its event, however long the one before it took."""

    def __init__(self, settings: Settings, seed: int, rate: int) -> None:
        self.settings, self._rate = settings, rate
        self._events = traffic(seed)
        self._calls, self._agents = (kafka.topic(settings.kafka, short) for short in ("calls", "agents"))
        self.sent = 0
        self.limit = 0
        self.newest_ms = 0
        self.remembered: dict[tuple[str, int], list[bytes]] = {}
        self._acks: set[asyncio.Future[Any]] = set()
        self._flowing: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Events flow within the block."""
        async with self._producing() as producer:
            self._flowing = asyncio.create_task(self._flow(producer))
            try:
                yield
            finally:
                await ended(self._flowing)

    async def reached(self, count: int) -> None:
        """So many events are sent. Raises what the flow died of; StalledError when none could be sent for too long."""
        sent, moved_s = self.sent, monotonic_s()
        while self.sent < count:
            await asyncio.sleep(SLICE_S / 2)
            if self._flowing is not None and self._flowing.done():
                self._flowing.result()
            if self.sent > sent:
                sent, moved_s = self.sent, monotonic_s()
            elif monotonic_s() - moved_s > STALLED_S:
                raise StalledError(f"no event could be sent for {STALLED_S:g} s, after {sent} of {count}")

    async def acknowledged(self) -> None:
        """Everything sent is with the broker. Raises StalledError."""
        if self._acks:
            done, late = await asyncio.wait(set(self._acks), timeout=STALLED_S)
            if late:
                raise StalledError(f"not within {STALLED_S:g} s: acknowledgements of {len(late)} events")
            for ack in done:
                ack.result()

    async def finish(self, beat_ms: int) -> None:
        """Everything is with the broker; then every partition hears that all is sent up to `beat_ms`. Raises
        StalledError."""
        await self.acknowledged()
        async with self._producing() as producer:
            await self._send(producer, Heartbeat(at=beat_ms, source=SOURCE))
            await self.acknowledged()

    async def _flow(self, producer: Any) -> None:
        while True:
            began_s = monotonic_s()
            for _ in range(min(round(self._rate * SLICE_S), self.limit - self.sent)):
                await self._send(producer, next(self._events))
            await asyncio.sleep(max(0.0, SLICE_S - (monotonic_s() - began_s)))

    @contextlib.asynccontextmanager
    async def _producing(self) -> AsyncIterator[Any]:
        """An idempotent producer never gives a batch up: without a broker, nothing but a limit ends its stop."""
        producer = AIOKafkaProducer(
            **kafka.client(self.settings.kafka),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=BEFORE_IT_GIVES_UP_MS,
        )
        try:
            await asyncio.wait_for(producer.start(), STALLED_S)
            yield producer
        finally:
            if not await stopped(producer.stop, STALLED_S):
                await stopped(producer.client.close)

    async def _send(self, producer: Any, event: Any) -> None:
        self.newest_ms = max(self.newest_ms, event.at)
        n = self.settings.kafka.partitions
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
