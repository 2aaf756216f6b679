"""What `callpulse alerts` is made of, without Kafka, fed with days that are all alike."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from redis.asyncio import Redis

from bench.alert_queue import KINDS, Case, Trouble, simulated
from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.engine import Plan
from callpulse.alerts.core.outcome import Delivered
from callpulse.alerts.core.stored import Command
from callpulse.alerts.duty import Duty, notices
from callpulse.alerts.showing import AlertBoard
from callpulse.alerts.storing import AlertTopic
from callpulse.alerts.telling import Telling
from callpulse.current.keys import Keys
from callpulse.stream.board_record import SCHEMA, AsOf, QueueRecord
from callpulse.stream.core import tally as t
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.ticks import KEPT, Tick
from callpulse.stream.core.windows import PANE_MS
from callpulse.stream.kpi_table import KpiTable

NAME = "alert_soak"
NOON = 1_795_348_800_000
DAY_MS = 86_400_000
PANES_A_DAY = DAY_MS // PANE_MS
CASES = (Case(20, 4, 2), Case(100, 14, 10), Case(20, 4, 3), Case(100, 14, 11))
PARTITIONS = 4
TTL_MS = 30_000


class Topic:
    """Takes every record at once; `taken` is what has not been read back yet."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def send(self, topic: str, value: bytes | None, key: bytes) -> "asyncio.Future[None]":
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        taken.set_result(None)
        self.taken.append(SimpleNamespace(topic=topic, partition=0, offset=0, key=key, value=value))
        return taken


class Site:
    """The parts, and the time they are told."""

    def __init__(self, queues: int, redis: Redis) -> None:
        self.now_ms, self.names = NOON, [f"queue {n}" for n in range(queues)]
        self.log, self.board = Topic(), AlertBoard(redis, Keys(NAME))
        plan = Plan(DEFAULT_RULES, ZoneInfo("UTC"), NAME, lambda _: ("desk",))
        topic = AlertTopic(self.log, "alerts", 1, lambda: self.now_ms, TTL_MS)
        self.duty = Duty(plan, KpiTable(TTL_MS), topic, lambda _: Policy())
        self.telling = Telling(
            "desk", _taken, self.duty.ended, monotonic_s=lambda: self.now_ms / 1000, chance=random.Random(NAME)
        )
        self.told = 0
        self._version = 0
        self._days = [_day(n) for n in range(2 * len(CASES))]

    async def look(self, commands: Sequence[Command], every_ms: int) -> None:
        """One round, `every_ms` after the last one."""
        self.now_ms += every_ms
        self._version += 1
        for key, value in self._told(min(KEPT, every_ms // PANE_MS)):
            self.duty.table.take(_record(key, value))
        facts = self.duty.judged(commands, lambda _: (), self.now_ms)
        await self.duty.store(facts, self.now_ms)
        for _, notice in notices(facts):
            self.told += 1
            self.telling.give(notice)
        await self.board.show(self.duty.engine, self.duty.count(facts), self.now_ms, news=bool(facts))
        taken, self.log.taken = self.log.taken, []
        for each in taken:
            self.duty.read(each)

    def retire(self, places: Sequence[int], day: int) -> None:
        """The queues at these places are told of no more, others take their places."""
        for place in places:
            self.duty.table.take(_record(f"queue:{self.names[place]}", None))
            self.names[place] = f"queue {place} of day {day}"

    def _told(self, panes: int) -> Iterator[tuple[str, Any]]:
        """Every fifth queue is told of in one half of the day only: then it is quiet."""
        version, wall_ms = (1, self._version), self.now_ms
        for partition in range(PARTITIONS):
            reach = AsOf(SCHEMA, partition, self.now_ms, wall_ms, version, {"pbx": self.now_ms})
            yield f"as_of:{partition}", reach
        is_night = self.now_ms % DAY_MS < DAY_MS // 2
        for place, queue in enumerate(self.names):
            if not (is_night and place % 5 == 0):
                yield f"queue:{queue}", self._figures(place, queue, panes, version)

    def _figures(self, place: int, queue: str, panes: int, version: tuple[int, int]) -> QueueRecord:
        ticks = _now(self._days[place % len(self._days)], place, self.now_ms, panes)
        hits, misses = sum(each.hits for each in ticks), sum(each.misses for each in ticks)
        share = None if hits + misses == 0 else hits / (hits + misses)
        seen = {"value": share, "n": 5 * (hits + misses)}
        lost = {"value": None if share is None else (1 - share) / 4, "n": 5 * (hits + misses)}
        figures = {"service_level": seen, "abandonment_rate": lost}
        return QueueRecord(
            SCHEMA, queue, place % PARTITIONS, self.now_ms, self.now_ms, version, "w", "pbx", "voice", NAME,
            dict.fromkeys(("5m", "15m", "1h"), figures), {"1h": {t.OFFERED: 1}}, {}, (), {}, [], ticks,
        )  # fmt: skip


def _day(number: int) -> list[Tick]:
    """A day with a trouble every few hours, that can follow itself."""
    found = [
        Trouble(KINDS[(number + n) % 3], at * 3600.0 + 600 * number, at * 3600.0 + 600 * number + 2400)
        for n, at in enumerate((3, 9, 15, 20))
    ]
    troubles = found if number % 2 else found[:1]
    return list(simulated(CASES[number % len(CASES)], 24, troubles, f"day {number}").ticks())


def _now(day: Sequence[Tick], place: int, now_ms: int, panes: int) -> tuple[Tick, ...]:
    """The last panes of that day, each queue at another hour of it."""
    last = now_ms // PANE_MS
    ends = range(last - panes + 1, last + 1)
    return tuple(day[(end + 97 * place) % PANES_A_DAY]._replace(at_ms=end * PANE_MS) for end in ends)


def _record(key: str, value: Any) -> SimpleNamespace:
    encoded = None if value is None else msgspec.json.encode(value)
    return SimpleNamespace(topic="kpis", partition=0, offset=0, key=key.encode(), value=encoded)


async def _taken(_: Any) -> Delivered:
    return Delivered()
