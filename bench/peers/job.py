"""What a program is asked and how it answers. Standard library alone: programs import it from Pythons of their own."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

KINDS = ("enqueued", "connected", "abandoned", "ended")
WINDOW_MS = 10_000
Row = tuple[str, int, list[int]]  # queue, start of the window (ms), numbers in the order of KINDS


class Job(NamedTuple):
    """Count the `events` records of `topic` by their timestamps. `name`: no other program has it. `folder`: empty."""

    brokers: str
    topic: str
    partitions: int
    events: int
    name: str
    folder: str


def asked() -> Job:
    """The job of this process."""
    return Job(**json.loads(sys.argv[1]))


def began() -> None:
    """The first event is here: from now on time counts."""
    print("first", flush=True)


def over() -> None:
    """The last event is counted: time counts no more."""
    print("last", flush=True)


def answer(job: Job, rows: Iterable[Row]) -> None:
    """What was counted."""
    results(job).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def results(job: Job) -> Path:
    """Where a program leaves what it has counted: a line of JSON for each Row."""
    return Path(job.folder) / "results.jsonl"


def counted(job: Job) -> dict[tuple[str, int], list[int]]:
    """What a program has counted; cells that came twice are added."""
    cells: dict[tuple[str, int], list[int]] = {}
    for line in results(job).read_text(encoding="utf-8").splitlines():
        queue, start_ms, numbers = json.loads(line)
        cell = cells.setdefault((queue, start_ms), [0] * len(KINDS))
        cell[:] = [old + new for old, new in zip(cell, numbers, strict=True)]
    return cells


def counters(of: Any = None) -> dict[str, int]:
    """Four counters by their kind, that of `of` at one."""
    return {kind: int(kind == of) for kind in KINDS}
