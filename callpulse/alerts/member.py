"""A member of the group of alerts workers: reads the kpis topic, and judges and tells while the group lets it.

The kpis, alerts and commands topics have one partition each, and all three go to the same member.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import ClientSession
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from callpulse import kafka
from callpulse.alerts.commanding import read
from callpulse.alerts.core.held import Fact
from callpulse.alerts.core.notice import WorstContact
from callpulse.alerts.core.stored import Command
from callpulse.alerts.duty import Duty, notices
from callpulse.alerts.metrics import AlertScrape
from callpulse.alerts.planning import plan_of
from callpulse.alerts.scraping import Scraping
from callpulse.alerts.seeing import worst_contacts
from callpulse.alerts.showing import AlertBoard
from callpulse.alerts.storing import AlertTopic
from callpulse.alerts.tellers import Tellers, unheard
from callpulse.clock import monotonic_s, now_ms
from callpulse.current.connection import RedisAwayError
from callpulse.current.keys import Keys
from callpulse.current.parts import read_worst
from callpulse.ending import end_if_told
from callpulse.newer import NewerStateError
from callpulse.reloading import Reloads
from callpulse.settings import Settings, milliseconds
from callpulse.stream.kpi_table import KpiTable
from callpulse.stream.moments import moment

PACE_MS = 200
ALIVE_S = 30.0
STOOD_STILL_S, AWAKE_S = 5.0, 3.0  # after a stop as long, the group is asked first whether this worker still judges

log = logging.getLogger("callpulse.alerts")


class Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """`duty` is None while another worker judges, or what is stored has not been read yet."""

    def __init__(
        self,
        reloads: Reloads,
        producer: AIOKafkaProducer,
        consumer: AIOKafkaConsumer,
        redis: Redis,
        session: ClientSession,
    ) -> None:
        self.duty: Duty | None = None
        self.settings = settings = reloads.settings
        self._reloads = reloads
        self.turned_s = monotonic_s()
        self.tellers = Tellers(settings, session, self._is_alive)
        self.board = AlertBoard(redis, Keys(settings.site.name))
        self._scraping = Scraping()
        self._producer, self._consumer, self._redis = producer, consumer, redis
        self._kpis, self._alerts, self._commands = (
            TopicPartition(kafka.topic(settings.kafka, short), 0) for short in ("kpis", "alerts", "commands")
        )
        self._coming: Duty | None = None  # reads what is stored
        self._ends: dict[TopicPartition, int] | None = None
        self._asked: list[tuple[int, Command]] = []
        self._judges_from_s = 0.0
        self._reloaded: Settings | None = None
        reloads.follow(self.follow)

    # -- the group

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing is believed any more: somebody else may judge in between."""
        del revoked
        if self.duty is not None:
            log.info("another worker may judge now")
        self._coming = self._ends = None
        await self.leave()

    async def leave(self) -> None:
        """Judge no more, and hand over what has been told."""
        duty, self.duty, self._asked = self.duty, None, []
        await self.tellers.end()
        if duty is not None:
            await duty.hand_over(now_ms())

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """What is stored is read from its start before anything is judged."""
        if self._kpis not in assigned:
            log.info("another worker judges; this one stands by")
            return
        settings, ttl_ms = self.settings, milliseconds(self.settings.redis.ttl)
        topic = AlertTopic(self._producer, self._alerts.topic, self._generation(), now_ms, ttl_ms)
        self._coming = Duty(plan_of(settings), KpiTable(ttl_ms), topic, settings.policy)

    def _generation(self) -> int:
        """aiokafka has no public way to ask for it."""
        found: int = self._consumer._coordinator.generation
        return found

    # -- reading

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            end_if_told()
            await self.turn()

    async def turn(self) -> None:
        """Read what has come, and judge it."""
        if monotonic_s() - self.turned_s > STOOD_STILL_S:
            self._judges_from_s = monotonic_s() + AWAKE_S
        found = await self._consumer.getmany(timeout_ms=PACE_MS)
        for tp, records in found.items():
            self._take(tp, records)
        if self._coming is not None and await self._has_read_all():
            await self._take_over()
        self._refuse_newer()
        if self._reloaded is not None:
            self._take_up(self._reloaded)
        if self.duty is not None and monotonic_s() >= self._judges_from_s:
            await self._round(self.duty, now_ms())
        self.turned_s = monotonic_s()

    def _take(self, tp: TopicPartition, records: Sequence[Any]) -> None:
        duty = self.duty or self._coming
        if duty is None:
            return
        for record in records:
            if tp == self._kpis:
                duty.table.take(record)
            elif tp == self._alerts:
                self._read(duty, record)
            elif (command := read(record)) is not None:
                self._asked.append((record.offset, command))

    def _read(self, duty: Duty, record: Any) -> None:
        """Raises NewerStateError, after which nothing is stored any more."""
        try:
            duty.read(record)
        except NewerStateError:
            self.duty = self._coming = None
            raise

    async def _has_read_all(self) -> bool:
        """Up to what was there when it began; a fetch knows better than the embedded broker how far that is."""
        both = [self._kpis, self._alerts]
        try:
            if self._ends is None:
                self._ends = await self._consumer.end_offsets(both)
            positions = [await self._consumer.position(tp) for tp in both]
        except (KafkaError, AssertionError):
            return False  # not ours (any more), or away
        ends = [max(self._ends[tp], self._consumer.highwater(tp) or 0) for tp in both]
        return all(at >= end for at, end in zip(positions, ends, strict=True))

    def _refuse_newer(self) -> None:
        """A queue of which only a later callpulse can read anything would be watched by nobody, in silence."""
        newer = [] if self.duty is None else list(self.duty.table.newer.values())
        if newer:
            self.duty = None
            raise newer[0]

    async def _take_over(self) -> None:
        duty, self._coming = self._coming, None
        if duty is None:
            return
        duty.restore()
        self.duty = duty
        held = duty.engine.held
        log.info("this worker judges: %d queues, %d alerts", len(duty.table.queues), sum(1 for _ in held.standing()))
        await self.tellers.begin(duty.ended, list(held.undelivered()), list(held.standing()))

    # -- judging

    async def _round(self, duty: Duty, at_ms: int) -> None:
        asked, self._asked = self._asked, []
        worst = await self._worst(duty)
        if self.duty is not duty:
            return
        facts = self._judged(duty, [command for _, command in asked], worst, at_ms)
        await duty.store(facts, at_ms)
        if self.duty is not duty:
            return  # lost meanwhile: whoever judges now finds what was stored, and tells it
        for channel, notice in notices(facts):
            self.tellers.give(channel, notice)
        await self.board.show(duty.engine, duty.count(facts), at_ms, news=bool(facts))
        if asked:
            await self._done_with(asked[-1][0])

    def _judged(
        self, duty: Duty, asked: list[Command], worst: Mapping[str, tuple[WorstContact, ...]], at_ms: int
    ) -> list[Fact]:
        before, began_s = duty.judged_total, monotonic_s()
        facts = duty.judged(asked, lambda queue: worst.get(queue, ()), at_ms)
        if duty.judged_total > before:
            duty.judging.add(monotonic_s() - began_s)
        return facts

    async def _done_with(self, offset: int) -> None:
        try:
            await self._consumer.commit({self._commands: offset + 1})
        except KafkaError as error:
            log.warning("commands are not committed (%s); done twice is done once", error)

    async def _worst(self, duty: Duty) -> dict[str, tuple[WorstContact, ...]]:
        """Of the queues in trouble that are judged now; without Redis, of none."""
        queues = duty.troubled() if self.board.away is None else []
        try:
            return worst_contacts(await read_worst(self._redis, Keys(self.settings.site.name), queues))
        except RedisAwayError:
            return {}

    def _is_alive(self) -> bool:
        return self.duty is not None and monotonic_s() - self.turned_s < ALIVE_S

    # -- what it says of itself

    async def gather(self) -> AlertScrape:
        """Its metrics."""
        return self._scraping.scrape(self.duty, self.tellers, self.settings, self._reloads.loaded)

    def reasons(self) -> list[str]:
        """Why it is not ready; a worker that stands by is."""
        found = []
        if self._coming is not None:
            found.append("reading what is stored")
        if self.duty is not None and self.duty.not_stored_since_ms is not None:
            found.append(f"Kafka takes no alerts since {moment(self.duty.not_stored_since_ms)}")
        if monotonic_s() - self.turned_s > ALIVE_S:
            found.append(f"has not looked for {monotonic_s() - self.turned_s:.0f} s")
        return found

    # -- reloading

    def follow(self, settings: Settings) -> None:
        """Other rules, hours and definitions, from the next turn on."""
        self._reloaded = settings

    def _take_up(self, settings: Settings) -> None:
        self._reloaded = None
        self.settings = settings
        for duty in filter(None, (self.duty, self._coming)):
            duty.follow(plan_of(settings), settings.policy)
        log.info("reloaded: %d rules", len(plan_of(settings).rules))
        if nobody := unheard(settings):
            log.warning("%s", nobody)
