"""Records of `calls` as a large site sends them, from the simulator; and a fast way to get them into a topic.

Simulating 200 queues takes longer than reading them, so one simulated floor of 50 queues is sent as four sites: same
callers, other queues.
"""

import logging
from collections.abc import Iterable, Iterator

from aiokafka import AIOKafkaProducer

from callpulse.settings import load
from callpulse.simulator.run import feed
from callpulse.simulator.scenario import Queue, Scenario, Spread, Team
from callpulse.stream.core.events import AgentState, Heartbeat
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of
from callpulse.stream.worker import prepared_topics

SITES = 4
HOUR_MS = 3_600_000
PER_HOUR = 300
AGENTS = 14
Record = tuple[int, bytes, bytes | None]  # partition, value, key


def queue_names(queues: int) -> list[str]:
    """The queues of all sites; a multiple of SITES."""
    return [f"s{site}-queue-{n:03d}" for site in range(SITES) for n in range(max(1, queues // SITES))]


def floor(queues: int) -> Scenario:
    """So many queues of one busy contact centre, each with a team of its own."""
    names = [f"queue-{n:03d}" for n in range(queues)]
    return Scenario(
        name="bench",
        queues=tuple(
            Queue(id=name, per_hour=PER_HOUR, talk=Spread(120.0), wrap_up=Spread(20.0), channel="voice")
            for name in names
        ),
        teams=tuple(Team(agents=AGENTS, queues=(name,)) for name in names),
    )


def records(events: int, queues: int, partitions: int, start_ms: int, duration_s: float | None = None) -> list[Record]:
    """So many records in the order of their event time: arrivals, answers, hang-ups, ends, wrap-ups, a heartbeat a
    second to every partition; no agents. Fewer, if `duration_s` ends sooner."""
    out: list[Record] = []
    for _, event in feed(floor(max(1, queues // SITES)), start_ms, seed=1, duration_s=duration_s):
        if len(out) >= events:
            break
        if isinstance(event, Heartbeat):
            out += [(partition, encode(event), None) for partition in range(partitions)]
        elif not isinstance(event, AgentState):
            out += _at_every_site(event.queue, encode(event), partitions)
    return out[:events]


def _at_every_site(queue: str, value: bytes, partitions: int) -> Iterator[Record]:
    for site in range(SITES):
        name = f"s{site}-{queue}"
        mark = b'"queue":"%s"'
        moved = value.replace(mark % queue.encode(), mark % name.encode(), 1)
        yield partition_of(name, partitions), moved, name.encode()


async def publish(found: Iterable[Record], environment: dict[str, str], topic: str) -> None:
    """Create the topics of a worker with these settings and send the records, whole batches at a time."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it says what it tries again by itself
    settings = load(environment=environment)
    await prepared_topics(settings)
    async with AIOKafkaProducer(
        bootstrap_servers=settings.kafka.brokers, max_request_size=4_194_304, max_batch_size=1_000_000
    ) as producer:
        batches: dict[int, object] = {}
        sent = []
        for partition, value, key in found:
            batch = batches.get(partition)
            if batch is None or batch.append(key=key, value=value, timestamp=None) is None:  # type: ignore[attr-defined]
                if batch is not None:
                    sent.append(await producer.send_batch(batch, topic, partition=partition))
                batch = batches[partition] = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        for partition, batch in batches.items():
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        for each in sent:
            await each
