"""Exactness on Apache Kafka: whatever is killed, frozen or moved, every cell comes out as if nothing had happened."""

import asyncio
import random

import pytest

from callpulse.clock import monotonic_s
from tests.kafka import toy_core as core
from tests.kafka.broker import ApacheKafka
from tests.kafka.toy_cells import all_is_right, assert_equal, cells_of, contacts_by_key, tallies_of, wrong
from tests.kafka.toy_rig import HORIZON_MS, Rig, freeze, thaw, until_async
from tests.kafka.toy_worker import EXIT_IN_FLUSH, PARTITIONS

SESSION_S = 3.0
LATER_MS = 2_000_000_000


@pytest.fixture(scope="module")
def kafka():
    """A broker that lets sessions be short: each test here waits for some to run out."""
    with ApacheKafka({"group.min.session.timeout.ms": "1000"}) as broker:
        yield broker


@pytest.fixture
async def rig(kafka, tmp_path, request):
    async with Rig(kafka.bootstrap, request.node.name[5:40], tmp_path, session_s=SESSION_S) as rig:
        yield rig


async def dies_in_flushes(rig, producing, chance, times, **hazards):
    """Worker a, which dies at awaits of its flushes; started again each time, at last without hazards."""
    deaths = 0
    for _ in range(times):
        child = rig.worker("a", seed=chance.randrange(1 << 30), **hazards)
        await until_async(lambda child=child: child.poll() is not None or producing.done(), "a dies", 60, rig.said)
        deaths += child.poll() == EXIT_IN_FLUSH
        rig.kill("a")
    assert deaths, rig.said()
    rig.worker("a")


async def test_killed_three_times_at_any_moment(rig):
    chance = random.Random(7)
    producing = asyncio.create_task(rig.produce(core.traffic(7, 9_000), pace=100))
    child = rig.worker("a", dies_at="contacts-changelog")
    died = "a dies between its first flush and its first commit"
    await until_async(lambda: child.poll() is not None, died, 20, rig.said)
    for _ in range(2):
        rig.worker("a")
        await rig.has_committed(timeout_s=20)
        await asyncio.sleep(chance.random())
        rig.kill("a")
    rig.worker("a")
    await producing
    await all_is_right(rig)


async def test_killed_between_the_sends_of_a_flush_on_a_slow_network(rig):
    producing = asyncio.create_task(rig.produce(core.traffic(8, 9_000), pace=100))
    await dies_in_flushes(rig, producing, random.Random(8), 3, latency_s=0.05, kill=0.015, fail=0.06)
    await producing
    await all_is_right(rig)


async def test_two_workers_stopped_killed_and_frozen_for_longer_than_their_session(rig):
    producing = asyncio.create_task(rig.produce(core.traffic(10, 12_000), pace=80))
    rig.worker("a")
    await rig.serves("a", PARTITIONS, timeout_s=20)
    frozen = rig.worker("b", latency_s=0.02)
    await rig.serves("b", 1, timeout_s=20)
    await rig.has_committed(timeout_s=20)
    freeze(frozen)
    await rig.serves("a", PARTITIONS, timeout_s=20)
    await rig.has_committed(timeout_s=20)
    thaw(frozen)
    await rig.serves("b", 1, timeout_s=20)
    await rig.end("a")
    await rig.serves("b", PARTITIONS, timeout_s=20)
    rig.worker("a")
    await rig.serves("a", 1, timeout_s=20)
    rig.kill("b")
    await rig.serves("a", PARTITIONS, timeout_s=20)
    rig.worker("b")
    await producing
    await all_is_right(rig)


async def test_a_blocked_loop_is_fenced_and_goes_on_when_the_broker_confirms_it(rig):
    await rig.produce(core.traffic(16, 500))
    rig.worker("a", blocks_s=0.9 * SESSION_S)
    await rig.all_committed(timeout_s=20)
    assert "neither flush nor commit in generation 1" in rig.said()
    assert "the broker confirms generation 1" in rig.said()
    await all_is_right(rig)


async def test_an_emptied_changelog_does_not_hold_up_the_start_and_what_comes_then_is_counted(rig):
    rig.options["cleanup"] = "compact,delete"
    await rig.produce(core.traffic(11, 300))
    rig.worker("a")
    await rig.all_committed()
    await rig.end("a")
    await rig.empty_changelog("tallies")
    await rig.produce(core.traffic(12, 300, start_ms=LATER_MS, prefix="later "))
    rig.worker("a")
    await rig.all_committed(timeout_s=20)
    held = [await rig.end("a")]
    contacts, tallies, _ = core.truth(rig.logs, HORIZON_MS)
    assert_equal(contacts_by_key(cells_of(held, "contacts")), contacts)
    later = {cell: count for cell, count in tallies.items() if cell[1] * core.PANE_MS >= LATER_MS}
    assert later
    assert_equal(core.figures(tallies_of(held)), later)


async def test_what_a_zombie_wrote_last_is_written_over_and_an_end_without_a_record_is_reached(rig):
    await rig.produce(core.traffic(13, 300))
    rig.worker("a")
    await rig.all_committed()
    await rig.end("a")
    contacts = await rig.changelog("contacts")
    await rig.write_older("contacts")
    assert wrong(await rig.changelog("contacts", largest_offset=False), contacts)
    rig.worker("a")

    async def written_over():
        return not wrong(await rig.changelog("contacts", largest_offset=False), contacts)

    await until_async(written_over, "the right contacts are the last ones again", 20, rig.said)


async def test_what_a_zombie_writes_while_its_successor_serves_is_written_over_at_its_next_write(rig):
    """No recovery comes before compaction does: the zombie's records would be what is kept."""
    await rig.produce(core.traffic(13, 300))
    rig.worker("a")
    await rig.all_committed()
    contacts = await rig.changelog("contacts")
    await rig.write_older("contacts")
    assert wrong(await rig.changelog("contacts", largest_offset=False), contacts)
    await rig.produce(core.traffic(19, 300, start_ms=2_000_000_000))
    await rig.all_committed()

    async def written_over():
        found = await rig.changelog("contacts", largest_offset=False)
        return all(found.get(key, [-1])[0] >= contact[0] for key, contact in contacts.items())

    await until_async(written_over, "the right contacts are the last ones again", 20, rig.said)


async def test_an_agent_that_dies_inside_a_batch_stops_its_worker_and_stores_nothing_half(rig):
    producing = asyncio.create_task(rig.produce(core.traffic(14, 3_000), pace=100))
    child = rig.worker("a", dies_after=2_000)
    await until_async(lambda: child.poll() is not None, "a stops", 20, rig.said)
    assert child.returncode == 1
    assert "HalfAppliedError" in rig.said()
    rig.worker("a")
    await producing
    await all_is_right(rig)


async def test_partitions_handed_out_without_their_contacts_are_not_served_until_they_come_with_them(rig):
    producing = asyncio.create_task(rig.produce(core.traffic(18, 4_000), pace=100))
    rig.worker("a")
    await rig.has_committed(timeout_s=20)
    await rig.end("a")
    rig.worker("a", overlooks=2)
    await producing
    await all_is_right(rig)
    assert rig.said().count("assigned without their changelogs") == 2


async def test_a_graceful_stop_leaves_nothing_to_read_again(rig):
    producing = asyncio.create_task(rig.produce(core.traffic(15, 4_000), pace=100))
    rig.worker("a")
    await rig.has_committed(timeout_s=20)
    held = await rig.end("a")
    rig.worker("a")
    await rig.ready("a")
    assert rig.ready_at("a") == {int(p): place for p, place in held["owned"].items()}
    await producing
    await all_is_right(rig)


async def test_a_graceful_stop_hands_over_without_an_event_read_again(rig, record_property):
    """How long nobody serves them is told, not judged: a machine under load takes its time."""
    await rig.produce(core.traffic(20, 300))
    rig.worker("a")
    await rig.serves("a", PARTITIONS, timeout_s=20)
    rig.worker("b")
    await rig.serves("b", 1, timeout_s=20)
    await rig.all_committed()
    producing = asyncio.create_task(rig.produce(core.traffic(21, 2_000, start_ms=2_000_000_000), pace=40))
    await rig.has_committed(timeout_s=20)
    told_s = monotonic_s()
    held = await rig.end("a")
    await rig.serves("b", PARTITIONS, timeout_s=20)
    took_s = round(monotonic_s() - told_s, 2)
    record_property("seconds from SIGTERM to the last partition served by the other worker", took_s)
    print(f"SIGTERM to the last partition served by the other worker: {took_s} s")
    went_on = rig.ready_at("b")
    assert held["owned"]
    assert {p: went_on[int(p)] for p in held["owned"]} == held["owned"], "where the other one stopped"
    await producing
    await all_is_right(rig)


async def test_without_a_broker_a_worker_still_ends_when_told_to(tmp_path):
    with ApacheKafka() as broker:
        async with Rig(broker.bootstrap, "alone", tmp_path) as rig:
            producing = asyncio.create_task(rig.produce(core.traffic(17, 9_000), pace=100))
            rig.worker("a")
            await rig.has_committed(timeout_s=20)
            producing.cancel()
            await asyncio.wait([producing])
            broker.kill()
            await rig.end("a", grace_s=20)
