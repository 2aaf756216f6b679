"""`python -m bench.peers`."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import click

from bench.brokers import PARTITIONS, Ground, ground
from bench.contestants.job import Lap
from bench.figures import Aim, finish, load, outcome, say
from bench.peers.events import Timed, made, truth
from bench.peers.job import Job
from bench.peers.laps import run
from bench.peers.places import UnavailableError, java_for, python_for
from bench.sending import send_to_new
from callpulse import clock

HOUR_MS = 3_600_000
CPU_TICK_S = 0.01
SECONDS_FOR_ONE = 120.0


class Peer(NamedTuple):
    """`start`: the command that its program is given to. `share`: of the events, where it is slow."""

    start: Callable[[], list[str]]
    program: str
    share: float = 1.0


BYTEWAX = partial(python_for, "bytewax", (3, 12))
PEERS = {
    "ours": Peer(lambda: [sys.executable, "-m"], "bench.peers.callpulse.program"),
    "kafka_streams": Peer(partial(java_for, "kafka_streams"), "bench.Counts"),
    "bytewax_batches": Peer(BYTEWAX, "bench.peers.bytewax.batches"),
    "bytewax_windows": Peer(BYTEWAX, "bench.peers.bytewax.windows"),
    "quix_streams": Peer(partial(python_for, "quix_streams"), "bench.peers.quix_streams.program", 1 / 5),
    "stock_faust": Peer(partial(python_for, "stock_faust"), "bench.peers.stock_faust.program", 1 / 50),
}
OTHERS = tuple(name for name in PEERS if name != "ours")
AIMS = tuple(Aim(f"ratio_{name}{of}", ">=", 1) for name in OTHERS for of in ("", "_cpu"))


@click.command()
@click.option("--events", default=1_000_000, show_default=True, help="Of which slow peers get the first part.")
@click.option("--queues", default=200, show_default=True)
@click.option("--per-s", default=2_000, show_default=True, help="Events in a second of event time.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--only", type=click.Choice(OTHERS), multiple=True, help="Leave the others out.")
def peers(events: int, queues: int, per_s: int, rounds: int, only: tuple[str, ...]) -> None:
    """Measure the simple job as others do it, and as we do."""
    commands, lacking = _commands(("ours", *(only or OTHERS)))
    records = made(events, queues, PARTITIONS, clock.now_ms() - HOUR_MS, per_s)
    size = round(sum(len(value) for _, value, _, _ in records) / len(records))
    say(f"{len(records):,} records of {size} bytes")
    laps: defaultdict[str, list[Lap]] = defaultdict(list)
    loads = []
    with ground("apache") as here:
        for number in range(1, rounds + 1):
            loads.append(load())
            _round(number, here, records, commands, laps)
    asked = {"events": events, "queues": queues, "event_time_per_s": per_s, "rounds": rounds, "record_bytes": size}
    finish(outcome("peers", asked, _figures(laps), AIMS, {"load_before_each_round": loads, "left_out": lacking}))


def _commands(names: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Peer -> its command; and what each that this machine cannot run lacks."""
    commands, lacking = {}, []
    for name in names:
        try:
            commands[name] = [*PEERS[name].start(), PEERS[name].program]
        except UnavailableError as lack:
            lacking.append(str(lack))
            say(f"left out: {lack}")
    return commands, lacking


def _round(
    number: int, here: Ground, records: list[Timed], commands: dict[str, list[str]], laps: dict[str, list[Lap]]
) -> None:
    parts: dict[int, list[Timed]] = {}
    for name, command in commands.items():
        size = max(1, round(len(records) * PEERS[name].share))
        topic, folder = f"round{number}-{size}", here.folder / f"{name}-{number}"
        if size not in parts:
            parts[size] = records[:size]
            asyncio.run(send_to_new(topic, PARTITIONS, parts[size], here.brokers))
        folder.mkdir()
        job = Job(here.brokers, topic, PARTITIONS, size, f"{name}-{number}", str(folder))
        lap = run(command, job, truth(parts[size]), SECONDS_FOR_ONE)
        laps[name].append(lap)
        say(f"round {number}: {name:<16} {lap.per_s:>10,.0f} events/s, {_cpu(lap):6.2f} CPU s/million")


def _figures(laps: dict[str, list[Lap]]) -> dict[str, list[float]]:
    rounds: dict[str, list[float]] = {}
    for name, found in laps.items():
        rounds[f"{name}_events_per_s"] = [lap.per_s for lap in found]
        rounds[f"{name}_cpu_s_per_million"] = [_cpu(lap) for lap in found]
    for name in [name for name in laps if name != "ours"]:
        pairs = list(zip(laps["ours"], laps[name], strict=True))
        rounds[f"ratio_{name}"] = [mine.per_s / theirs.per_s for mine, theirs in pairs]
        rounds[f"ratio_{name}_cpu"] = [_cpu(theirs) / _cpu(mine) for mine, theirs in pairs]
    return rounds


def _cpu(lap: Lap) -> float:
    """CPU seconds per million events; of what took less than the clock of CPU time can tell, as if it had."""
    return max(lap.cpu_s, CPU_TICK_S) / lap.events * 1_000_000


if __name__ == "__main__":
    peers()
