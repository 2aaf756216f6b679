"""A worker frozen between the tallies and the contacts of a cut, for longer than its session, on Apache Kafka whose
cleaner is made to work: with the fence, without it, and without anybody who writes over what it sends late.

At every moment of a cut, in virtual time: tests/flush/test_zombies.py. Why: docs/decisions/zombies.md.
"""

import itertools
from pathlib import Path

import pytest

from tests.chaos.changelogs import BROKER
from tests.kafka import toy_core as core
from tests.kafka.broker import ApacheKafka
from tests.kafka.toy_cells import all_is_right
from tests.kafka.toy_rig import Rig, thaw
from tests.kafka.toy_worker import PARTITIONS
from tests.waiting import until_async

SESSION_S = 2.0
FRESH = itertools.count()
ATTEMPTS = 4


@pytest.fixture(scope="module")
def kafka():
    with ApacheKafka({**BROKER, "group.min.session.timeout.ms": "1000"}) as broker:
        yield broker


def fresh_rig(kafka, tmp_path):
    return Rig(kafka.bootstrap, f"zombie-{next(FRESH)}", tmp_path, session_s=SESSION_S)


@pytest.fixture
async def rig(kafka, tmp_path):
    async with fresh_rig(kafka, tmp_path) as rig:
        yield rig


def stopped(child):
    return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def a_zombie_and_compaction(rig, *without):
    """Worker a freezes and wakes up after worker b has gone on; returns the contacts of which a wrote older records
    last. Afterwards the changelog of contacts is compacted, and b has gone."""
    events = core.traffic(21, 1_500)
    await rig.produce(events[: len(events) // 2])
    frozen = rig.worker("a", freezes_at="tallies-changelog", without=without)
    await until_async(lambda: stopped(frozen), "a freezes", 60, rig.said)
    await rig.produce(events[len(events) // 2 :])
    rig.worker("b", without=without)
    await rig.all_committed()
    thaw(frozen)
    await rig.serves("a", 1, timeout_s=20)
    newest = await rig.changelog("contacts")
    last = await rig.changelog("contacts", largest_offset=False)
    await rig.end("a")
    await rig.serves("b", PARTITIONS, timeout_s=20)
    await _compacted(rig, newest)
    await rig.end("b")
    return {key for key, contact in last.items() if contact != newest[key]}


async def _compacted(rig, keys):
    await rig.compact_soon("contacts")
    for seed in (22, 23):  # the first write closes the segment with what the zombie wrote, the second that of the first
        others = core.traffic(seed, 100, start_ms=1_000_000_000 + seed * 100_000, prefix=f"later {seed} ")
        await rig.produce(others)
        await rig.all_committed()

    async def each_key_once():
        return await rig.largest_number_of_records("contacts", keys) == 1

    await until_async(each_key_once, "the changelog is compacted", 30, rig.said)


async def test_with_the_fence_nothing_older_comes_last(rig):
    assert not await a_zombie_and_compaction(rig)
    rig.worker("c")
    await all_is_right(rig)


async def test_without_the_fence_its_contacts_come_last_and_are_written_over_before_compaction(rig):
    await a_zombie_and_compaction(rig, "fence")
    rig.worker("c")
    await all_is_right(rig)


async def test_without_the_fence_and_nobody_to_write_over_them_compaction_keeps_the_older_contacts(kafka, tmp_path):
    """As a rule. When a wakes up, the news of the rebalance races with the rest of its cut, and may end it first."""
    for _ in range(ATTEMPTS):
        async with fresh_rig(kafka, tmp_path) as rig:
            if await a_zombie_and_compaction(rig, "fence", "writing-again"):
                rig.worker("c")
                with pytest.raises(AssertionError, match=r"\d+ of \d+ wrong: "):
                    await all_is_right(rig)
                return
    pytest.fail(f"in {ATTEMPTS} attempts no zombie wrote what is older")
