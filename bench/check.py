"""`callpulse check` on a recorded day: events per second of one core.

`command` is the whole process, from the start of Python to the last line of JSON, by the clock and in CPU time;
`reading` is its share until lines are events, measured apart; `core` what is left of the CPU time: visits, tallies,
figures, and the start of Python.
"""

import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import click
import msgspec

from bench import recorded
from bench.brokers import inherited
from bench.figures import Aim, finish, load, outcome, say
from callpulse.check.run import Report, Request
from callpulse.check.run import check as run
from callpulse.settings import Settings
from callpulse.sources.reading import SourceOptions, open_source

AIMS = (Aim("command_events_per_s", ">=", 80_000), Aim("command_events_per_cpu_s", ">=", 80_000))


@click.command()
@click.option("--events", default=500_000, show_default=True, help="Lines of the log.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--profile", is_flag=True, help="Say where the time goes instead.")
def check(events: int, rounds: int, profile: bool) -> None:
    """Measure `callpulse check`."""
    with tempfile.TemporaryDirectory(prefix="callpulse-bench-") as folder:
        path = Path(folder) / "queue_log"
        say(f"writing a queue_log of {events:,} lines")
        recorded.write(path, events)
        if profile:
            _profile(path)
            return
        _measure(path, events, rounds)


def _measure(path: Path, lines: int, rounds: int) -> None:
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads, found = [], 0
    for number in range(1, rounds + 1):
        loads.append(load())
        wall, cpu, found = _command(path)
        reading = _seconds_reading(path)
        for name, seconds in (("command", cpu), ("reading", reading), ("core", cpu - reading)):
            figures[f"{name}_events_per_cpu_s"].append(found / seconds)
        figures["command_events_per_s"].append(found / wall)
        figures["command_cpu_s"].append(cpu)
        say(f"round {number}: {found / wall:,.0f} events/s, {found / cpu:,.0f} per second of CPU time")
    finish(outcome("check", {"lines": lines, "rounds": rounds, "events": found}, figures, AIMS, {"load": loads}))


def _command(path: Path) -> tuple[float, float, int]:
    """Wall and CPU seconds of the whole process, and its events."""
    argv = [sys.executable, "-m", "callpulse", "check", str(path), "--by", "day", "--json"]
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(argv, capture_output=True, env=inherited(), check=True)
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, int(msgspec.json.decode(done.stdout)["lines"]["events"])


def _seconds_reading(path: Path) -> float:
    began = time.process_time()
    for _, _events in open_source("queue_log", path, SourceOptions()):
        pass
    return time.process_time() - began


def _check(path: Path) -> Report:
    request = Request(path=path, source="queue_log", options=SourceOptions(), by="day")
    return run(request, Settings(), lambda _: None)


def _profile(path: Path) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(_check, path)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    check()
