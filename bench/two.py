"""Two workers against one, and two plain loops against one, all on the same cores as the broker.

A round: one worker, two that share the partitions of a group, one plain loop (decode and count), two that take half of
the partitions each; all read the same records. Both workers join before the group hands out partitions, so none is
moved while they read. A pair counts from the first batch of either to the last of both.

`cpu_ratio`: CPU seconds per million events of two workers over those of one. `gain_worker` and `gain_plain`: events per
second of two over those of one, as far as two cores and a broker on them allow; `relative_gain` is the first over the
second.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import click
from msgspec.structs import replace

from bench.brokers import PARTITIONS, Ground, ground
from bench.contestants.job import Job, Lap, together
from bench.figures import Aim, finish, load, outcome, say
from bench.traffic import HOUR_MS, Record, publish, records
from callpulse import clock

AIMS = (Aim("cpu_ratio", "<=", 1.15), Aim("relative_gain", ">=", 0.9))
JOIN_MS = 5000  # the broker waits so long for members of a new group
START_S = 3.0  # until a plain loop is up
TRIES = 3


class NotSharedError(Exception):
    """Two workers were never given two partitions each at once."""


@click.command()
@click.option("--events", default=600_000, show_default=True)
@click.option("--queues", default=200, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def two(events: int, queues: int, rounds: int) -> None:
    """Measure what a second worker costs and brings."""
    found = records(events, queues, PARTITIONS, clock.now_ms() - 4 * HOUR_MS)
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads = []
    with ground("apache", {"group.initial.rebalance.delay.ms": str(JOIN_MS)}) as here:
        for number in range(1, rounds + 1):
            loads.append(load())
            for name, value in _round(_Round(here, number, found)).items():
                figures[name].append(value)
            last = {name: values[-1] for name, values in figures.items()}
            say(f"round {number}: " + ", ".join(f"{name} {value:,.4g}" for name, value in last.items()))
    asked = {"events": len(found), "queues": queues, "rounds": rounds, "partitions": PARTITIONS}
    finish(outcome("two", asked, figures, AIMS, {"load_before_each_round": loads}))


class _Round:
    """Runs contestants over the same records."""

    def __init__(self, here: Ground, number: int, found: list[Record]) -> None:
        self._here, self._number, self._found = here, number, found
        counts = Counter(partition for partition, _, _ in found)
        self._ends = tuple(counts[n] for n in range(PARTITIONS))
        self._tries = 0

    def workers(self, many: int) -> list[Lap]:
        """So many in one group. Each try has topics of its own."""
        for _ in range(TRIES):
            laps = together("worker", [self._job()] * many)
            if all(lap.extra["partitions"] * many == PARTITIONS for lap in laps):
                return laps
            say("the workers did not join together: once more")
        raise NotSharedError(f"{many} workers did not share {PARTITIONS} partitions evenly in {TRIES} tries")

    def plain(self, many: int) -> list[Lap]:
        """So many loops beside each other."""
        job, shares = self._job(), [tuple(range(n, PARTITIONS, many)) for n in range(many)]
        begin_s = time.perf_counter() + START_S
        return together("plain", [self._share(job, only, begin_s) for only in shares])

    def _share(self, job: Job, only: tuple[int, ...], begin_s: float) -> Job:
        return replace(job, only=only, events=sum(self._ends[n] for n in only), begin_s=begin_s)

    def _job(self) -> Job:
        self._tries += 1
        name = f"round{self._number}-{self._tries}"
        environment, topic = self._here.environment(name), f"{name}.calls"
        environment["CALLPULSE_METRICS_PORT"] = "0"  # any: two workers have the same settings
        asyncio.run(publish(self._found, environment, topic))
        return Job(self._here.brokers, topic, PARTITIONS, len(self._found), environment, ends=self._ends)


def _round(run: _Round) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, contestants in (("worker", run.workers), ("plain", run.plain)):
        one, both = contestants(1), contestants(2)
        for many, laps in (("one", one), ("two", both)):
            figures[f"{many}_{name}_events_per_s"] = _per_s(laps)
            figures[f"{many}_{name}_cpu_s_per_million"] = _cpu(laps)
        figures[f"gain_{name}"] = _per_s(both) / _per_s(one)
    cpu_two, cpu_one = figures["two_worker_cpu_s_per_million"], figures["one_worker_cpu_s_per_million"]
    return figures | {
        "cpu_ratio": cpu_two / cpu_one,
        "relative_gain": figures["gain_worker"] / figures["gain_plain"],
    }


def _per_s(laps: Sequence[Lap]) -> float:
    over = max(lap.began_s + lap.seconds for lap in laps)
    return sum(lap.events for lap in laps) / (over - min(lap.began_s for lap in laps))


def _cpu(laps: Sequence[Lap]) -> float:
    return sum(lap.cpu_s for lap in laps) / sum(lap.events for lap in laps) * 1_000_000


if __name__ == "__main__":
    two()
