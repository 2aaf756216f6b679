"""A whole file of one source, read once: for `check` and `replay`."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from callpulse.sources.csv_mapping import load_mapping
from callpulse.sources.csv_rows import CsvRows
from callpulse.sources.event_lines import EventLines
from callpulse.sources.lines import LONGEST_LINE, read_lines
from callpulse.sources.queue_log import QueueLog
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Reason, Rejected

SOURCES = ("queue_log", "csv", "events")
_TOO_LONG = Rejected(Reason.TOO_LARGE, "", f"a line of more than {LONGEST_LINE:,} characters; expected fewer")
Numbered = tuple[int, list[Event | Rejected]]


class SourceOptions(Struct, frozen=True):
    """What a user may say about a file: `mapping` is for csv, `log` for queue_log. `log.customer_key` is
    for both."""

    mapping: Path | None = None
    log: QueueLogOptions = QueueLogOptions()


class Reading:
    """Iterates over (line number, its events or refusals); lines that say nothing new have none, and are
    counted in `ignored`. Iterating raises SourceError where the file cannot be read on; what came before
    stays good."""

    def __init__(self, rows: Iterator[Numbered], ignored: Mapping[str, int]) -> None:
        self._rows = rows
        self.ignored = ignored

    def __iter__(self) -> Iterator[Numbered]:
        return self._rows


def open_source(name: str, path: Path, options: SourceOptions | None = None) -> Reading:
    """Opens a plain or zipped file. Raises SourceError: unknown source, missing file, directory, bad
    mapping."""
    options = options or SourceOptions()
    if name == "queue_log":
        return _queue_log(path, options.log)
    if name == "csv":
        return _csv(path, options)
    if name == "events":
        return _events(path)
    raise SourceError(f"{name!r} is no source; expected one of {', '.join(SOURCES)}")


def doubt(source: str) -> str:
    """What to ask somebody in whose file this source found nothing."""
    if source != "queue_log":
        return f"is {source} the right source?"
    return (
        "is queue_log the right source? For a CSV or TSV name a file that says what its columns mean, --mapping FILE "
        "(there are some in examples/mappings); for events as JSON lines, --source events"
    )


def queue_log(options: QueueLogOptions) -> QueueLog:
    """As QueueLog; raises SourceError for an agent pattern that is none."""
    try:
        pattern = re.compile(options.agent_pattern)
    except re.error as error:
        raise SourceError(f"agent_pattern {options.agent_pattern!r}: {error}; expected a regular expression") from None
    if pattern.groups < 1:
        raise SourceError(f"agent_pattern {options.agent_pattern!r}: expected a group in brackets around the id")
    return QueueLog(options)


def _queue_log(path: Path, options: QueueLogOptions) -> Reading:
    log, lines = queue_log(options), read_lines(path)
    feed = log.feed
    return Reading(_fed(lines, feed), log.ignored)


def _csv(path: Path, options: SourceOptions) -> Reading:
    if options.mapping is None:
        raise SourceError("the csv source needs a mapping; name a TOML file with --mapping")
    mapping = load_mapping(options.mapping)
    rows = CsvRows(mapping, options.log.customer_key)
    lines = read_lines(path, mapping.file.encoding)
    return Reading(_named(path, rows.rows(line + "\n" for line in lines)), rows.skipped)


def _events(path: Path) -> Reading:
    events, lines = EventLines(), read_lines(path)
    return Reading(_fed(lines, lambda line, _: events.feed(line)), events.ignored)


def _fed(lines: Iterator[str], feed: Callable[[str, int], list[Event | Rejected]]) -> Iterator[Numbered]:
    for number, line in enumerate(lines, 1):
        yield number, feed(line, number) if len(line) <= LONGEST_LINE else [_TOO_LONG]


def _named(path: Path, rows: Iterator[Numbered]) -> Iterator[Numbered]:
    try:
        yield from rows
    except SourceError as error:
        message = str(error)
        raise SourceError(message if message.startswith(str(path)) else f"{path}: {message}") from None
