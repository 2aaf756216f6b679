"""Every event of a file, or of Kafka's topics, in the order of its time, and what became of its lines."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from callpulse.check.run import MAX_NAMED, PROGRESS_EVERY
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Heartbeat, Rejected


class Span(NamedTuple):
    """Of event times (ms UTC): from `since_ms` until before `until_ms`; None is all there is."""

    since_ms: int | None = None
    until_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        return (self.since_ms is None or at_ms >= self.since_ms) and (self.until_ms is None or at_ms < self.until_ms)


ALL = Span()


class Refusal(Struct, frozen=True):
    """What was set aside: `where` says which line, or which record."""

    where: str
    reason: str
    field: str
    detail: str


class Recording(Struct):
    """An accumulator while it is read. `name` says what is read, `unit` what of it is counted in `lines`; `outside` of
    the span are so many events. `heard` is the last heartbeat: of all it is the only one that says something here, how
    long the log goes on. `broken_off`: why reading stopped before the end, or ""."""

    name: str = ""
    unit: str = "lines"
    span: Span = ALL
    events: list[Event] = []
    lines: int = 0
    outside: int = 0
    heard: Heartbeat | None = None
    ignored: dict[str, int] = {}
    rejected: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = []
    broken_off: str = ""

    def keep(self, event: Event, into: list[Event]) -> None:
        """Take one event of the span; `into` is the list that holds those of its kind."""
        within = self.span.holds(event.at)
        if isinstance(event, Heartbeat):
            if within and (self.heard is None or event.at > self.heard.at):
                self.heard = event
        elif within:
            into.append(event)
        else:
            self.outside += 1

    def refuse(self, refused: Rejected, where: str | None) -> None:
        """Counted; the first ones with their place, where it is known."""
        self.rejected[refused.reason.value] += 1
        if where is not None and len(self.refusals) < MAX_NAMED:
            self.refusals.append(Refusal(where, refused.reason.value, refused.field, refused.detail))

    def finish(self) -> None:
        """All has been read: the events by their time; of two of one millisecond the one that came first is first."""
        self.events.sort(key=lambda event: event.at)
        if self.heard is not None and not (self.events and self.events[-1].at >= self.heard.at):
            self.events.append(self.heard)


def read(
    source: str, path: Path, options: SourceOptions, progress: Callable[[str], None], span: Span = ALL
) -> Recording:
    """The whole file. `progress(how far)` is called now and then. Raises SourceError when nothing can be read."""
    found, reading = Recording(name=str(path), span=span), open_source(source, path, options)
    try:
        for found.lines, each in reading:
            _take(found, each)
            if found.lines % PROGRESS_EVERY == 0:
                progress(f"{found.lines:,} lines of {path}")
    except SourceError as error:
        if not found.events:
            raise
        found.broken_off = str(error)
    found.ignored = dict(reading.ignored)
    found.finish()
    return found


def _take(found: Recording, each: list[Event | Rejected]) -> None:
    for event in each:
        if isinstance(event, Rejected):
            found.refuse(event, f"{found.name}, line {found.lines}")
        else:
            found.keep(event, found.events)
