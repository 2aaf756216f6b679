"""`callpulse demo`: from the start of the command to the first live figure in Redis, and the memory of what it runs."""

import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import click
from redis import Redis
from redis.exceptions import RedisError

from bench.brokers import inherited
from bench.figures import Aim, finish, load, outcome, say
from bench.processes import rss_mb, title, tree
from callpulse.current.keys import Keys

AIMS = (Aim("first_figure_s", "<=", 15),)
GIVE_UP_S = 60.0
LOOK_EVERY_S = 0.02
SITE = "demo"


class NoFigureError(Exception):
    """The demo showed nothing."""


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--memory-after", default=20.0, show_default=True, help="Seconds; measured in the last round.")
def demo(rounds: int, memory_after: float) -> None:
    """Measure how soon the demo is alive, and how much memory it takes."""
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads = []
    for number in range(1, rounds + 1):
        loads.append(load())
        with _running() as child:
            began = time.perf_counter()
            url = _redis_url(child)
            figures["redis_up_s"].append(time.perf_counter() - began)
            _wait_for_figure(url, began)
            figures["first_figure_s"].append(time.perf_counter() - began)
            say(f"round {number}: first figure after {figures['first_figure_s'][-1]:.1f} s")
            if number == rounds:
                time.sleep(max(0.0, memory_after - (time.perf_counter() - began)))  # its age is what is asked for
                for name, megabytes in _memory(child.pid).items():
                    figures[f"memory_mb: {name}"].append(megabytes)
    finish(outcome("demo", {"rounds": rounds, "memory_after_s": memory_after}, figures, AIMS, {"load": loads}))


@contextmanager
def _running() -> Iterator["subprocess.Popen[str]"]:
    argv = [sys.executable, "-m", "callpulse", "demo"]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=inherited())
    try:
        yield child
    finally:
        child.terminate()
        child.communicate(timeout=30)


def _redis_url(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    for line in child.stdout:
        if found := re.search(r"redis://[^ ,]+", line):
            return found[0]
    raise NoFigureError("the demo ended before it named its Redis")


def _wait_for_figure(url: str, began: float) -> None:
    """A queue with a visit: `all.offered` is there and not 0."""
    redis, keys = Redis.from_url(url, decode_responses=True), Keys(SITE)
    while time.perf_counter() - began < GIVE_UP_S:
        try:
            names = [str(name) for name in redis.zrange(keys.queues, 0, -1)]
        except RedisError:
            names = []
        if any(redis.hget(keys.of("queue", name), "all.offered") not in (None, "0") for name in names):
            return
        time.sleep(LOOK_EVERY_S)  # to watch for news would need a Redis that is up already
    raise NoFigureError(f"no figure within {GIVE_UP_S:.0f} s")


def _memory(pid: int) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for each in tree(pid):
        found[title(each)] += rss_mb(each)
    return {**found, "all": sum(found.values())}


if __name__ == "__main__":
    demo()
