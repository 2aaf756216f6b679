"""Records of `calls` as a large site sends them, from the simulator; and a fast way to get them into a topic.

Simulating 200 queues takes longer than reading them, so one simulated floor of 50 queues is sent as four sites: same
callers, other queues.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from bench.sending import send
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


def floor(queues: int, per_hour: float = PER_HOUR) -> Scenario:
    """So many queues of one contact centre (as a rule a busy one), each with a team of its own."""
    names = [f"queue-{n:03d}" for n in range(queues)]
    return Scenario(
        name="bench",
        queues=tuple(
            Queue(id=name, per_hour=per_hour, talk=Spread(120.0), wrap_up=Spread(20.0), channel="voice")
            for name in names
        ),
        teams=tuple(Team(agents=max(2, round(AGENTS * per_hour / PER_HOUR)), queues=(name,)) for name in names),
    )


def records(events: int, queues: int, partitions: int, start_ms: int, duration_s: float | None = None) -> list[Record]:
    """So many records in the order of their event time: arrivals, answers, hang-ups, ends, wrap-ups, a heartbeat a
    second to every partition; no agents. Fewer, if `duration_s` ends sooner."""
    return [record for _, record in islice(timed(queues, partitions, start_ms, duration_s), events)]


def timed(
    queues: int, partitions: int, start_ms: int, duration_s: float | None = None, per_hour: float = PER_HOUR
) -> Iterator[tuple[int, Record]]:
    """The same, each with its event time, without end if there is no `duration_s`."""
    for _, event in feed(floor(max(1, queues // SITES), per_hour), start_ms, seed=1, duration_s=duration_s):
        if isinstance(event, Heartbeat):
            for partition in range(partitions):
                yield event.at, (partition, encode(event), None)
        elif not isinstance(event, AgentState):
            for record in _at_every_site(event.queue, encode(event), partitions):
                yield event.at, record


def _at_every_site(queue: str, value: bytes, partitions: int) -> Iterator[Record]:
    for site in range(SITES):
        name = f"s{site}-{queue}"
        mark = b'"queue":"%s"'
        moved = value.replace(mark % queue.encode(), mark % name.encode(), 1)
        yield partition_of(name, partitions), moved, name.encode()


async def publish(found: Iterable[Record], environment: dict[str, str], topic: str) -> None:
    """Create the topics of a worker with these settings and send the records, whole batches at a time."""
    settings = load(environment=environment)
    await prepared_topics(settings)
    timed = ((partition, value, key, None) for partition, value, key in found)
    await send(topic, timed, settings.kafka.brokers)
