"""Every event of a file in the order of its time, and what became of its lines."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field

from callpulse.check.run import MAX_NAMED, PROGRESS_EVERY, Refusal
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Rejected


class Recording(Struct):
    """An accumulator while it is read. `broken_off`: why reading stopped before the end of the file, or ""."""

    events: list[Event] = []
    lines: int = 0
    ignored: dict[str, int] = {}
    rejected: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = []
    broken_off: str = ""

    def refuse(self, refused: Rejected, line: int | None) -> None:
        """Counted; the first ones with their line, where it is known."""
        self.rejected[refused.reason.value] += 1
        if line is not None and len(self.refusals) < MAX_NAMED:
            self.refusals.append(Refusal(line, refused.reason.value, refused.field, refused.detail))


def read(source: str, path: Path, options: SourceOptions, progress: Callable[[int], None]) -> Recording:
    """The whole file; of two events of one millisecond the one that came first is first. `progress(lines)` is called
    now and then. Raises SourceError when nothing can be read."""
    found, reading = Recording(), open_source(source, path, options)
    try:
        for found.lines, each in reading:
            _take(found, each)
            if found.lines % PROGRESS_EVERY == 0:
                progress(found.lines)
    except SourceError as error:
        if not found.events:
            raise
        found.broken_off = str(error)
    found.ignored = dict(reading.ignored)
    found.events.sort(key=lambda event: event.at)
    return found


def _take(found: Recording, each: list[Event | Rejected]) -> None:
    for event in each:
        if isinstance(event, Rejected):
            found.refuse(event, found.lines)
        else:
            found.events.append(event)
