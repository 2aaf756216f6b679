"""What a contestant is asked, what it answers, and how it is run."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

import click
import msgspec
from msgspec import Struct

from bench.brokers import inherited

SECONDS_FOR_ONE = 300.0


class Job(Struct, frozen=True):
    """Read `events` records of `topic` from its start. `environment`: the settings of a worker.

    For those that share a topic: `only` these partitions (a worker takes what it is given instead), `ends` of all, and
    `begin_s`, before which nobody reads (perf_counter, one clock for all processes of a machine).
    """

    brokers: str
    topic: str
    partitions: int
    events: int
    environment: dict[str, str]
    only: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    begin_s: float = 0.0


class Lap(Struct, frozen=True):
    """From the first batch to the last: wall time, and CPU time of the whole process. `began_s`: perf_counter."""

    events: int
    seconds: float
    cpu_s: float
    extra: dict[str, float] = {}
    began_s: float = 0.0

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
        return Lap(events, time.perf_counter() - wall, time.process_time() - cpu, extra, wall)


def asked() -> Job:
    """The job of this process."""
    return msgspec.json.decode(sys.argv[1], type=Job)


def answer(lap: Lap) -> None:
    """The last line of this process."""
    click.echo(msgspec.json.encode(lap))
    sys.stdout.flush()


def released() -> None:
    """Returns when everybody has answered: who leaves sooner disturbs the others."""
    sys.stdin.read()


def run(name: str, job: Job) -> Lap:
    """Run a contestant. Raises ContestantError."""
    return together(name, [job])[0]


def together(name: str, jobs: Sequence[Job]) -> list[Lap]:
    """Run a contestant several times at once. Raises ContestantError."""
    with ExitStack() as running:
        logs = [running.enter_context(TemporaryFile("w+")) for _ in jobs]
        children = [running.enter_context(_started(name, job, log)) for job, log in zip(jobs, logs, strict=True)]
        giving_up = threading.Timer(SECONDS_FOR_ONE, _kill, [children])
        giving_up.start()
        running.callback(giving_up.cancel)
        answers = [child.stdout.readline() for child in children]  # type: ignore[union-attr]  # they are pipes
        for child, log in zip(children, logs, strict=True):
            child.communicate()
            if child.returncode:
                log.seek(0)
                raise ContestantError(f"{name} ended with {child.returncode}:\n{log.read()[-2000:]}")
    return [msgspec.json.decode(each, type=Lap) for each in answers]


def _kill(children: "Sequence[subprocess.Popen[str]]") -> None:
    for child in children:
        child.kill()


def _started(name: str, job: Job, log: IO[str]) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", f"bench.contestants.{name}", msgspec.json.encode(job).decode()]
    pipe = subprocess.PIPE
    return subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=log, text=True, env=inherited())
