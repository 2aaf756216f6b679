"""What Kafka loses is noticed, said, and set right as far as it can be, on Apache Kafka."""

import asyncio
import itertools
import shutil
from collections import defaultdict

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from tests.kafka import toy_core as core
from tests.kafka.broker import ApacheKafka, largest
from tests.kafka.toy_cells import cells_of, contacts_by_key, tallies_of, wrong
from tests.kafka.toy_rig import HORIZON_MS, Rig
from tests.kafka.toy_worker import PARTITIONS
from tests.waiting import until_async

_fresh = itertools.count()
LATER_MS = 1_000_000_000 + 300 * 40  # when the traffic of 300 contacts is over


@pytest.fixture(scope="module")
def kafka():
    with ApacheKafka({"group.min.session.timeout.ms": "1000"}) as broker:
        yield broker


@pytest.fixture
async def rig(kafka, tmp_path):
    async with Rig(kafka.bootstrap, f"lost-{next(_fresh)}", tmp_path, session_s=3.0, look_s=0.5) as rig:
        yield rig


@pytest.fixture
async def served(rig):
    """300 contacts counted, stored and committed; no worker runs."""
    await rig.produce(core.traffic(31, 300))
    rig.worker("a")
    await rig.all_committed()
    await rig.end("a")
    return rig


async def is_right(rig, logs):
    """Figures in memory and in the changelogs are those of `logs`, and so are contacts."""
    dumps = [await rig.end("a")]
    contacts, tallies, _ = core.truth(logs, HORIZON_MS)
    assert not wrong(contacts_by_key(cells_of(dumps, "contacts")), contacts)
    assert not wrong(core.figures(tallies_of(dumps)), tallies)
    assert not wrong(contacts_by_key(await rig.changelog("contacts")), contacts)
    assert not wrong(core.figures(await rig.changelog("tallies")), tallies)


def both(first, second):
    return {p: first.get(p, []) + second.get(p, []) for p in first.keys() | second.keys()}


def losses(rig, since=0):
    """{what: partitions} that worker a told of."""
    found = defaultdict(set)
    for line in rig.log("a")[since:].splitlines():
        if line.startswith("loss "):
            found[line.split()[1]].add(int(line.split()[2]))
    return dict(found)


async def made_anew(rig, topic):
    await rig.admin.delete_topics([topic])

    async def made():
        try:
            answer = await rig.admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
        except KafkaError:
            return False
        return all(code == 0 for _, code, *_ in answer.topic_errors)

    await until_async(made, "the topic is made anew", 20)


def wiped(broker, topic):
    """As a disk that lost what was not yet written to it: the topic is the same, its records are gone."""
    for folder in (broker.folder / "logs").glob(f"{topic}-*"):
        for file in folder.iterdir():
            if file.name != "partition.metadata":
                shutil.rmtree(file) if file.is_dir() else file.unlink()


@pytest.mark.parametrize("contacts", [40, 700], ids=["smaller", "larger"])
async def test_a_source_topic_made_anew_is_read_from_its_start_and_nothing_counts_twice(served, contacts):
    before, served.logs = served.logs, defaultdict(list)
    await made_anew(served, served.topic)
    known = [event for log in before.values() for event in log][:200]
    await served.produce([*known, *core.traffic(32, contacts, start_ms=LATER_MS)])
    served.worker("a")
    await served.all_committed()
    assert losses(served) == {"recreated": set(before)}
    await is_right(served, both(before, served.logs))


async def test_a_source_topic_made_anew_is_noticed_although_offsets_were_then_set_by_hand(served):
    """As with kafka-consumer-groups --reset-offsets --to-earliest, which stores no note."""
    before, served.logs = served.logs, defaultdict(list)
    await made_anew(served, served.topic)
    await served.produce(core.traffic(37, 700, start_ms=LATER_MS))
    async with AIOKafkaConsumer(bootstrap_servers=served.bootstrap, group_id=served.options["id"]) as consumer:
        tps = [TopicPartition(served.topic, p) for p in range(PARTITIONS)]
        consumer.assign(tps)
        await consumer.commit({tp: OffsetAndMetadata(0, "") for tp in tps})
    served.worker("a")
    await served.all_committed()
    assert losses(served) == {"recreated": set(before)}
    await is_right(served, both(before, served.logs))


def _within_the_horizon(events, before):
    """Of these what counts at any clock. A worker may read some of them before it notices that the topic is a new one;
    when it reads them again its clock has gone on, and what lies at the edge of the horizon is too late then."""
    newest = max(event.at for event in (*events, *itertools.chain.from_iterable(before.values())))
    return [event for event in events if event.at >= newest - HORIZON_MS]


async def test_a_source_topic_made_anew_under_a_worker_is_taken_up_anew(rig):
    await rig.produce(core.traffic(31, 300))
    rig.worker("a")
    await rig.all_committed()
    before, rig.logs = rig.logs, defaultdict(list)
    await made_anew(rig, rig.topic)
    await rig.produce([*before[0][:50], *_within_the_horizon(core.traffic(33, 300, start_ms=LATER_MS), before)])
    await rig.all_committed()
    assert losses(rig) == {"recreated": set(before)}
    rig.kill("a")
    rig.worker("a")  # what a killed worker leaves is of the new edition, and stays it
    mark = len(rig.log("a"))
    await rig.produce(core.traffic(34, 100, start_ms=LATER_MS + 20_000))
    await rig.all_committed()
    assert losses(rig, mark) == {}
    await is_right(rig, both(before, rig.logs))


async def test_a_source_that_lost_its_newest_events_is_read_again_from_its_start(kafka, served):
    before, served.logs = served.logs, defaultdict(list)
    kafka.kill()
    wiped(kafka, served.topic)
    kafka.start()
    await served.produce(core.traffic(35, 40, start_ms=LATER_MS))
    served.worker("a")
    await served.all_committed()
    assert losses(served) == {"shorter": set(before)}
    await is_right(served, both(before, served.logs))


@pytest.mark.parametrize("table", ["contacts", "tallies"])
async def test_a_lost_changelog_is_made_again_from_the_events(served, table):
    await served.admin.delete_topics([f"{served.options['id']}-{table}-changelog"])
    await served.produce(core.traffic(36, 100, start_ms=LATER_MS))
    served.worker("a")
    await until_async(lambda: len(losses(served).get("changelog", ())) == PARTITIONS, "it is noticed", 30, served.said)
    await served.all_committed()
    await is_right(served, served.logs)


async def test_a_worker_killed_while_it_makes_a_lost_table_again_goes_on_with_it(served):
    await served.admin.delete_topics([f"{served.options['id']}-tallies-changelog"])
    await served.produce(core.traffic(37, 100, start_ms=LATER_MS))
    child = served.worker("a", dies_at="contacts-changelog")
    await until_async(lambda: child.poll() is not None, "a dies when it has emptied contacts", 20, served.said)
    served.worker("a")
    await served.all_committed()
    await is_right(served, served.logs)


async def test_a_changelog_made_anew_under_a_worker_is_stored_again(rig):
    await rig.produce(core.traffic(31, 300))
    rig.worker("a")
    await rig.all_committed()
    await made_anew(rig, f"{rig.options['id']}-contacts-changelog")
    await rig.produce(core.traffic(38, 100, start_ms=LATER_MS))
    await rig.all_committed()
    contacts, _, _ = core.truth(rig.logs, HORIZON_MS)

    async def stored_again():
        return not wrong(contacts_by_key(await rig.changelog("contacts")), contacts)

    await until_async(stored_again, "everything is stored again", 20, rig.said)
    assert losses(rig).keys() <= {"rewritten", "changelog"}  # the latter where the group noticed first, and shared anew
    assert losses(rig)
    await is_right(rig, rig.logs)


async def test_a_changelog_lost_with_its_broker_is_made_again(kafka, rig):
    await rig.produce(core.traffic(31, 300))
    rig.worker("a")
    await rig.all_committed()
    kafka.kill()
    wiped(kafka, f"{rig.options['id']}-contacts-changelog")
    kafka.start()
    await rig.produce(core.traffic(38, 100, start_ms=LATER_MS))
    await rig.all_committed()
    await rig.end("a")
    rig.worker("a")
    await rig.produce(core.traffic(41, 40, start_ms=LATER_MS + 10_000, prefix="d"))
    await rig.all_committed()  # not before the group has shared out, which takes its time after the broker's restart
    await is_right(rig, rig.logs)


async def test_events_removed_before_they_were_read_are_counted_and_the_rest_is_right(served):
    read = {p: len(log) for p, log in served.logs.items()}
    await served.produce(core.traffic(39, 100, start_ms=LATER_MS))
    gone = {p: (read[p] + len(log)) // 2 for p, log in served.logs.items()}
    await served.admin.delete_records(
        {TopicPartition(served.topic, p): RecordsToDelete(before_offset=at) for p, at in gone.items()}
    )
    served.worker("a")
    await served.all_committed()
    told = {int(line.split()[2]): int(line.split()[3]) for line in served.log("a").splitlines() if line[:5] == "loss "}
    assert told == {p: gone[p] - read[p] for p in gone}
    await is_right(served, {p: log[: read[p]] + log[gone[p] :] for p, log in served.logs.items()})


async def test_a_worker_that_cannot_store_stops_reading_and_goes_on_when_it_can(rig):
    await rig.produce(core.traffic(40, 300))
    rig.worker("a", most=500, full_s=1.0)
    await rig.all_committed()
    await largest_write(rig, 1)
    refused = rig.log("a").count("changelog write failed")
    await rig.produce(core.traffic(41, 9_000, start_ms=LATER_MS))
    await until_async(lambda: "nothing more is read" in rig.log("a"), "a stops reading", 30, rig.said)
    assert rig.log("a").count("changelog write failed") > refused
    before = await rig._committed()
    await asyncio.sleep(2.0)  # in which a worker without a bound reads everything
    assert await rig._committed() == before
    assert "reading on" not in rig.log("a")
    await largest_write(rig, 1_048_588)
    await rig.all_committed()
    assert "reading on" in rig.log("a")
    await is_right(rig, rig.logs)


async def largest_write(rig, size):
    for table in ("tallies", "contacts"):
        await largest(rig.admin, f"{rig.options['id']}-{table}-changelog", size)
