"""One round: a site of its own, a seeded feed, seeded disturbances, and at the end every cell compared."""

import asyncio
import contextlib
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from callpulse import kafka
from callpulse.clock import monotonic_s
from callpulse.ending import ended
from callpulse.stream.partitioning import partition_of
from tests.changelog import fold
from tests.chaos import cells, changelogs, outputs
from tests.chaos.differences import Difference, differences
from tests.chaos.disturb import Attack, source_of
from tests.chaos.expected import Expected
from tests.chaos.feed import Feed
from tests.chaos.progress import SPREAD, Progress, StalledError
from tests.chaos.schedule import schedule
from tests.chaos.site import Site
from tests.chaos.truth import Truth
from tests.chaos.witness import Witness
from tests.kafka.broker import ApacheKafka

PUBLISHED_WITHIN_S = 45.0  # a cadence is 5 s, a session 6 s
AFTER_THE_LAST = 3_000  # events
RATE = 1_000


@dataclass
class Outcome:
    """`wrong`: cells that differ; `said`: what was seen on the way, stalls and workers that ended by themselves
    included; `counts`: what the round consisted of."""

    seed: int
    workers: int
    wrong: list[Difference] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Plan:
    """What to run: `disturbances` of `seed` against so many `workers`; `without`: a guard to leave out."""

    seed: int
    workers: int
    disturbances: int
    rate: int = RATE
    without: str = ""


async def play(plan: Plan, broker: ApacheKafka, folder: Path, say: Callable[[str], None]) -> Outcome:
    """What the workers did, and that they or the feed got no further, is told in the outcome; a site that cannot be
    looked at (a broker that does not come back, a record that cannot be read) raises what it died of."""
    outcome = Outcome(plan.seed, plan.workers)
    site = Site(broker, folder, without=plan.without)
    async with site, Progress(site.settings) as progress:
        feed = Feed(site.settings, plan.seed, plan.rate)
        site.slots[:] = [site.start() for _ in range(plan.workers)]
        attack, witness = Attack(site, feed, progress), Witness(site)
        watching = asyncio.create_task(witness.run())
        try:
            await _attack(plan, attack, outcome, say)
            await _compare(site, feed, progress, attack, outcome)
        except StalledError as error:
            outcome.said += await _lagging(site, progress)
            outcome.wrong.append(Difference("progress", "commits", "to go on", str(error)))
        finally:
            await ended(watching)
        if not watching.cancelled():
            watching.result()  # what it died of: it never ends by itself
        outcome.wrong += witness.fell.values()
        outcome.counts["scrapes"] = witness.scrapes
        outcome.said += attack.said
    return outcome


async def _attack(plan: Plan, attack: Attack, outcome: Outcome, say: Callable[[str], None]) -> None:
    async with attack.feed.running():
        attack.feed.limit = 2_000
        await attack.progress.moved({})  # all partitions are served once before the first disturbance
        for what in schedule(plan.seed, plan.workers, plan.disturbances):
            say(f"seed {plan.seed}: {what}")
            outcome.done.append(str(what))
            await attack.carry_out(what)
            outcome.counts[what.kind] += 1
        attack.feed.limit = attack.feed.sent + AFTER_THE_LAST
        await attack.feed.reached(attack.feed.limit)


async def _compare(site: Site, feed: Feed, progress: Progress, attack: Attack, outcome: Outcome) -> None:
    await feed.finish(feed.newest_ms + 1_000)
    with _timed(outcome, "seconds until all was committed"):
        truth = await _settled(site, feed, progress, attack)
    outcome.counts["events"] = feed.sent
    outcome.wrong += _as_sent(feed, await _spread(site))
    tables = await _tables(site, outcome)
    wrong = [*cells.compare(truth, tables), *cells.by_oracle(truth, tables)]
    outcome.wrong += [_placed(each, tables, attack, truth.partitions) for each in wrong]
    outcome.wrong += [*outputs.copies(truth), *await outputs.rejected(site, truth)]
    outcome.counts["refused"] = len(truth.refused)
    outcome.counts["contacts"] = sum(len(book.contacts) for book in truth.calls.values())
    if outcome.wrong:
        return  # what is published of cells that are wrong is no news
    expected = Expected(truth)
    with _timed(outcome, "seconds until all was published"):
        outcome.wrong += await _published(site, expected)
    await attack.replace_all_by_one()
    with _timed(outcome, "seconds until a fresh worker published the same"):
        outcome.wrong += [replace(each, place=f"recovered: {each.place}") for each in await _published(site, expected)]


@contextlib.contextmanager
def _timed(outcome: Outcome, what: str) -> Iterator[None]:
    began_s = monotonic_s()
    yield
    outcome.counts[what] = round(monotonic_s() - began_s)


def _placed(wrong: Difference, tables: cells.Tables, attack: Attack, partitions: int) -> Difference:
    """With the disturbance that came before the last event that a wrong cell knows of."""
    cell = tables.get(wrong.place, {}).get(wrong.raw)
    if cell is None:
        return wrong
    key = wrong.raw if isinstance(wrong.raw, str) else wrong.raw[0]
    after = attack.before(source_of(wrong.place), partition_of(key, partitions), cell.offset)
    return replace(wrong, after=f"{after} (offset {cell.offset})")


async def _settled(site: Site, feed: Feed, progress: Progress, attack: Attack) -> Truth:
    """When everything sent, and every loss that the workers told of, is committed."""
    truth: list[Truth] = []

    async def look() -> bool:
        attack.supervise()
        if await progress.unread() != 0:
            return False
        truth[:] = [await _truth(site)]
        return truth[0].overdue() == 0 and await progress.unread() == 0

    await progress.until(look, "everything committed, every overdue visit lost", patience_s=180)
    return truth[0]


async def _spread(site: Site) -> dict[str, dict[int, list[Any]]]:
    found: dict[str, dict[int, list[Any]]] = {}
    for short in SPREAD:
        by_partition: defaultdict[int, list[Any]] = defaultdict(list)
        for record in await site.records(kafka.topic(site.settings.kafka, short)):
            by_partition[record.partition].append(record)
        found[short] = by_partition
    return found


async def _truth(site: Site) -> Truth:
    records = await _spread(site)
    return Truth(site.settings, records["calls"], records["agents"], records["queue-agents"])


def _as_sent(feed: Feed, topics: dict[str, dict[int, list[Any]]]) -> list[Difference]:
    """The topics hold what was sent, in that order, and beside it only the losses that workers told of."""
    found = {
        (short, partition): [r.value for r in records if b'"source":"callpulse"' not in r.value]
        for short, by_partition in topics.items()
        if short != "queue-agents"
        for partition, records in by_partition.items()
    }
    sent = {(topic.rpartition(".")[2], partition): values for (topic, partition), values in feed.remembered.items()}
    return list(differences("records sent", sent, found))


async def _tables(site: Site, outcome: Outcome) -> dict[str, dict[Any, Any]]:
    tables = {}
    async with Progress(site.settings) as progress:
        for table, codec in cells.CODECS.items():
            name = changelogs.name(site.settings, table)
            records = await site.records(name)
            ends = {partition: end for (_, partition), end in (await progress.ends(name)).items()}
            tables[table] = fold(codec, records)
            outcome.counts["cells"] += len(tables[table])
            outcome.counts["changelog records written"] += sum(ends.values())
            outcome.counts["changelog records compacted"] += changelogs.removed(records, ends)
            outcome.counts["keys whose last record is older"] += cells.regressed(codec, records)
    return tables


async def _published(site: Site, expected: Expected) -> list[Difference]:
    """What still differs after the time that publishing takes."""
    deadline = monotonic_s() + PUBLISHED_WITHIN_S
    while (found := await outputs.compare(site, expected)) and monotonic_s() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.5)
    if found:
        _ask_for_state(site)
    return found


async def _lagging(site: Site, progress: Progress) -> list[str]:
    """Which partitions are behind; every worker tells its state to its log."""
    _ask_for_state(site)
    committed, ends = await progress.committed(), await progress.spread_ends()
    behind = {tp: (committed.get(tp), end) for tp, end in ends.items() if committed.get(tp) != end}
    return [f"{topic}/{partition}: committed {at} of {end}" for (topic, partition), (at, end) in behind.items()]


def _ask_for_state(site: Site) -> None:
    for worker in site.slots:
        worker.signal(signal.SIGUSR1)
