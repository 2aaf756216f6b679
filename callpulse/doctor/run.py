"""`callpulse doctor`: everything is looked at at once, each for a limited time, and told in one order."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from callpulse.doctor.finding import Finding, ok
from callpulse.doctor.here import around, state_dir
from callpulse.doctor.kafka_checks import kafka_findings
from callpulse.doctor.kafka_look import look_at_kafka
from callpulse.doctor.prometheus import Seen as Prometheus
from callpulse.doctor.prometheus import look_at_prometheus, prometheus_findings, rule_names
from callpulse.doctor.redis_checks import redis_findings
from callpulse.doctor.redis_look import address, look_at_redis
from callpulse.doctor.seen import Kafka, Redis
from callpulse.settings import Settings, milliseconds

WITHIN_S = 60.0

T = TypeVar("T")


async def examine(settings: Settings, process: str, prometheus_url: str) -> list[Finding]:
    """`process`: whose rights are asked for. Raises SettingsError, RedisUrlError."""
    kafka, redis, prometheus, nearby = await asyncio.gather(
        _within(look_at_kafka(settings.kafka, process), lambda said: Kafka(settings.kafka.brokers, said)),
        _within(
            look_at_redis(settings.redis, settings.site.name, process),
            lambda said: Redis(address(settings.redis.url), said),
        ),
        _prometheus(prometheus_url),
        _nearby(settings),
    )
    return [
        ok("settings", "they can be used"),
        *kafka_findings(kafka, settings, process),
        *redis_findings(redis, settings.site.name, process, kafka.group, _silent_after_ms(settings)),
        *nearby,
        *prometheus_findings(prometheus, rule_names(settings)),
        *state_dir(Path(settings.worker.state_dir)),
    ]


def _silent_after_ms(settings: Settings) -> int | None:
    return milliseconds(settings.alerts.blind_after) if settings.worker.time == "wall" else None


async def _within(look: Awaitable[T], trouble: Callable[[str], T]) -> T:
    """Each question has a limit of its own; this one is for what hangs all the same."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await look
    except TimeoutError:
        return trouble(f"it did not answer all questions within {WITHIN_S:.0f} s")


async def _prometheus(url: str) -> Prometheus | None:
    return await look_at_prometheus(url) if url else None


async def _nearby(settings: Settings) -> list[Finding]:
    return [finding async for finding in around(settings)]
