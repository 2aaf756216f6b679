"""A small floor whose metrics can be counted by hand, and a twin of the worker that tells them."""

from collections.abc import AsyncIterator, Iterable, Sequence

from callpulse.stream.core import events as ev
from callpulse.stream.core import snapshot
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import RosterBook
from callpulse.stream.core.snapshot import QueueView, WindowReader
from callpulse.stream.core.windows import Calendar
from callpulse.stream.durations import Durations, Took
from callpulse.stream.metrics.source import PartitionHealth, QueueMetrics, WorkerHealth

START_MS = 1_700_000_100_000  # 2023-11-14T22:15:00Z, the start of an interval
AGENT = "agent Ada Lovelace"
CONTACT = "contact-0"


def took(*seconds: float) -> Took:
    """What took so long, each once."""
    durations = Durations()
    for each in seconds:
        durations.add(each)
    return durations.took()


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    """The text of a scrape."""
    return b"".join([piece async for piece in pieces])


class Telling:
    """The twin of the worker: says what it is given."""

    def __init__(self, views: Sequence[QueueMetrics], health: WorkerHealth) -> None:
        self._views, self._health = views, health

    def views(self) -> Iterable[QueueMetrics]:
        return iter(self._views)

    def health(self) -> WorkerHealth:
        return self._health


HEALTH = WorkerHealth(
    version="0.1.0",
    python="3.11.9",
    partitions=(
        PartitionHealth("callpulse.calls", 0, recovered=True, event_time_ms=START_MS + 500, lag=3),
        PartitionHealth("callpulse.calls", 1, recovered=False),
    ),
    events_read_total={"callpulse.calls": 40},
    rejected_total={"callpulse.calls": {"too_late": 2}},
    copies_skipped_total=5,
    conflicts_total=1,
    heartbeats_ms={"pbx": START_MS},
    contacts_held=7,
    cells_held={"tallies_live": 2},
    flushes=took(0.05, 0.05, 0.05, 0.1),
    last_flush_ms=START_MS + 1500,
    published={"round": took(), "redis": took(0.002, 12.0), "kpis": took()},
    redis_writes_total=11,
    redis_refused_total=1,
    redis_failures_total=2,
)


def after(seconds: float) -> int:
    return START_MS + round(seconds * 1000)


def visit(queue: str, number: int, end: type | None, wait_s: float, **fields: object) -> list[ev.Call]:
    """A visit that arrived `number` seconds after the start and ended (or still waits)."""
    key = {"queue": queue, "contact_id": f"contact-{number}", "channel": "voice"}
    arrival: list[ev.Call] = [ev.Enqueued(at=after(number), **key)]
    return arrival if end is None else [*arrival, end(at=after(number + wait_s), **key, **fields)]


def floor(queue: str = "sales") -> list[ev.Call]:
    """Answered after 0, 10, 20 and 20.001 s (the first handled: 60 s talk, 5 s hold, 10 s wrap-up), abandoned after 3
    and 40 s, one exit by timeout after 30 s, one lost, one still waiting since +9 s, one hang-up in the menu."""
    waits = (0, 10, 20, 20.001)
    answered = [visit(queue, i, ev.Connected, wait_s, agent=AGENT) for i, wait_s in enumerate(waits)]
    key = {"queue": queue, "contact_id": CONTACT, "agent": AGENT}
    ended = [ev.Ended(at=after(65), **key, talk_s=60, hold_s=5), ev.WrappedUp(at=after(75), **key, wrap_up_s=10)]
    left = [visit(queue, 4, ev.Abandoned, 3), visit(queue, 5, ev.Abandoned, 40)]
    others = [visit(queue, 6, ev.Exited, 30, cause="timeout"), visit(queue, 7, ev.Lost, 50, why="age")]
    waiting = [visit(queue, 9, None, 0), [ev.NotOffered(at=after(10), queue=queue, contact_id="m", why="menu")]]
    return [event for events in (*answered, ended, *left, *others, *waiting) for event in events]


def booked(events: Iterable[ev.Call]) -> CallBook:
    """The book after the events, each settled by itself."""
    book = CallBook(Limits())
    for offset, event in enumerate(events):
        assert book.take(event, offset) is None
        book.settle(offset)
    return book


def roster(queue: str) -> RosterBook:
    """One agent, ready since the start, talking since +30 s."""
    book = RosterBook(Limits())
    for offset, (at_s, state) in enumerate(((0, "ready"), (30, "talking"))):
        event = ev.AgentState(at=after(at_s), agent=AGENT, state=state, queues=(queue,), queue=queue)
        assert book.take(event, offset) is None
    return book


def seen(book: CallBook, queue: str, policy: Policy, as_of_s: float = 60) -> QueueView:
    """The queue as its figures are made of."""
    return snapshot.view(WindowReader(book, Calendar()), [roster(queue)], queue, policy, after(as_of_s))


def told(book: CallBook, queue: str, policy: Policy | None = None, as_of_s: float = 60) -> QueueMetrics:
    """The queue as the worker tells it."""
    judged, cell = policy or Policy(), book.totals[queue]
    figures = snapshot.figures([seen(book, queue, judged, as_of_s)])
    return QueueMetrics(queue, cell.channel, judged, dict(cell.booked), dict(cell.taken_back), figures)
