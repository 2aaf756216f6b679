"""`callpulse check FILE`: read a log, compute, print the board or JSON."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from callpulse.check.compute import By, Checked, figures
from callpulse.settings import Settings
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.snapshot import Figures

MAX_NAMED = 20  # refused lines told one by one; all are counted
BATCH = 512
PROGRESS_EVERY = 20_000
Row = tuple[int, list[Any]]  # line number, its events and refusals


class Refusal(Struct, frozen=True):
    """A line that was set aside."""

    line: int
    reason: str
    field: str
    detail: str


class Request(Struct, frozen=True):
    """What to check and how to show it."""

    path: Path
    source: str
    options: SourceOptions
    by: By = "board"
    at_ms: int | None = None
    threshold_s: int | None = None


class Report(Struct, frozen=True):
    """What came out."""

    as_of_ms: int | None  # None: nothing happened in this log
    queues: dict[str, Figures]
    total: Figures
    lines: int
    events: int
    later: int
    ignored: dict[str, int]
    rejected: dict[str, int]
    refusals: list[Refusal]
    broken_off: str  # why reading stopped before the end, or ""


def check(request: Request, settings: Settings, progress: Callable[[int], None]) -> Report:
    """Run the whole file through the core. `progress(lines)` is called now and then. Raises SourceError when nothing
    can be read."""
    enabled = gc.isenabled()
    gc.disable()  # a large log makes millions of small tuples without a cycle among them
    try:
        return _checked(request, settings, progress)
    finally:  # all of them are gone again: nothing is left to search
        if enabled:
            gc.enable()


def _checked(request: Request, settings: Settings, progress: Callable[[int], None]) -> Report:
    checked = Checked(settings.limits(), settings.calendar(), request.at_ms, request.by)
    tally = _Lines(progress)
    reading = open_source(request.source, request.path, request.options)
    broken_off = _read(iter(reading), checked, tally)
    as_of = checked.finish(settings.channel)
    by_queue, total = figures(checked, as_of, request.by, _policy_of(settings, request.threshold_s))
    return Report(
        None if request.at_ms is None and not checked.events else as_of,
        by_queue,
        total,
        tally.lines,
        checked.events,
        checked.later,
        dict(reading.ignored),
        dict(tally.rejected),
        tally.refusals,
        broken_off,
    )


class _Lines:
    """Accounts for every line."""

    def __init__(self, progress: Callable[[int], None]) -> None:
        self.lines = 0
        self.rejected: Counter[str] = Counter()
        self.refusals: list[Refusal] = []
        self.progress = progress

    def read(self, batch: list[Row]) -> None:
        if batch:
            before, self.lines = self.lines, batch[-1][0]
            if before // PROGRESS_EVERY != self.lines // PROGRESS_EVERY:
                self.progress(self.lines)

    def refuse(self, line: int, refused: Rejected) -> None:
        self.rejected[refused.reason.value] += 1
        if len(self.refusals) < MAX_NAMED:
            self.refusals.append(Refusal(line, refused.reason.value, refused.field, refused.detail))


def _read(rows: Iterator[Row], checked: Checked, tally: _Lines) -> str:
    take = checked.take
    try:
        for batch in _batches(rows):
            for number, found in batch:
                for event in found:
                    refused = event if type(event) is Rejected else take(event)
                    if refused is not None:
                        tally.refuse(number, refused)
            tally.read(batch)
    except SourceError as error:
        if not checked.events:
            raise
        return str(error)
    return ""


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Reading and booking in turns of many lines: a processor forgets the one while it does the other. What was read
    before a SourceError comes before it."""
    batch: list[Row] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except SourceError:
        yield batch
        raise
    yield batch


def _policy_of(settings: Settings, threshold_s: int | None) -> Callable[[str], Policy]:
    if threshold_s is None:
        return settings.policy
    return lambda queue: _with_threshold(settings.policy(queue), threshold_s)


def _with_threshold(policy: Policy, threshold_s: int) -> Policy:
    return Policy(threshold_s, policy.boundary, policy.formula, policy.target, policy.short_abandon_s)
