"""The stream worker as a process: waits for Kafka, checks the topics, serves until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from redis.asyncio import Redis

from callpulse import kafka
from callpulse.clock import monotonic_s, now_ms
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.edges.listening import exposed_to
from callpulse.ending import end_at_sigterm, end_if_told, ended
from callpulse.kafka.stopping import stopped
from callpulse.reloading import Reloads
from callpulse.settings import Settings, milliseconds
from callpulse.settings.live import OF_WORKER
from callpulse.stream import buffers, garbage, topics, transport
from callpulse.stream.app import StreamApp
from callpulse.stream.chores import Chores
from callpulse.stream.current import CurrentWriter
from callpulse.stream.endpoint import Endpoint
from callpulse.stream.health import Health, Starting
from callpulse.stream.metrics.collector import MetricsCollector, thresholds_of
from callpulse.stream.partition_watch import METADATA_AGE_MS, partitions_added
from callpulse.stream.topic_findings import together

log = logging.getLogger("callpulse.worker")

RETRY_S = 1.0
SAY_EVERY_S = 10.0
CONNECTED_WITHIN_S = 8.0


class TopicsError(Exception):
    """Topics that would make numbers wrong, or that are missing and may not be created; one line each."""


async def serve(settings: Settings, file: Path | None = None, *, another_port: bool = False) -> None:
    """Until SIGTERM or SIGINT; CancelledError where SIGTERM comes before it serves. `file`: where the settings are read
    again. Raises TopicsError, EndpointError, NewerStateError, SettingsError, RedisUrlError, TransportError."""
    garbage.look_seldom()
    buffers.give_back()
    end_at_sigterm()
    reloads = Reloads(settings, file, OF_WORKER, log)
    reloads.at_sighup()
    client = kafka.client(settings.kafka)
    redis = connect(settings.redis)
    starting = Starting(settings.kafka.brokers, now_ms())
    endpoint = Endpoint(
        MetricsCollector(starting),
        starting.reasons,
        host=settings.metrics.host,
        port=settings.metrics.port,
        or_another=another_port,
        access=settings.metrics,
        site=settings.site.name,
    )
    try:
        await endpoint.start()
        reloads.renew(endpoint.own)
        log.info("metrics, livez and readyz at %s", endpoint.url)
        for said in exposed_to(settings, settings.metrics):
            log.info("%s", said)
        await prepared_topics(settings, starting, "worker")
        log.info("Kafka at %s has the topics", settings.kafka.brokers)
        async with producing(client) as producer:
            await _serve(reloads, producer, redis, endpoint)
    finally:
        await endpoint.stop()
        await redis.aclose()


async def _serve(reloads: Reloads, producer: AIOKafkaProducer, redis: Redis, endpoint: Endpoint) -> None:
    settings = reloads.settings
    current = CurrentWriter(redis, Keys(settings.site.name), ttl_ms=milliseconds(settings.redis.ttl))
    app = StreamApp(settings, f"{socket.gethostname()}-{os.getpid()}", producer, current)
    chores = Chores(app, producer)
    health = Health(app, chores, reloads)
    collector = MetricsCollector(health, thresholds_of(settings))
    endpoint.tell(collector, health.reasons)

    def follow(changed: Settings) -> None:
        app.follow(changed)
        collector.follow(thresholds_of(changed))

    reloads.follow(follow)
    loops = [reloads.watch(), app.publisher.run(), app.kpi_topic.run(), app.totals.run(), chores.run(), current.run()]
    tasks = [_watched(app, loop) for loop in loops]
    try:
        await _run(app, producer)
    finally:
        await ended(*tasks)


async def _run(app: StreamApp, producer: AIOKafkaProducer) -> None:
    """Until told to stop, or until somebody adds partitions: then it stops as if told to, and says why."""
    serving = asyncio.create_task(transport.run(app))
    watching = asyncio.create_task(partitions_added(producer, app.settings))
    try:
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        told = serving.done()
    finally:
        serving.cancel()  # once: what it does at its end takes time, and must not be broken off
        await ended(watching)
        await asyncio.wait({serving})
    if not told:
        raise watching.result()
    serving.result()


async def prepared_topics(settings: Settings, starting: Starting | None = None, process: str = "worker") -> None:
    """Wait for Kafka, create what is missing, refuse what would make numbers wrong, or what `process` has no right to.
    `starting` is told why Kafka does not let us in. Raises TopicsError."""
    lacked, findings = await _checked(settings, starting, process)
    said = together(findings)
    for severity, sentence in said:
        if severity is topics.Severity.WARNING:
            log.warning("%s", sentence)
    errors = [sentence for severity, sentence in said if severity is topics.Severity.ERROR]
    errors = [lacked, *errors] if lacked else errors
    if errors:
        raise TopicsError("\n".join(errors))


async def _checked(
    settings: Settings, starting: Starting | None, process: str
) -> tuple[str | None, list[topics.Finding]]:
    said = -SAY_EVERY_S
    config = settings.kafka
    while True:
        try:
            client = kafka.client(config)
            found = await topics.create_and_check(client, config.partitions, config.replication, config.prefix)
            return await topics.lacking_rights(client, process, config.prefix), found
        except topics.UnreachableError as error:
            if starting is not None:
                starting.known = error.known
            if monotonic_s() - said >= SAY_EVERY_S:
                said = monotonic_s()
                log.warning("%s; trying again every second%s", error, "" if error.known else " (kafka.brokers)")
            end_if_told()
            await asyncio.sleep(RETRY_S)


@contextlib.asynccontextmanager
async def producing(client: dict[str, Any]) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that waits for all copies. What it sends may come twice without harm: every reader counts facts."""
    producer = AIOKafkaProducer(
        **client,
        acks="all",
        linger_ms=5,
        compression_type=None,
        max_request_size=4_194_304,
        max_batch_size=1_048_576,
        metadata_max_age_ms=METADATA_AGE_MS,
    )
    while True:
        try:
            await asyncio.wait_for(producer.start(), CONNECTED_WITHIN_S)
            break
        except (KafkaConnectionError, TimeoutError):
            end_if_told()
            await asyncio.sleep(RETRY_S)
    try:
        yield producer
    finally:
        # what a Kafka that does not answer has not acknowledged is read and sent again
        if not await stopped(producer.stop):
            await stopped(producer.client.close)


def _watched(app: StreamApp, loop: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A loop of ours that dies takes the worker with it: a monitor that stopped publishing must not look alive."""

    def over(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            app.fail(error)

    task = asyncio.create_task(loop)
    task.add_done_callback(over)
    return task
