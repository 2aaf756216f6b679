"""The whole line on Apache Kafka, and what only it can show: workers that are killed at any moment."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from callpulse.demo import children
from callpulse.stream import codecs
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.contact_cells import awake
from callpulse.stream.core.limits import Limits
from tests import figures
from tests.contracts.line_figures import *  # noqa: F403 -- the checks of every broker
from tests.contracts.line_figures import shuffled_and_doubled
from tests.kafka.broker import ApacheKafka
from tests.line import MONTHS, Line, numbers

KILLS = 4


@pytest.fixture
def make_line(kafka: ApacheKafka, valkey_url: str, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: dict[str, str] = MONTHS) -> Line:
        return Line(kafka.bootstrap, valkey_url, tmp_path, idempotent=True, settings=settings)

    return make


async def test_the_bank_s_month_shuffled_and_doubled(make_line: Callable[..., Line]) -> None:
    events = figures.events_of(figures.bank(), figures.BANK_BY_PRIORITY)
    until = max(event.at for event in events) + 1000
    async with make_line() as line:
        line.start_worker()
        await line.send(shuffled_and_doubled(events, seed=11), until)
        expected = figures.bank_expected()
        queues = tuple(expected["by_priority"])
        found = await line.values(queues, until)
        for queue in queues:
            figures.assert_bank(numbers(found[queue]), expected["by_priority"][queue])


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_killed_worker_counts_nothing_twice_and_forgets_nothing(
    make_line: Callable[..., Line], seed: int
) -> None:
    """kill -9 at seeded moments while events flow; every figure and every stored cell is right all the same."""
    events = figures.events_of(figures.ASTERISK)
    until = max(event.at for event in events) + 1000
    chance = random.Random(seed)
    mixed = events + chance.sample(events, len(events) // 4)
    chance.shuffle(mixed)
    quick = {**MONTHS, "CALLPULSE_WORKER_COMMIT_INTERVAL": "300ms"}
    async with make_line(quick) as line:
        parts = [mixed[i :: KILLS + 1] for i in range(KILLS + 1)]
        for part in parts[:-1]:
            worker = line.start_worker()
            feeding = asyncio.create_task(line.send(part, 0))
            await line.ready()
            await feeding
            await asyncio.sleep(chance.uniform(0.0, 1.0))  # the moment of death is the point of the test
            children.kill(worker)
        line.start_worker()
        await line.send(parts[-1], until)
        found = await line.values(("sales", "support"), until)
        for queue in ("sales", "support"):
            figures.assert_asterisk(numbers(found[queue]), queue)
        await line.ends(line.workers[-1])
        await assert_changelog(line, events)


async def assert_changelog(line: Line, events: list[object]) -> None:
    """Cell by cell: what is stored equals what one process computes that was never killed."""
    book = CallBook(Limits(horizon_ms=10**12, interval_ms=10**12, live_ms=10**12, max_future_ms=None))
    for offset, event in enumerate(events):
        if type(event).__name__ != "AgentState":
            book.take(event, offset)  # type: ignore[arg-type]  # a call event
    book.settle(len(events))
    totals = await line.changelog("tallies_total", codecs.TOTALS)
    for queue, cell in book.totals.items():
        net = {k: v - totals[queue].taken_back.get(k, 0) for k, v in totals[queue].booked.items()}
        assert {k: v for k, v in net.items() if v} == cell.booked
    intervals = await line.changelog("tallies_interval", codecs.INTERVALS)
    stored = {key: cell.tally for key, cell in intervals.items() if cell.tally}
    assert stored == {key: cell.tally for key, cell in book.intervals.items() if cell.tally}
    live = await line.changelog("tallies_live", codecs.LIVE)
    panes = {key: cell.panes for key, cell in live.items() if cell.panes}
    assert panes == {key: cell.panes for key, cell in book.live.items() if cell.panes}
    contacts = await line.changelog("contacts", codecs.CONTACTS)
    assert {key: sorted(map(repr, awake(c).facts)) for key, c in contacts.items()} == {
        key: sorted(map(repr, awake(c).facts)) for key, c in book.contacts.items()
    }


async def test_a_graceful_stop_counts_nothing_again(make_line: Callable[..., Line]) -> None:
    events = figures.events_of(figures.ASTERISK)
    until = max(event.at for event in events) + 1000
    async with make_line() as line:
        half = len(events) // 2
        worker = line.start_worker()
        await line.ready()
        await line.send(events[:half], 0)
        await line.ends(worker)
        line.start_worker()
        await line.ready()
        await line.send(events[half:], until)
        found = await line.values(("sales", "support"), until)
        for queue in ("sales", "support"):
            figures.assert_asterisk(numbers(found[queue]), queue)
