"""Memory of a worker over many events: does it stay where it is once all that is kept for a time is kept?

The feed plays days of ordinary calls as fast as the worker reads, never more than a set number of events ahead of what
is committed; fewer events make fewer calls, not fewer days. What is kept is kept by the feed's clock: contacts for a
day after their last event, panes for three hours, quarters of an hour for eight days. So the first part of the run
fills the state, and the rest replaces it.

`curve_mb`: memory in use (millions of events: MB). `last_half_growth`: what a straight line through the curve's last
half rises by, from its beginning to its end, as a share of the mean: flat is 0.05 or less.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from statistics import fmean, linear_regression

import click
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from bench.brokers import PARTITIONS, Ground, ground, inherited
from bench.figures import Aim, finish, load, outcome, say
from bench.ordinary_days import DAY_MS, EVENTS_A_CALL, ordinary_days
from bench.processes import cpu_s, rss_mb
from bench.sending import Batches
from bench.traffic import Record
from callpulse import clock
from callpulse.demo import children
from callpulse.settings import load as settings_of
from callpulse.stream.worker import prepared_topics

NAME = "soak"
AHEAD, SHARE_AHEAD = 300_000, 20  # events sent and not committed yet: so many, in a short run one in twenty
CHUNK = 10_000
LOOKS = 60  # points of the curve
STUCK_S = 60.0
BROKER = {  # what is read is removed soon, or a long run would fill the disk
    "log.retention.bytes": str(128 * 1024 * 1024),
    "log.segment.bytes": str(16 * 1024 * 1024),
    "log.retention.check.interval.ms": "5000",
    "log.cleaner.dedupe.buffer.size": "33554432",
}
AIMS = (Aim("last_half_growth", "<=", 0.05),)
Curve = list[tuple[int, float]]  # events, MB


class StuckError(Exception):
    """The worker commits nothing any more."""


@click.command()
@click.option("--events", default=20_000_000, show_default=True)
@click.option("--queues", default=200, show_default=True)
@click.option("--days", default=40, show_default=True, help="The longest retention is eight.")
@click.option("--rounds", default=1, hidden=True, help="Taken from all benchmarks; there is one.")
def soak(events: int, queues: int, days: int, rounds: int) -> None:
    """Measure memory over many events."""
    calls = events / (queues * days * EVENTS_A_CALL)
    say(f"{events:,} events in {days} days: {calls:,.0f} calls a day to each of {queues} queues")
    loads = [load()]
    with ground("apache", BROKER) as here:
        environment = {**here.environment(NAME), "CALLPULSE_WORKER_TIME": "event"}
        feed = ordinary_days(queues, calls, PARTITIONS, clock.now_ms() - (days + 1) * DAY_MS)
        began = time.perf_counter()
        curve, cpu = asyncio.run(_Run(here, environment, events, feed).run())
        per_s = events / (time.perf_counter() - began)
    figures = {**_judged(curve), "cpu_s_per_million": cpu / events * 1e6, "events_per_s": per_s}
    asked = {"events": events, "queues": queues, "days": days, "calls_a_day": round(calls)}
    notes = {"load": [*loads, load()], "curve_mb": {f"{read / 1e6:.3g}": round(mb, 1) for read, mb in curve}}
    finish(outcome(NAME, asked, {name: [value] for name, value in figures.items()}, AIMS, notes))


def _judged(curve: Curve) -> dict[str, float]:
    half = curve[len(curve) // 2 :]
    line = linear_regression([read for read, _ in half], [mb for _, mb in half])
    growth = line.slope * (half[-1][0] - half[0][0]) / fmean(mb for _, mb in half)
    return {
        "last_half_growth": growth,
        "last_half_mb_per_million": line.slope * 1e6,
        "half_mb": half[0][1],
        "end_mb": half[-1][1],
        "most_mb": max(mb for _, mb in curve),
    }


class _Run:
    """Feeds a worker, and looks at it."""

    def __init__(self, here: Ground, environment: dict[str, str], events: int, feed: Iterator[Record]) -> None:
        self._here, self._environment, self._events, self._feed = here, environment, events, feed
        self._ahead = min(AHEAD, events // SHARE_AHEAD)
        self._sent = self._read = 0
        self._log = here.folder / "worker.log"
        self._curve: Curve = []

    async def run(self) -> tuple[Curve, float]:
        """The curve, and CPU seconds of the worker."""
        await prepared_topics(settings_of(environment=self._environment))
        argv = [sys.executable, "-m", "bench.hurried_worker"]
        worker = children.start(argv, self._log, environment={**inherited(), **self._environment})
        admin = AIOKafkaAdminClient(bootstrap_servers=self._here.brokers)
        await admin.start()
        try:
            async with Batches(self._here.brokers) as batches:
                while self._sent < self._events:
                    await self._send_chunk(batches)
                    await self._until_read(self._sent - self._ahead, admin, worker.pid)
            await self._until_read(self._events, admin, worker.pid)
            return self._curve, cpu_s(worker.pid)
        finally:
            await admin.close()
            children.kill(worker)

    async def _send_chunk(self, batches: Batches) -> None:
        for partition, value, key in islice(self._feed, min(CHUNK, self._events - self._sent)):
            await batches.add(f"{NAME}.calls", partition, value, key, None)
            self._sent += 1
        await batches.flush()

    async def _until_read(self, wanted: int, admin: AIOKafkaAdminClient, worker: int) -> None:
        """So many are committed. A point of the curve whenever it is due."""
        moved, before = time.perf_counter(), self._read
        while True:
            with suppress(KafkaError):  # a broker that has just started knows no groups yet
                places = await admin.list_consumer_group_offsets(f"{NAME}.stream")
                self._read = sum(max(0, at.offset) for tp, at in places.items() if tp.topic == f"{NAME}.calls")
            if self._read >= len(self._curve) * self._events / LOOKS and self._read:
                self._look(worker)
            if self._read >= wanted:
                return
            if self._read != before:
                moved, before = time.perf_counter(), self._read
            if time.perf_counter() - moved > STUCK_S:
                raise StuckError(f"no commit for {STUCK_S:.0f} s.{children.last_lines(self._log)}")
            await asyncio.sleep(0.1)

    def _look(self, worker: int) -> None:
        self._curve.append((self._read, rss_mb(worker)))
        if len(self._curve) % 6 == 0:
            read, mb = self._curve[-1]
            say(f"{read / 1e6:6.2f} million events: {mb:,.0f} MB")


if __name__ == "__main__":
    soak()
