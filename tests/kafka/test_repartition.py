"""Four partitions become six, and no figure changes: not those of visits that were open meanwhile, not when the work is
broken off again and again, not when somebody had added partitions by hand."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from callpulse import kafka as connecting
from callpulse.clock import monotonic_s
from callpulse.repartition.cluster import Cluster
from callpulse.repartition.run import repartition
from callpulse.repartition.shapes import SHAPES
from callpulse.repartition.trouble import RepartitionError
from callpulse.settings import load
from callpulse.stream.core.events import AgentState, Heartbeat
from callpulse.stream.core.wire import decode_agent, decode_call
from callpulse.stream.partitioning import partition_of
from callpulse.stream.topic_list import TABLES
from callpulse.stream.topic_list import changelogs as all_changelogs
from tests.chaos import cells, changelogs, outputs
from tests.chaos.expected import Expected
from tests.chaos.feed import Feed
from tests.chaos.progress import SPREAD, Progress
from tests.chaos.site import Site, Worker
from tests.chaos.truth import Truth
from tests.kafka.broker import ApacheKafka
from tests.kafka.short_lived import BrokenOffError, ShortLived

BEFORE, AFTER = 4_000, 3_000  # events: together less than the horizon, so that nothing depends on a clock
FEW, MANY = 4, 6
SEED = 5


class Told(NamedTuple):
    """A record as Truth reads it: put where it belongs, in an order of its own."""

    value: bytes
    offset: int
    timestamp: int


@pytest.fixture
async def site(kafka: ApacheKafka, tmp_path: Path) -> AsyncIterator[Site]:
    async with Site(kafka, tmp_path) as site:
        yield site


async def moved(site: Site, *, apply: bool = True, make: Any = Cluster) -> list[str]:
    said: list[str] = []
    client = connecting.client(site.settings.kafka)
    await repartition(client, site.name, MANY, apply=apply, say=said.append, make=make)
    return said


async def fed(feed: Feed, count: int) -> None:
    feed.limit = feed.sent + count
    async with feed.running():
        await feed.reached(feed.limit)
        await feed.acknowledged()


def with_many(site: Site, feed: Feed) -> None:
    site.environment["CALLPULSE_KAFKA_PARTITIONS"] = str(MANY)
    site.settings = feed.settings = load(None, site.environment)


async def refused(worker: Worker) -> str:
    """What a worker says that ends by itself."""
    try:
        assert await asyncio.to_thread(worker.process.wait, 60) == 1, worker.log.read_text()
    finally:
        worker.kill()
    return worker.log.read_text()


async def truth_of(site: Site) -> Truth:
    """All records, whichever partition they came in, in books of six partitions."""
    found: dict[str, defaultdict[int, list[Told]]] = {short: defaultdict(list) for short in SPREAD}
    for short in SPREAD:
        beats = []
        records = await site.records(f"{site.name}.{short}")
        for n, record in enumerate(sorted(records, key=lambda record: (record.timestamp, record.offset))):
            event: Any = decode_call(record.value) if short == "calls" else decode_agent(record.value)
            told = Told(record.value, n, record.timestamp)
            if isinstance(event, Heartbeat):
                beats.append(told)
                continue
            agent = short == "agents" and isinstance(event, AgentState)
            found[short][partition_of(event.agent if agent else event.queue, MANY)].append(told)
        for partition in range(MANY):
            found[short][partition] += beats
    settings = load(None, {**site.environment, "CALLPULSE_KAFKA_PARTITIONS": str(MANY)})
    return Truth(settings, *(found[short] for short in SPREAD))


async def stored(site: Site) -> dict[str, dict[Any, Any]]:
    """Every table as recovery reads it; each cell in the partition of its key, and only there."""
    tables: dict[str, dict[Any, Any]] = {}
    for shape in SHAPES:
        records = defaultdict(list)
        for record in await site.records(changelogs.name(site.settings, shape.table)):
            records[record.partition].append(record)
        tables[shape.table] = {}
        for partition, mine in records.items():
            folded = cells.fold(shape.codec, mine)
            assert {partition_of(shape.name_of(key), MANY) for key in folded} <= {partition}
            tables[shape.table] |= folded
    return tables


async def settled(site: Site) -> None:
    """Everything is applied and committed, and every overdue visit is lost."""
    async with Progress(site.settings) as progress:

        async def look() -> bool:
            return await progress.unread() == 0 and (await truth_of(site)).overdue() == 0

        await progress.until(look, "everything committed")


async def assert_all_is_right(site: Site) -> None:
    truth, tables = await truth_of(site), await stored(site)
    for agent in (*tables["agents"].values(), *(c for book in truth.agents.values() for c in book.agents.values())):
        agent.offset = 0  # of this one table it is compared elsewhere; here every record has a number of its own
    wrong = [*cells.compare(truth, tables), *cells.by_oracle(truth, tables)]
    assert not wrong, [str(each) for each in wrong[:10]]
    expected, deadline = Expected(truth), monotonic_s() + 30
    while (differs := await outputs.compare(site, expected)) and monotonic_s() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.5)
    assert not differs, [str(each) for each in differs[:10]]


async def test_no_figure_changes_however_often_it_is_broken_off(site: Site) -> None:
    feed = Feed(site.settings, SEED, 4_000)
    site.slots[:] = [site.start()]
    await fed(feed, BEFORE)
    await settled(site)
    with pytest.raises(RepartitionError, match="workers are running"):
        await moved(site)
    assert site.slots[0].end() == 0
    half = await truth_of(site)
    assert sum(len(waiting) for book in half.calls.values() for waiting in book.waits.open.values()) > 5
    assert (await moved(site, apply=False))[-1].endswith("To do it: callpulse repartition --partitions 6 --apply")

    await broken_off_again_and_again(site, feed)
    assert (await moved(site)) == ["nothing to do: 6 partitions everywhere, and every cell is in its own"]

    site.environment["CALLPULSE_KAFKA_PARTITIONS"] = str(FEW)
    said = await refused(site.start())
    assert "the number of partitions is 6, expected 4. Set kafka.partitions to 6, as all topics here have it" in said
    with_many(site, feed)
    await counted_on(site, feed, AFTER)


async def broken_off_again_and_again(site: Site, feed: Feed) -> None:
    """After 0, 1, 3, 7, … changes more each time; no worker starts before it is done."""
    for breaks in range(20):
        ShortLived.left = 2**breaks - 1
        try:
            told = await moved(site, make=ShortLived)
        except BrokenOffError:
            if breaks == 9:
                with_many(site, feed)
                said = await refused(site.start())
                assert "callpulse repartition to 6 partitions is at work, or was broken off" in said
        else:
            assert breaks > 9
            assert told[0] == "a repartition that was broken off is brought to its end"
            return
    raise AssertionError("it never ended")


async def counted_on(site: Site, feed: Feed, count: int) -> None:
    site.slots[:] = [site.start()]
    await fed(feed, count)
    await feed.finish(feed.newest_ms + 1_000)
    await settled(site)
    await assert_all_is_right(site)


async def test_partitions_added_by_hand_stop_the_worker_and_are_put_right(site: Site) -> None:
    feed = Feed(site.settings, SEED, 4_000)
    site.slots[:] = [site.start()]
    await fed(feed, BEFORE)
    await settled(site)
    admin = AIOKafkaAdminClient(**connecting.client(site.settings.kafka))
    await admin.start()
    await admin.create_partitions({f"{site.name}.{short}": NewPartitions(MANY) for short in ("calls", "agents")})
    await admin.close()
    added = "Partitions were added in place, which moves queues away from their figures. Stop sources and workers, "
    for worker in (site.slots[0], site.start()):
        said = await refused(worker)
        assert re.search(rf"{site.name}.(calls|agents|calls, {site.name}.agents): the number of partitions is 6", said)
        assert f"expected 4. {added}then: callpulse repartition --partitions 6" in said
    await fed(feed, 500)  # a source that has not noticed
    with_many(site, feed)
    await fed(feed, 500)  # one that has
    told = await moved(site)
    assert any("unapplied events sent again, to where their keys belong" in line for line in told)
    await counted_on(site, feed, AFTER - 1_000)


async def test_partitions_added_to_changelogs_too_keep_workers_away_until_all_is_put_right(site: Site) -> None:
    """Of two workers, the one that is given new partitions alone would begin their queues anew."""
    feed = Feed(site.settings, SEED, 4_000)
    site.slots[:] = [site.start()]
    await fed(feed, 600)
    await settled(site)
    assert site.slots[0].end() == 0
    async with Cluster(connecting.client(site.settings.kafka), "any") as cluster:
        names = [*(f"{site.name}.{short}" for short in TABLES), *all_changelogs(site.name)]
        await cluster.grow(dict.fromkeys(names, MANY))
    with_many(site, feed)
    await fed(feed, 200)
    for said in await asyncio.gather(*[refused(worker) for worker in (site.start(), site.start())]):
        assert "its figures were counted with 4 partitions, expected 6. Partitions were added, and the figures" in said
    assert (await moved(site))[0].endswith(" agents")
    assert (await moved(site)) == ["nothing to do: 6 partitions everywhere, and every cell is in its own"]
    await counted_on(site, feed, 600)


async def test_events_that_nobody_applied_are_told_by_partition(site: Site) -> None:
    feed = Feed(site.settings, SEED, 4_000)
    await fed(feed, 200)
    with pytest.raises(RepartitionError, match=r"events that no worker has applied yet: .*calls: \d+ \(partition 0: "):
        await moved(site)
    with pytest.raises(RepartitionError, match="Kafka takes none away; expected at least 4"):
        await repartition(connecting.client(site.settings.kafka), site.name, 3, apply=True, say=print)
