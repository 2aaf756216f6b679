"""Workers as processes, and what of theirs can be read in Redis."""

import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from bench.brokers import Ground, inherited
from bench.pacing import COUNTERS
from callpulse.current import fields
from callpulse.current.keys import Keys
from callpulse.demo import children

Numbers = dict[str, fields.Number]
LOOK_EVERY_S = 0.02


class NeverError(Exception):
    """What was waited for did not come."""


class Crew:
    """Workers of one site, named as their topics are."""

    def __init__(self, here: Ground, name: str, environment: dict[str, str]) -> None:
        self.redis = Redis.from_url(here.redis_url, decode_responses=True)
        self.running: list[children.Child] = []
        self._keys = Keys(name)
        self._log = here.folder / f"{name}.log"
        self._environment = {**inherited(), **environment}

    def start(self) -> children.Child:
        """One worker more."""
        argv = [sys.executable, "-m", "callpulse", "worker", "--any-port"]
        child = children.start(argv, self._log, environment=self._environment)
        self.running.append(child)
        return child

    def stop(self, child: children.Child) -> None:
        """As SIGTERM does."""
        self.running.remove(child)
        children.stop(child, grace_s=20.0)

    def kill(self, child: children.Child) -> None:
        """As a power cut does."""
        self.running.remove(child)
        children.kill(child)

    def wait(self, what: str, ready: Callable[[], bool], seconds: float) -> float:
        """Look until `ready()`; how long it took. Raises NeverError."""
        began = time.perf_counter()
        while not ready():
            if time.perf_counter() - began > seconds:
                raise NeverError(f"{what}: not within {seconds:.0f} s.{children.last_lines(self._log)}")
            time.sleep(LOOK_EVERY_S)  # what is waited for lies with Redis, the disk or another process
        return time.perf_counter() - began

    # -- in Redis

    def values(self, queues: Collection[str]) -> dict[str, Numbers]:
        """All numbers of these queues; a queue that is not there has none."""
        readings = zip(queues, self._each(queues, lambda pipe, key: pipe.hgetall(key)), strict=True)
        found = {queue: fields.from_hash(stored) for queue, stored in readings}
        return {queue: reading.values if reading else {} for queue, reading in found.items()}

    def counted(self, queues: Collection[str]) -> dict[str, int]:
        """How many events of each queue are counted (see bench.pacing)."""
        found = zip(queues, self._each(queues, lambda pipe, key: pipe.hmget(key, COUNTERS)), strict=True)
        return {queue: sum(int(n or 0) for n in numbers) for queue, numbers in found}

    def writers(self, queues: Collection[str]) -> set[str]:
        """Who wrote these queues."""
        return set(self._each(queues, lambda pipe, key: pipe.hget(key, fields.WRITER)))

    def _each(self, queues: Collection[str], ask: Callable[[Any, str], object]) -> list[Any]:
        pipe = self.redis.pipeline(transaction=False)
        for queue in queues:
            ask(pipe, self._keys.of("queue", queue))
        answers: list[Any] = pipe.execute()
        return answers


@contextmanager
def crew(here: Ground, name: str, environment: dict[str, str]) -> Iterator[Crew]:
    """None of its workers outlives it."""
    found = Crew(here, name, environment)
    try:
        yield found
    finally:
        for child in list(found.running):
            found.kill(child)
        found.redis.close()


def peak_mb(pid: int) -> float:
    """The most memory a process has had in use, in units of 1,000,000 bytes (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6
