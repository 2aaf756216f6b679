"""What a contestant is asked, what it answers, and how it is run."""

import subprocess
import sys
import time

import click
import msgspec
from msgspec import Struct

from bench.brokers import inherited

SECONDS_FOR_ONE = 300.0


class Job(Struct, frozen=True):
    """Read `events` records of `topic` from its start. `environment`: the settings of a worker."""

    brokers: str
    topic: str
    partitions: int
    events: int
    environment: dict[str, str]


class Lap(Struct, frozen=True):
    """From the first batch to the last: wall time, and CPU time of the whole process."""

    events: int
    seconds: float
    cpu_s: float
    extra: dict[str, float] = {}

    @property
    def per_s(self) -> float:
        return self.events / self.seconds


class ContestantError(Exception):
    """A contestant failed; the message quotes what it said."""


class Watch:
    """Starts with the first batch: what a process does before that is not counted."""

    def __init__(self) -> None:
        self._begun: tuple[float, float] | None = None

    def start(self) -> None:
        if self._begun is None:
            self._begun = (time.perf_counter(), time.process_time())

    def lap(self, events: int, **extra: float) -> Lap:
        assert self._begun is not None, "no batch came"
        wall, cpu = self._begun
        return Lap(events, time.perf_counter() - wall, time.process_time() - cpu, extra)


def asked() -> Job:
    """The job of this process."""
    return msgspec.json.decode(sys.argv[1], type=Job)


def answer(lap: Lap) -> None:
    """The last line of this process."""
    click.echo(msgspec.json.encode(lap))


def run(name: str, job: Job) -> Lap:
    """Run a contestant. Raises ContestantError."""
    argv = [sys.executable, "-m", f"bench.contestants.{name}", msgspec.json.encode(job).decode()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS_FOR_ONE, env=inherited(), check=False)
    if done.returncode:
        raise ContestantError(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Lap)
