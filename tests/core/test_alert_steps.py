"""The alerts worker killed at every step of detect, store and tell: nothing is lost, and a receiver that knows ids
hears everything once, in the right order."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.duty import Duty, notices
from callpulse.alerts.storing import AlertTopic
from callpulse.alerts.telling import Told
from callpulse.stream.core.kpis import Policy
from callpulse.stream.kpi_table import KpiTable
from tests.alert_site import BAD, WELL, Site, plan
from tests.timeline import TICK_MS, ms_of

LATE = Rule(
    name="late", kpi="service_level", side="below", warning=Level(0.8, 0.85), critical=Level(0.5, 0.6),
    for_ms=20_000, keep_firing_ms=20_000,
)  # fmt: skip
SEEN = [WELL] * 2 + [{"service_level": (0.7, 60)}] * 5 + [BAD] * 5 + [WELL] * 8 + [BAD] * 4


class KilledError(Exception):
    """kill -9"""


class Kafka:
    """The topic, which outlives every worker. Raises KilledError at one step of all."""

    def __init__(self, killed_at: int | None) -> None:
        self.log: list[Any] = []
        self.steps, self.killed_at = 0, killed_at

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.killed_at:
            raise KilledError

    async def send(self, topic: str, value: bytes, key: bytes) -> "asyncio.Future[None]":
        self.step()
        place = len(self.log)
        self.log.append(SimpleNamespace(topic=topic, partition=0, offset=place, key=key, value=value))
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ack.set_result(None)
        self.step()
        return ack


class Receiver:
    """Knows what it has been told by its id."""

    def __init__(self) -> None:
        self.news: dict[str, tuple[str, str]] = {}
        self.times = 0

    def take(self, notice: Notice) -> None:
        self.times += 1
        self.news.setdefault(notice.news_id, (notice.kind, notice.labels.severity))


async def life(kafka: Kafka, receiver: Receiver, generation: int, look: int) -> None:
    """One worker from this look on: it reads what is stored, tells what was not told, then judges."""
    topic = AlertTopic(kafka, "alerts", generation, lambda: ms_of("09:00") + look * TICK_MS, 30_000)  # type: ignore[arg-type]
    duty = Duty(plan([LATE]), KpiTable(30_000), topic, lambda _: Policy())
    for record in kafka.log:
        duty.read(record)
    duty.restore()

    def tell(channel: str, notice: Notice) -> None:
        kafka.step()
        receiver.take(notice)
        kafka.step()
        duty.ended(Told(channel, notice, Delivered()))

    for channel, notice in list(duty.engine.held.undelivered()):
        tell(channel, notice)
    site = Site(plan([LATE]))
    for at in range(look, len(SEEN)):
        kafka.look = at  # type: ignore[attr-defined]
        site.see("sales", SEEN[at])
        site.now_ms = ms_of("09:00") + at * TICK_MS
        facts = duty.judged([], lambda _: (), site.now_ms)
        facts += duty.engine.look(site._moment("sales", ticks=False), Sight.SEEN)
        await duty.store(facts, site.now_ms)
        for channel, notice in notices(facts):
            tell(channel, notice)


async def lived(killed_at: int | None) -> tuple[Kafka, Receiver]:
    kafka, receiver = Kafka(killed_at), Receiver()
    kafka.look = 0  # type: ignore[attr-defined]
    for generation in (1, 2):
        try:
            await life(kafka, receiver, generation, kafka.look)  # type: ignore[attr-defined]
            break
        except KilledError:
            continue
    return kafka, receiver


async def test_whoever_is_not_killed_tells_each_thing_once() -> None:
    _, receiver = await lived(None)
    assert list(receiver.news.values()) == [
        ("firing", "warning"), ("escalated", "critical"), ("resolved", "critical"), ("firing", "critical"),
    ]  # fmt: skip
    assert receiver.times == 4


async def test_killed_at_any_step_nothing_is_lost_and_nothing_is_news_twice() -> None:
    whole, undisturbed = await lived(None)
    assert whole.steps > 20
    for step in range(1, whole.steps + 1):
        _, receiver = await lived(step)
        assert receiver.news == undisturbed.news, f"killed at step {step}"


async def test_a_topic_that_is_told_of_before_it_is_stored_loses_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: a worker that stores nothing tells something that is new to nobody as if it were."""
    monkeypatch.setattr(Duty, "store", stores_nothing)
    _, undisturbed = await lived(None)
    whole, _ = await lived(None)
    different = 0
    for step in range(1, whole.steps + 1):
        _, receiver = await lived(step)
        different += receiver.news != undisturbed.news
    assert different > 0


async def stores_nothing(duty: Duty, facts: Any, now_ms: int) -> None:
    """As if the state were only in memory."""


def test_what_is_stored_can_be_read_by_everybody() -> None:
    kafka = asyncio.run(lived(None))[0]
    decoded = [msgspec.json.decode(record.value) for record in kafka.log]
    assert {each["v"] for each in decoded} == {1}
    versions = [each["version"] for each in decoded]
    assert versions == sorted(versions)
