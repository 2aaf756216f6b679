"""What truly happened in a list of events, counted by hand: the judge in tests of the whole line.

It shares no code with the product's own KPIs. Events may come in any order and any number of times; it looks at
all of them at once, builds the visits one contact at a time, and counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from msgspec import Struct

from callpulse.stream.core.events import (
    Abandoned,
    Connected,
    Ended,
    Enqueued,
    Event,
    Exited,
    NotOffered,
    WrappedUp,
)

ALWAYS = (-(2**62), 2**62)


class VisitTruth(Struct):
    """One visit; times in ms UTC, None = has not happened. Built step by step, then only read."""

    queue: str
    contact_id: str
    arrived_at: int
    left_at: int | None = None
    outcome: str = "waiting"  # "answered", "abandoned", "exited"
    agent: str | None = None
    ended_at: int | None = None
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    transferred: bool = False

    @property
    def wait_ms(self) -> int:
        """Of a visit that has left."""
        assert self.left_at is not None
        return self.left_at - self.arrived_at


class QueueTruth(Struct, frozen=True):
    """The counts of one queue. `waiting` = neither answered nor gone at the end of the events."""

    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    exited: int = 0
    waiting: int = 0
    not_offered: int = 0
    wait_ms: int = 0  # sum over answered visits
    longest_wait_ms: int = 0  # of an answered visit
    handled: int = 0
    transferred: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0

    @property
    def service_level(self) -> float | None:
        """Answered within T, of all that left the queue; None when none did."""
        left = self.answered + self.abandoned + self.exited
        return self.answered_within / left if left else None


def visits(events: Iterable[Event]) -> list[VisitTruth]:
    """The visits that these events tell of, by arrival. Each visit must begin with its `enqueued`."""
    by_contact: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in set(events):
        if isinstance(event, Enqueued | Connected | Abandoned | Exited | Ended | WrappedUp):
            by_contact[event.queue, event.contact_id].append(event)
    found = [visit for story in by_contact.values() for visit in _of_one_contact(story)]
    return sorted(found, key=lambda visit: (visit.arrived_at, visit.queue, visit.contact_id))


def truth(
    events: Iterable[Event],
    *,
    threshold_s: float = 20.0,
    short_abandon_s: float = 5.0,
    arrived: tuple[int, int] = ALWAYS,
) -> dict[str, QueueTruth]:
    """Per queue, of the visits that arrived in [from, to) ms: a cohort, as clock intervals and days count."""
    all_events = list(events)
    cohort = [visit for visit in visits(all_events) if arrived[0] <= visit.arrived_at < arrived[1]]
    return _counted(all_events, cohort, threshold_s, short_abandon_s, lambda at: arrived[0] <= at < arrived[1])


def truth_between(
    events: Iterable[Event],
    from_ms: int,
    to_ms: int,
    *,
    threshold_s: float = 20.0,
    short_abandon_s: float = 5.0,
) -> dict[str, QueueTruth]:
    """Per queue, of what happened in [from, to) ms, each fact at its own time, as rolling windows count: offered
    at arrival, the outcome when it came, handling when the conversation ended. `waiting`: of those who arrived."""
    all_events = list(events)
    return _counted(
        all_events,
        visits(all_events),
        threshold_s,
        short_abandon_s,
        lambda at: from_ms <= at < to_ms,
        own_time=True,
    )


def _counted(
    events: list[Event],
    cohort: list[VisitTruth],
    threshold_s: float,
    short_abandon_s: float,
    counts: Callable[[int], bool],
    own_time: bool = False,
) -> dict[str, QueueTruth]:
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for visit in cohort:
        total = totals[visit.queue]
        if not own_time or counts(visit.arrived_at):
            total["offered"] += 1
            total["waiting"] += visit.left_at is None
        if visit.left_at is not None and (not own_time or counts(visit.left_at)):
            _count_outcome(total, visit, threshold_s * 1000, short_abandon_s * 1000)
        if visit.ended_at is not None and (not own_time or counts(visit.ended_at)):
            _count_handling(total, visit)
    for event in set(events):
        if isinstance(event, NotOffered) and counts(event.at):
            totals[event.queue]["not_offered"] += 1
    return {queue: QueueTruth(**total) for queue, total in sorted(totals.items())}


def _count_outcome(total: dict[str, int], visit: VisitTruth, threshold_ms: float, short_ms: float) -> None:
    total[visit.outcome] += 1
    if visit.outcome == "answered":
        total["answered_within"] += visit.wait_ms <= threshold_ms
        total["wait_ms"] += visit.wait_ms
        total["longest_wait_ms"] = max(total["longest_wait_ms"], visit.wait_ms)
    elif visit.outcome == "abandoned":
        total["abandoned_short"] += visit.wait_ms < short_ms


def _count_handling(total: dict[str, int], visit: VisitTruth) -> None:
    total["handled"] += 1
    total["transferred"] += visit.transferred
    total["talk_ms"] += visit.talk_ms
    total["hold_ms"] += visit.hold_ms
    total["wrap_up_ms"] += visit.wrap_up_ms


def _of_one_contact(story: list[Event]) -> list[VisitTruth]:
    """The visits of one contact in one queue. The simulator never lets two of its events there share a moment
    where their order would matter."""
    found: list[VisitTruth] = []
    for event in sorted(story, key=lambda event: event.at):
        if isinstance(event, Enqueued):
            found.append(VisitTruth(event.queue, event.contact_id, event.at))
        elif isinstance(event, Connected | Abandoned | Exited):
            _leave(found[-1], event)
        else:
            assert isinstance(event, Ended | WrappedUp)
            _handle(next(v for v in reversed(found) if v.agent == event.agent), event)
    return found


def _leave(visit: VisitTruth, event: Connected | Abandoned | Exited) -> None:
    assert visit.left_at is None, f"{event} leaves a queue that {visit} has left"
    visit.left_at = event.at
    visit.outcome = {Connected: "answered", Abandoned: "abandoned", Exited: "exited"}[type(event)]
    visit.agent = event.agent if isinstance(event, Connected) else None


def _handle(visit: VisitTruth, event: Ended | WrappedUp) -> None:
    if isinstance(event, WrappedUp):
        visit.wrap_up_ms = round((event.wrap_up_s or 0) * 1000)
        return
    visit.ended_at = event.at
    visit.talk_ms = round((event.talk_s or 0) * 1000)
    visit.hold_ms = round((event.hold_s or 0) * 1000)
    visit.transferred = event.by == "transfer"
