"""Exactness on Apache Kafka: whatever is killed, frozen or moved, every cell comes out as if nothing had happened."""

import asyncio
import random

import pytest

from tests.kafka import toy_core as core
from tests.kafka.toy_rig import (
    Rig,
    cells_of,
    contacts_by_key,
    freeze,
    tallies_of,
    thaw,
    until,
    wrong,
)
from tests.kafka.toy_worker import EXIT_IN_FLUSH

HORIZON_MS = 60_000


async def all_is_right(rig, dumps):
    """Figures, contacts and clocks, in memory and in the changelogs."""
    places = await rig.all_committed()
    dumps += [await rig.end(name) for name in list(rig.workers)]
    contacts, tallies, clocks = core.truth(rig.logs, HORIZON_MS)
    assert {p: clock for p, (_, clock) in places.items()} == clocks, "the clock stored with the offset committed"
    assert not wrong(contacts_by_key(cells_of(dumps, "contacts")), contacts)
    assert not wrong(core.figures(tallies_of(dumps)), tallies)
    assert not wrong(contacts_by_key(await rig.changelog("contacts")), contacts)
    assert not wrong(core.figures(await rig.changelog("tallies")), tallies)
    return dumps


async def test_killed_three_times_at_any_moment(kafka, tmp_path):
    chance = random.Random(7)
    async with Rig(kafka.bootstrap, "killed", tmp_path) as rig:
        producing = asyncio.create_task(rig.produce(core.traffic(7, 9_000), pace=120))
        for _ in range(3):
            rig.worker("a")
            await until((tmp_path / "a.log").exists, "a starts", 10)
            await asyncio.sleep(3.0 + 2 * chance.random())
            rig.kill("a")
        await producing
        rig.worker("a")
        await all_is_right(rig, [])
