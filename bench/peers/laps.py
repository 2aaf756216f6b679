"""One program from start to end: seconds and CPU time between the two lines it writes, and what it has counted."""

import json
import subprocess
import threading
import time
from pathlib import Path

from bench.brokers import inherited
from bench.contestants.job import ContestantError, Lap
from bench.peers.job import Job, counted
from bench.peers.places import ROOT
from bench.processes import cpu_s, tree

Cells = dict[tuple[str, int], list[int]]


class WrongCountError(Exception):
    """A program did another job than was asked."""


def run(argv: list[str], job: Job, truth: Cells, timeout_s: float) -> Lap:
    """Raises ContestantError for a program that failed or took too long, WrongCountError."""
    log = Path(job.folder) / "log"
    with log.open("wb") as errors:
        child = subprocess.Popen(
            [*argv, json.dumps(job._asdict())],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**inherited(), "PYTHONPATH": str(ROOT)},
            cwd=job.folder,
        )
        giving_up = threading.Timer(timeout_s, child.kill)
        giving_up.start()
        try:
            marks = _marks(child)
        finally:
            giving_up.cancel()
            child.kill()
            child.wait()
    if child.returncode or len(marks) < 2:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise ContestantError(f"{job.name} ended with {child.returncode} (it had {timeout_s:.0f} s):\n{said}")
    _compare(job, truth)
    (began, cpu_began), (over, cpu_over) = marks
    return Lap(job.events, over - began, cpu_over - cpu_began)


def _marks(child: "subprocess.Popen[str]") -> list[tuple[float, float]]:
    """When it wrote its two lines, and how much CPU time it had used by then; returns when it has ended."""
    assert child.stdout is not None
    marks = []
    for line in child.stdout:
        if line.strip() in ("first", "last"):
            marks.append((time.perf_counter(), sum(cpu_s(pid) for pid in tree(child.pid))))
    child.wait()
    return marks


def _compare(job: Job, truth: Cells) -> None:
    found = counted(job)
    wrong = [cell for cell in truth.keys() | found.keys() if truth.get(cell) != found.get(cell)]
    if wrong:
        cell = min(wrong)
        example = f"{cell}: {found.get(cell)} instead of {truth.get(cell)}"
        raise WrongCountError(f"{job.name}: {len(wrong)} of {len(truth)} cells differ, for example {example}")
