"""How what people ask of the alerts gets there: commands to Kafka, what goes on from Redis, a test of every channel."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from aiohttp import ClientSession
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from callpulse import kafka
from callpulse.alerts.commanding import KafkaAwayError, NoTopicError
from callpulse.alerts.core.notice import TEST_RULE, Labels, Notice, notice_id
from callpulse.alerts.core.outcome import Outcome, Permanent
from callpulse.alerts.core.stored import Command
from callpulse.alerts.tellers import channel_of, words_of
from callpulse.current.alerts import Alerts, from_hash
from callpulse.current.connection import FAILURES, RedisAwayError, connect, reason
from callpulse.current.keys import Keys
from callpulse.kafka.log import Heard, heard
from callpulse.kafka.stopping import stopped
from callpulse.kafka.why import why
from callpulse.settings import Settings

WITHIN_S = 8.0


async def going_on(settings: Settings) -> Alerts | None:
    """What the alerts worker shows; None where none has written of late. Raises RedisAwayError."""
    async with _redis(settings) as redis:
        raw: Mapping[Any, Any] = await redis.hgetall(Keys(settings.site.name).alerts)
    return from_hash(raw)


async def queues_of(settings: Settings) -> list[str]:
    """Every queue that Redis has heard of. Raises RedisAwayError."""
    async with _redis(settings) as redis:
        found: Any = await redis.zrange(Keys(settings.site.name).queues, 0, -1)
    return [name.decode("utf-8", "replace") for name in found]


@contextlib.asynccontextmanager
async def _redis(settings: Settings) -> AsyncIterator[Redis]:
    redis = connect(settings.redis)
    try:
        yield redis
    except FAILURES as error:
        raise RedisAwayError(reason(error)) from error
    finally:
        await redis.aclose()


async def ask(settings: Settings, command: Command) -> None:
    """Hand a command over. Raises KafkaAwayError. The topic is looked for in the list of all: asking for it by name, or
    writing to it, would have some brokers create it otherwise than it has to be, and the command lost in it."""
    producer = AIOKafkaProducer(**kafka.client(settings.kafka), acks="all")
    log = Heard()
    try:
        async with asyncio.timeout(WITHIN_S):
            with heard() as log:
                await producer.start()
            topic = kafka.topic(settings.kafka, "commands")
            if topic not in (await producer.client.fetch_all_metadata()).topics():
                raise NoTopicError(
                    f"no topic {topic!r} at {settings.kafka.brokers}, or no right to use it; expected `callpulse"
                    " alerts` to have run there, or `callpulse topics`"
                )
            await producer.send_and_wait(topic, msgspec.json.encode(command))
    except (KafkaError, OSError, TimeoutError) as error:
        said = why(error) or log.known or type(error).__name__
        raise KafkaAwayError(f"Kafka at {settings.kafka.brokers} did not take it ({said})") from error
    finally:
        await stopped(producer.stop)


async def tested(settings: Settings, now_ms: int) -> dict[str, Outcome]:
    """Channel -> how telling it of a test went. What it was told begins and ends: nothing is left standing there."""
    async with ClientSession() as session:
        found = {name: channel_of(table) for name, table in settings.alerts.channels.items()}
        outcomes = {}
        for name, channel in found.items():
            words = words_of(settings, name)
            for kind in ("firing", "resolved"):
                told = test_notice(settings.site.name, kind, now_ms)
                try:
                    async with asyncio.timeout(WITHIN_S + settings.alerts.channels[name].timeout_s):
                        outcomes[name] = await channel.notify(session, told, words(told), now_ms)
                except TimeoutError:
                    outcomes[name] = Permanent("no answer")
                if isinstance(outcomes[name], Permanent):
                    break
    return outcomes


def test_notice(site: str, kind: Any, now_ms: int) -> Notice:
    """Nobody has to do anything."""
    return Notice(
        id=notice_id(TEST_RULE, site, now_ms),
        kind=kind,
        labels=Labels(rule=TEST_RULE, queue="", site=site, kpi="service_level", severity="warning"),
        onset_ms=now_ms,
        at_ms=now_ms,
        ended_ms=now_ms if kind == "resolved" else None,
        definition=TEST_RULE,
    )
