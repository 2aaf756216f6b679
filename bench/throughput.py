"""Catching up: events per second of one worker, beside a plain loop, the same core alone, and stock Faust with it.

Every contestant runs in a process of its own and is measured from its first batch to its last. Each round has topics
of its own with the same records; the contestants of a round take turns.
"""

import asyncio
from collections import defaultdict
from typing import Any

import click

from bench.brokers import PARTITIONS, Ground, Kind, ground
from bench.contestants.job import Job, Lap, run
from bench.figures import Aim, finish, load, outcome, say
from bench.traffic import HOUR_MS, Record, publish, records
from callpulse import clock

CONTESTANTS = ("plain", "same_core", "worker", "stock")
AIMS = (
    Aim("ratio_same_core", ">=", 0.75),
    Aim("ratio_plain", ">=", 0.3),
    Aim("ratio_stock", ">=", 25),
)


@click.command()
@click.option("--events", default=600_000, show_default=True, help="Records that every contestant reads.")
@click.option(
    "--stock-events",
    default=15_000,
    show_default=True,
    help="The same for stock Faust, which is slow; 0 leaves it out.",
)
@click.option("--queues", default=200, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--broker", type=click.Choice(["apache", "embedded"]), default="apache", show_default=True)
def throughput(events: int, stock_events: int, queues: int, rounds: int, broker: Kind) -> None:
    """Measure how fast a worker catches up."""
    say(f"simulating {events:,} records of {queues} queues")
    found = records(events, queues, PARTITIONS, clock.now_ms() - 12 * HOUR_MS)
    size = sum(len(value) for _, value, _ in found) / len(found)
    say(f"{len(found):,} records of {size:.0f} bytes")
    asked = {"events": len(found), "stock_events": min(stock_events, len(found)), "queues": queues, "rounds": rounds}
    laps: defaultdict[str, list[Lap]] = defaultdict(list)
    loads = []
    with ground(broker) as here:
        for number in range(1, rounds + 1):
            loads.append(load())
            _round(number, here, found, asked["stock_events"], laps)
    finish(
        outcome(
            "throughput",
            {**asked, "broker": broker, "partitions": PARTITIONS, "record_bytes": round(size)},
            _figures(laps),
            AIMS,
            {"load_before_each_round": loads, "worker": [lap.extra for lap in laps["worker"]]},
        )
    )


def _round(
    number: int, here: Ground, found: list[Record], stock_events: int, laps: defaultdict[str, list[Lap]]
) -> None:
    name = f"round{number}"
    environment = here.environment(name)
    topic = f"{name}.calls"
    asyncio.run(publish(found, environment, topic))
    for contestant in CONTESTANTS if stock_events else CONTESTANTS[:-1]:
        events = stock_events if contestant == "stock" else len(found)
        lap = run(contestant, Job(here.brokers, topic, PARTITIONS, events, environment))
        laps[contestant].append(lap)
        say(
            f"round {number}: {contestant:<10} {lap.per_s:>10,.0f} events/s, {_cpu_per_million(lap):6.2f} CPU s/million"
        )


def _figures(laps: dict[str, list[Lap]]) -> dict[str, Any]:
    rounds: dict[str, Any] = {}
    for name, found in laps.items():
        rounds[f"{name}_events_per_s"] = [lap.per_s for lap in found]
        rounds[f"{name}_cpu_s_per_million"] = [_cpu_per_million(lap) for lap in found]
    for name in [name for name in laps if name != "worker"]:
        pairs = zip(laps["worker"], laps[name], strict=True)
        rounds[f"ratio_{name}"] = [mine.per_s / theirs.per_s for mine, theirs in pairs]
    pairs = zip(laps["worker"], laps["same_core"], strict=True)
    rounds["ratio_same_core_cpu"] = [_cpu_per_million(theirs) / _cpu_per_million(mine) for mine, theirs in pairs]
    return rounds


def _cpu_per_million(lap: Lap) -> float:
    return lap.cpu_s / lap.events * 1_000_000


if __name__ == "__main__":
    throughput()
