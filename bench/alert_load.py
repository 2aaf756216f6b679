"""What judging costs: queues, rules and the forecast, in cores.

Simulated queues of 20 and of 100 calls per half hour; every look is what comes in ten seconds: one record of the kpis
topic per queue, read, judged by every rule. `…_cores`: CPU time of the median look, as a share of ten seconds.
"""

import time
from collections.abc import Iterator
from statistics import median
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import click
import msgspec
from msgspec.structs import replace

from bench.alert_queue import Case, simulated
from bench.figures import Aim, finish, load, outcome
from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.engine import Engine, Plan
from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.seeing import moment_of
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.ticks import KEPT, Tick

LOOKS, WARM = 60, 30
ROUND_S = 10
MOST_CORES = 0.3
NOON = 1_795_348_800_000
CASES = (Case(20, 4, 3), Case(100, 14, 10))
FIGURES = 66  # of each window, as the worker writes them
WINDOWS = ("5m", "15m", "30m", "1h", "interval", "day", "all", "now")


def records(queues: int) -> Iterator[list[SimpleNamespace]]:
    """Of each look: the records of all queues."""
    ticks = [list(simulated(CASES[n % 2], 2, [], f"load {n}").ticks()) for n in range(8)]
    seen = {"service_level": {"value": 0.9, "n": 40}, "abandonment_rate": {"value": 0.02, "n": 40}}
    others = {f"figure_{n}": {"value": 0.8123, "n": 40} for n in range(FIGURES - len(seen))}
    windows = msgspec.json.encode(dict.fromkeys(WINDOWS, seen | others))
    for at in range(LOOKS):
        last = [each[max(0, at - KEPT + 1) : at + 1] for each in ticks]
        kept = [[tick._replace(at_ms=NOON + tick.at_ms) for tick in each] for each in last]
        yield [_record(f"queue {n}", kept[n % 8], windows) for n in range(queues)]


def _record(queue: str, ticks: list[Tick], windows: bytes) -> SimpleNamespace:
    told = msgspec.json.encode(ticks)
    return SimpleNamespace(queue=queue, spans={}, windows=windows, ticks=told, as_of_ms=ticks[-1].at_ms)


def cores(queues: int, rules: int, forecast: bool) -> float:
    """The median look, in cores."""
    more = [replace(DEFAULT_RULES[0], name=f"rule {n}") for n in range(rules - len(DEFAULT_RULES))]
    asked = [*DEFAULT_RULES, *more][:rules]
    engine = Engine(Plan(asked, ZoneInfo("UTC"), "bench", lambda _: ("desk",), capacity=forecast))
    took = []
    for round_ in records(queues):
        began_s = time.process_time()
        for record in round_:
            moment = moment_of(record, Policy(), record.as_of_ms)  # type: ignore[arg-type]  # what of it is read
            engine.look(moment, Sight.SEEN)
        took.append(time.process_time() - began_s)
    return median(took[WARM:]) / ROUND_S


@click.command()
@click.option("--queues", default=500, show_default=True, help="With the forecast; ten times as many without.")
@click.option("--rules", default=12, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def alert_load(queues: int, rules: int, rounds: int) -> None:
    """Measure what the alerts worker's judging costs."""
    cases = {f"{queues}_queues_forecast_cores": (queues, True), f"{queues * 10}_queues_cores": (queues * 10, False)}
    figures: dict[str, list[float]] = {name: [] for name in cases}
    loads = []
    for _ in range(rounds):
        loads.append(load())
        for name, (many, forecast) in cases.items():
            figures[name].append(cores(many, rules, forecast=forecast))
    asked = {"rules": rules, "every_s": ROUND_S, "looks": LOOKS, "rounds": rounds}
    aims = [Aim(name, "<=", MOST_CORES) for name in cases]
    finish(outcome("alert_load", asked, figures, aims, {"load_before_each_round": loads}))


if __name__ == "__main__":
    alert_load()
