"""What can be seen of a group from outside: offsets committed, ends of topics. Lives through broker restarts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from callpulse import kafka
from callpulse.clock import monotonic_s
from callpulse.kafka.stopping import stopped
from callpulse.settings import Settings

SPREAD = ("calls", "agents", "queue-agents")
LOOK_S = 0.05
AIM_S = 0.004
AIMED_S = 8.0
STALLED_S = 90.0  # a broker that was killed takes up to 40 s, the sessions of its group 6 s more

Places = dict[tuple[str, int], int]
T = TypeVar("T")


class StalledError(Exception):
    """What should happen did not within the time that the worst disturbance takes."""


class Progress:
    """Of one group."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin: Any = None
        self._consumer: Any = None

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(**kafka.client(self._settings.kafka))
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._forget_admin()
        await stopped(self._consumer.stop)

    # -- looking

    async def committed(self) -> Places:
        """(short topic, partition) -> offset; {} while nobody answers."""
        try:
            if self._admin is None:
                self._admin = AIOKafkaAdminClient(**kafka.client(self._settings.kafka))
                await asyncio.wait_for(self._admin.start(), 5)
            found = await asyncio.wait_for(
                self._admin.list_consumer_group_offsets(f"{self._settings.kafka.prefix}.stream"), 5
            )
        except (KafkaError, TimeoutError, OSError):
            await self._forget_admin()
            return {}
        cut = len(self._settings.kafka.prefix) + 1
        return {(tp.topic[cut:], tp.partition): place.offset for tp, place in found.items() if place.offset >= 0}

    async def ends(self, *topics: str) -> Places:
        """(topic as the cluster knows it, partition) -> end offset; {} while nobody answers."""
        tps = [TopicPartition(topic, p) for topic in topics for p in range(self._settings.kafka.partitions)]
        try:
            found = await asyncio.wait_for(self._consumer.end_offsets(tps), 5)
        except (KafkaError, TimeoutError, OSError):
            return {}
        return {(tp.topic, tp.partition): end for tp, end in found.items()}

    async def spread_ends(self) -> Places:
        """(short topic, partition) -> end offset of the topics that workers read; {} while nobody answers."""
        names = {kafka.topic(self._settings.kafka, short): short for short in SPREAD}
        return {(names[topic], p): end for (topic, p), end in (await self.ends(*names)).items()}

    async def unread(self) -> int | None:
        """Records that are not committed yet; None while nobody answers."""
        committed, ends = await self.committed(), await self.spread_ends()
        return sum(end - committed.get(tp, 0) for tp, end in ends.items()) if ends else None

    # -- waiting for what can be seen

    async def moved(self, before: Places, only: tuple[str, int] | None = None) -> None:
        """Every partition of calls (or the only one) is committed anew."""
        calls = [only] if only else [("calls", p) for p in range(self._settings.kafka.partitions)]

        async def look() -> bool:
            now = await self.committed()
            return all(now.get(tp, -1) > before.get(tp, -1) for tp in calls)

        await self.until(look, "a commit of every partition of calls")

    async def aimed(self, look: Callable[[], Awaitable[Any]]) -> None:
        """What `look` tells has changed, or 8 s have passed: a quiet place is no reason to wait for ever."""
        before, deadline = await look(), monotonic_s() + AIMED_S
        while await look() == before and monotonic_s() < deadline:  # noqa: ASYNC110 - watches what tells nobody
            await asyncio.sleep(AIM_S)

    async def until(self, look: Callable[[], Awaitable[T]], what: str, patience_s: float = STALLED_S) -> T:
        """Raises StalledError."""
        deadline = monotonic_s() + patience_s
        while not (found := await look()):
            if monotonic_s() > deadline:
                raise StalledError(f"not within {patience_s:g} s: {what}")
            await asyncio.sleep(LOOK_S)
        return found

    async def _forget_admin(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            await stopped(admin.close, 2)
