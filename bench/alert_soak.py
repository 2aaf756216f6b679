"""Memory of the alerts worker's judging over weeks: does it stay where it is?

Weeks of data time go through what `callpulse alerts` is made of (figures as the kpis topic has them, engine, stored
records read back, board in a Valkey, one channel that takes everything), a look at every queue each `every` seconds,
with the ten-second ticks of all of them. Every day is the same day, but for names: some queues are retired and others
take their places, and people mute a queue for half an hour under an id of its own. So what is larger at the end of a
day than it was on the days before is kept for good.

`growing`: collections that are larger at the end than at half time; they are all that can be reached from the parts,
found by looking, not by a list. Answers of the forecast are kept in bounded room and told apart, as `kept_forecasts`.
`last_half_growth`: as in bench.soak.
"""

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, linear_regression

import click
from redis.asyncio import Redis

from bench.alert_days import DAY_MS, NAME, Site
from bench.figures import Aim, finish, load, outcome, say
from bench.processes import rss_mb
from bench.sizes import sizes
from callpulse.alerts.core.stored import Command
from callpulse.demo import parts

MUTES_A_DAY, MUTED_MS = 24, 1_800_000
RETIRED_A_DAY = 5
SPARE = 0.02  # what a collection may be larger than at half time: not every end of a day falls on the same second
AIMS = (Aim("growing", "<=", 0), Aim("last_half_growth", "<=", 0.05))


class Evening:
    """After a day of data time."""

    def __init__(self, site: Site) -> None:
        self.mb = rss_mb(os.getpid())
        self.sizes, self.kept = sizes({"duty": site.duty, "telling": site.telling, "board": site.board})


@click.command()
@click.option("--queues", default=50, show_default=True)
@click.option("--days", type=click.IntRange(4), default=28, show_default=True)
@click.option("--every", default=60, show_default=True, help="Seconds of data time between two looks.")
@click.option("--rounds", default=1, hidden=True, help="Taken from all benchmarks; there is one.")
def alert_soak(queues: int, days: int, every: int, rounds: int) -> None:
    """Measure memory of judging over weeks."""
    loads, began, cpu = [load()], time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="callpulse-bench-") as folder:
        valkey = parts.start_valkey(Path(folder))
        try:
            evenings, told = asyncio.run(_played(valkey.url, queues, days, every * 1000))
        finally:
            valkey.stop()
    say(f"{days} days in {time.perf_counter() - began:.0f} s")
    growing = list(_growing([each.sizes for each in evenings]))
    looks = queues * days * DAY_MS // (every * 1000)
    figures = {
        "growing": len(growing),
        "last_half_growth": _growth([each.mb for each in evenings]),
        "half_mb": evenings[days // 2 - 1].mb,
        "end_mb": evenings[-1].mb,
        "entries": evenings[-1].sizes.total(),
        "kept_forecasts": evenings[-1].kept,
        "told": told,
        "cpu_ms_per_look": (time.process_time() - cpu) * 1000 / looks,
    }
    notes = {
        "load": [*loads, load()],
        "growing_collections": growing,
        "curve_mb": {f"{day}": round(each.mb, 1) for day, each in enumerate(evenings, 1)},
        "largest_collections": dict(evenings[-1].sizes.most_common(12)),
    }
    asked = {
        "queues": queues,
        "days": days,
        "every_s": every,
        "retired_a_day": RETIRED_A_DAY,
        "mutes_a_day": MUTES_A_DAY,
    }
    finish(outcome(NAME, asked, {name: [value] for name, value in figures.items()}, AIMS, notes))


async def _played(url: str, queues: int, days: int, every_ms: int) -> tuple[list[Evening], int]:
    async with Redis.from_url(url) as redis:
        site = Site(queues, redis)
        telling = asyncio.create_task(site.telling.run())
        evenings = []
        for day in range(days):
            site.retire([(day * RETIRED_A_DAY + n) % queues for n in range(RETIRED_A_DAY)], day)
            for turn in range(DAY_MS // every_ms):
                await site.look(list(_asked(site, day, turn * every_ms, every_ms)), every_ms)
            evenings.append(Evening(site))
            say(f"day {day + 1}: {evenings[-1].mb:,.0f} MB, {evenings[-1].sizes.total():,} entries, {site.told} told")
        site.telling.rest()
        await telling
        return evenings, site.told


def _asked(site: Site, day: int, into_ms: int, every_ms: int) -> Iterator[Command]:
    """Somebody mutes a queue, every so often."""
    every_mute_ms = DAY_MS // MUTES_A_DAY
    if into_ms % every_mute_ms < every_ms:
        name, queue = f"mute {day} {into_ms}", site.names[into_ms // every_mute_ms % len(site.names)]
        until_ms = site.now_ms + MUTED_MS
        yield Command(kind="mute", id=name, by="Ans", at_ms=site.now_ms, queue=queue, until_ms=until_ms)


def _growing(found: list[Counter[str]]) -> Iterator[str]:
    """Collections that are larger at the end than at any time of the first half."""
    before, after = found[: len(found) // 2], found[-1]
    for place, size in sorted(after.items()):
        most = max(each[place] for each in before)
        if size > most * (1 + SPARE):
            yield f"{place}: {most} -> {size}"


def _growth(mb: list[float]) -> float:
    half = mb[len(mb) // 2 :]
    line = linear_regression(range(len(half)), half)
    return line.slope * (len(half) - 1) / fmean(half)


if __name__ == "__main__":
    alert_soak()
