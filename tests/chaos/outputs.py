"""What left the workers, against what it must be: Redis, /metrics, the kpis topic, the rejected topic."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from aiokafka import TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from callpulse import kafka
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader
from callpulse.repartition.cluster import Cluster
from callpulse.stream.board_record import decode_queue
from callpulse.stream.core.wire import encode
from tests.chaos.differences import Difference, differences
from tests.chaos.expected import Expected, comparable, net_of_corrections, plain
from tests.chaos.site import Site
from tests.chaos.truth import Truth

LATEST = 1_500


class _Versioned(msgspec.Struct):
    version: tuple[int, int]


_decode = msgspec.json.decode
_version = msgspec.json.Decoder(_Versioned).decode


async def compare(site: Site, expected: Expected) -> list[Difference]:
    """Everything that is published, at this moment."""
    found = [*await _redis(site, expected), *await _metrics(site, expected)]
    return [*found, *_kpis(expected, await _latest(site, f"{site.name}.kpis"))]


async def _redis(site: Site, expected: Expected) -> list[Difference]:
    async with connect(site.valkey.url) as client:
        picture = await Reader(client, Keys(site.name)).read()
    queues = {queue: reading.values for queue, reading in picture.queues.items() if reading is not None}
    total = {} if picture.total is None else picture.total.values
    return [
        *differences("Redis", expected.redis(), queues),
        *differences("Redis total", {"total": expected.redis_total()}, {"total": total}),
    ]


async def _metrics(site: Site, expected: Expected) -> list[Difference]:
    """All workers together: each series is served once."""
    loop = asyncio.get_running_loop()
    texts = await asyncio.gather(*(loop.run_in_executor(None, worker.metrics) for worker in site.slots))
    samples = [s for text in texts for family in text_string_to_metric_families(text) for s in family.samples]
    owned = Counter(s.labels["queue"] for s in samples if s.name == "callpulse_visits_waiting")
    once = dict.fromkeys(expected.views, 1)
    return [
        *differences("workers that serve a queue", once, owned),
        *differences("metrics", expected.samples(), net_of_corrections(samples)),
    ]


async def _latest(site: Site, topic: str) -> list[Any]:
    """The last records of a topic of one partition: every key is told again within seconds."""
    place = TopicPartition(topic, 0)
    async with Cluster(kafka.client(site.settings.kafka), site.name) as cluster:
        first, end = await cluster.edges([place])
        span = max(first[place], end[place] - LATEST), end[place]
        return [record async for record in cluster.read({place: span})]


def _kpis(expected: Expected, records: Iterable[Any]) -> Iterator[Difference]:
    """Of each key the record with the largest version."""
    newest: dict[str, Any] = {}
    for record in records:
        key, version = record.key.decode(), _version(record.value).version
        if key not in newest or version >= newest[key][0]:
            newest[key] = (version, record.value)
    queues = {key[6:]: comparable(decode_queue(raw)) for key, (_, raw) in newest.items() if key.startswith("queue:")}
    yield from differences("kpis", expected.kpis(), queues)
    total = _decode(newest["total"][1])["windows"] if "total" in newest else {}
    yield from differences("kpis total", plain(expected.total()), total)
    people = {key: _decode(raw)["agents"] for key, (_, raw) in newest.items() if key.startswith("agents:")}
    present = {f"agents:{p}": plain(expected.people(p).agents) for p in expected.truth.agents}
    yield from differences("kpis", _sorted(present), _sorted(people))


def _sorted(people: dict[str, Any]) -> dict[str, Any]:
    return {key: sorted(map(repr, found)) for key, found in people.items()}


def copies(truth: Truth) -> list[Difference]:
    """Every change of an agent reached every queue concerned: no copy was lost."""
    expected = dict.fromkeys(map(encode, truth.forwarded), True)
    return list(differences("copies of agents' changes", expected, dict.fromkeys(expected.keys() & truth.copies, True)))


async def rejected(site: Site, truth: Truth) -> list[Difference]:
    """Each refused record is set aside (perhaps more than once), and no other."""
    cut = len(site.name) + 1
    found = {
        (kept["topic"][cut:], kept["partition"], kept["offset"])
        for kept in (_decode(record.value) for record in await site.records(f"{site.name}.rejected"))
    }
    return list(differences("rejected", dict.fromkeys(truth.refused, True), dict.fromkeys(found, True)))
