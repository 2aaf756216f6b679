"""`callpulse alerts` as a process: waits for Kafka, joins the group, serves until it is told to stop."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from callpulse import kafka
from callpulse.alerts.member import Member
from callpulse.alerts.metrics import AlertScrape
from callpulse.alerts.tellers import check_channels, unheard
from callpulse.clock import now_ms
from callpulse.current.connection import connect
from callpulse.edges.listening import exposed_to
from callpulse.ending import end_at_sigterm, end_if_told, ended
from callpulse.kafka.stopping import stopped
from callpulse.reloading import Reloads
from callpulse.settings import Settings, milliseconds
from callpulse.settings.live import OF_ALERTS
from callpulse.stream.endpoint import Endpoint
from callpulse.stream.health import Starting
from callpulse.stream.worker import prepared_topics, producing

CONNECTED_WITHIN_S = 8.0
RETRY_S = 1.0
GROUP = "it answers; its group has not let this one in yet, and may have to miss one that was killed first"

log = logging.getLogger("callpulse.alerts")


class Nothing:
    """Before Kafka has answered, nobody judges here."""

    async def gather(self) -> AlertScrape:
        return AlertScrape()


async def serve(settings: Settings, file: Path | None, *, another_port: bool = False) -> None:
    """Until SIGTERM or SIGINT. `file`: where the settings are read again. Raises TopicsError, EndpointError,
    SettingsError, RedisUrlError."""
    end_at_sigterm()
    reloads = Reloads(settings, file, OF_ALERTS, log)
    reloads.at_sighup()
    check_channels(settings)
    redis = connect(settings.redis)
    starting = Starting(settings.kafka.brokers, now_ms())
    host, port = settings.alerts.host, settings.alerts.port
    endpoint = Endpoint(
        Nothing(), starting.reasons, host=host, port=port, section="alerts", or_another=another_port,
        access=settings.metrics, site=settings.site.name,
    )  # fmt: skip
    try:
        await endpoint.start()
        reloads.renew(endpoint.own)
        log.info("metrics, livez and readyz at %s", endpoint.url)
        for said in exposed_to(settings, settings.alerts):
            log.info("%s", said)
        if nobody := unheard(settings):
            log.warning("%s", nobody)
        await prepared_topics(settings, starting, "alerts")
        async with (
            producing(kafka.client(settings.kafka)) as producer,
            ClientSession() as session,
            _consuming(reloads, producer, redis, session, starting) as member,
        ):
            endpoint.tell(member, member.reasons)
            watching = asyncio.create_task(reloads.watch())
            try:
                await member.run()
            finally:
                await ended(watching)
    finally:
        await endpoint.stop()
        await redis.aclose()


@contextlib.asynccontextmanager
async def _consuming(
    reloads: Reloads, producer: AIOKafkaProducer, redis: Redis, session: ClientSession, starting: Starting
) -> AsyncIterator[Member]:
    config = reloads.settings.kafka
    consumer = AIOKafkaConsumer(
        **kafka.client(config),
        group_id=f"{config.prefix}.alerts",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=(RangePartitionAssignor,),
        session_timeout_ms=milliseconds(config.session_timeout),
        heartbeat_interval_ms=milliseconds(config.session_timeout) // 3,
        max_poll_interval_ms=300_000,
        max_partition_fetch_bytes=4_194_304,
    )
    member = Member(reloads, producer, consumer, redis, session)
    topics = [kafka.topic(config, short) for short in ("kpis", "alerts", "commands")]
    try:
        await _started(consumer)
        starting.known = GROUP
        consumer.subscribe(topics, listener=member)
        await consumer._subscription.wait_for_assignment()  # its own start would, and cannot be tried again then
        yield member
    finally:
        await member.leave()
        await stopped(consumer.stop)


async def _started(consumer: AIOKafkaConsumer) -> None:
    while True:
        try:
            await asyncio.wait_for(consumer.start(), CONNECTED_WITHIN_S)
        except (KafkaError, TimeoutError):
            end_if_told()
            await asyncio.sleep(RETRY_S)
        else:
            return
