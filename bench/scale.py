"""The same number of events over ever more queues: what a queue more costs a worker that catches up."""

import asyncio
from collections import defaultdict

import click

from bench.brokers import PARTITIONS, Kind, ground
from bench.contestants.job import Job, run
from bench.even import even
from bench.figures import Aim, finish, load, outcome, say
from bench.traffic import publish
from callpulse import clock

QUEUES = (10, 100, 1_000, 10_000)
PER_S = 2_000
AIMS = (Aim("ratio_most_queues", ">=", 0.7),)


@click.command()
@click.option("--events", default=300_000, show_default=True)
@click.option("--queues", type=int, multiple=True, default=QUEUES, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--broker", type=click.Choice(["apache", "embedded"]), default="apache", show_default=True)
def scale(events: int, queues: tuple[int, ...], rounds: int, broker: Kind) -> None:
    """Measure how throughput falls with the number of queues."""
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads = []
    with ground(broker) as here:
        for number in range(1, rounds + 1):
            loads.append(load())
            per_s: dict[int, float] = {}
            for many in queues:
                name = f"round{number}q{many}"
                environment, topic = here.environment(name), f"{name}.calls"
                start_ms = clock.now_ms() - 1000 * events // PER_S - 60_000
                asyncio.run(publish(even(events, many, PARTITIONS, start_ms, PER_S), environment, topic))
                lap = run("worker", Job(here.brokers, topic, PARTITIONS, events, environment))
                per_s[many] = lap.per_s
                figures[f"queues_{many}_events_per_s"].append(lap.per_s)
                figures[f"queues_{many}_cpu_s_per_million"].append(1_000_000 * lap.cpu_s / events)
                say(f"round {number}: {many:>6,} queues {lap.per_s:>10,.0f} events/s")
            figures["ratio_most_queues"].append(per_s[max(queues)] / per_s[min(queues)])
    finish(
        outcome(
            "scale",
            {"events": events, "queues": list(queues), "rounds": rounds, "broker": broker, "event_time_per_s": PER_S},
            figures,
            AIMS,
            {"load_before_each_round": loads},
        )
    )


if __name__ == "__main__":
    scale()
