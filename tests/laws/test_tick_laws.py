"""Ticks: each is what a plain reading of the visits and of the agents' changes says of its pane."""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import RosterBook
from callpulse.stream.core.ticks import BUSY, KEPT, STAFFED, Tick, Ticks
from callpulse.stream.core.windows import PANE_MS

NOON = 1_795_348_800_000
QUEUE, T_MS = "sales", 20_000
PANES = 12
END_MS = NOON + PANES * PANE_MS


class Told(NamedTuple):
    arrival: int
    left: int
    ended: int | None  # None = abandoned


def moments(largest: int = PANES * PANE_MS - 1) -> st.SearchStrategy[int]:
    return st.integers(0, largest) | st.integers(0, PANES - 1).map(lambda pane: pane * PANE_MS)


@st.composite
def visits(draw: st.DrawFn) -> list[Told]:
    found = []
    for _ in range(draw(st.integers(0, 12))):
        arrival, wait, talk = draw(moments()), draw(moments(60_000)), draw(st.none() | moments(90_000))
        left = NOON + arrival + wait
        found.append(Told(NOON + arrival, left, None if talk is None else left + talk))
    return found


def story(told: list[Told]) -> list[Any]:
    events: list[Any] = []
    for number, visit in enumerate(told):
        place: dict[str, Any] = {"queue": QUEUE, "contact_id": str(number)}
        events.append(ev.Enqueued(at=visit.arrival, **place))
        if visit.ended is None:
            events.append(ev.Abandoned(at=visit.left, **place))
        else:
            events += [ev.Connected(at=visit.left, agent="1", **place), ev.Ended(at=visit.ended, agent="1", **place)]
    return sorted(events, key=lambda event: event.at)


def ticks_of(events: list[Any], every_ms: int, roster: RosterBook | None = None) -> list[Tick]:
    """As a publisher comes to them that looks in `every_ms` after it looked last, and at the end."""
    book = CallBook(Limits())
    ticks, found = Ticks(book), dict[int, Tick]()
    looks = [*range(NOON, END_MS, every_ms), END_MS]
    waiting = list(events)
    for number, look in enumerate(looks):
        while waiting and waiting[0].at < look:
            book.take(waiting.pop(0), len(events) - len(waiting))
            book.settle(len(events) - len(waiting))
        book.take(ev.Heartbeat(at=look, source="pbx"), 1000 + number)
        found |= {tick.at_ms: tick for tick in ticks.rows(QUEUE, Policy(), roster, book.clock_ms)}
    return [found[at] for at in sorted(found) if at > NOON]


@given(visits(), st.sampled_from([1_000, 5_000, 7_300]))
def test_a_tick_is_what_the_visits_say_of_its_pane(told: list[Told], every_ms: int) -> None:
    found = ticks_of(story(told), every_ms)
    assert [tick.at_ms for tick in found] == [NOON + PANE_MS * (n + 1) for n in range(PANES)]
    for tick in found:
        end = tick.at_ms
        start = end - PANE_MS
        in_time = [v for v in told if v.ended is not None and v.left - v.arrival <= T_MS]
        hits = sum(start <= v.left < end for v in in_time)
        misses = sum(start <= min(v.left, v.arrival + T_MS) < end for v in told if v not in in_time)
        waits = [end - v.arrival for v in told if v.arrival < end <= v.left]
        served = sum(v.ended is not None and v.left < end <= v.ended for v in told)
        assert (tick.arrivals, tick.hits, tick.misses) == (
            sum(start <= v.arrival < end for v in told), hits, misses,
        )  # fmt: skip
        assert (tick.waiting, tick.oldest_wait_ms) == (len(waits), max(waits, default=0))
        assert (tick.staffed, tick.busy, tick.busy_ms) == (None, served, served * PANE_MS)
        assert tick.ended == sum(v.ended is not None and start <= v.ended < end for v in told)


@given(
    st.lists(st.tuples(st.sampled_from(["7", "8"]), moments(), st.sampled_from([*STAFFED, "not_ready", "logged_out"])))
)
def test_people_are_those_of_the_pane_whatever_they_do_later(changes: list[tuple[str, int, Any]]) -> None:
    roster = RosterBook(Limits())
    known: dict[str, dict[int, str]] = {"7": {}, "8": {}}
    for number, (agent, at, state) in enumerate(changes):
        if NOON + at not in known[agent]:
            known[agent][NOON + at] = state
            roster.take(ev.AgentState(at=NOON + at, agent=agent, state=state, queues=(QUEUE,), queue=QUEUE), number)
    for tick in ticks_of([], 5_000, roster):
        states = [state_at(line, tick.at_ms - 1) for line in known.values()]
        busy_ms = (
            sum(
                state_at(line, at) in BUSY
                for line in known.values()
                for at in range(tick.at_ms - PANE_MS, tick.at_ms, 1)
            )
            if changes and tick.at_ms % (3 * PANE_MS) == 0
            else None
        )  # millisecond by millisecond takes its time
        if not changes:
            assert tick.staffed is None
            continue
        assert (tick.staffed, tick.busy) == (sum(s in STAFFED for s in states), sum(s in BUSY for s in states))
        assert busy_ms is None or tick.busy_ms == busy_ms


def state_at(line: dict[int, str], at_ms: int) -> str:
    return max(((at, state) for at, state in line.items() if at <= at_ms), default=(0, ""))[1]


def test_who_is_lost_after_waiting_past_t_was_a_miss_once() -> None:
    place: dict[str, Any] = {"queue": QUEUE, "contact_id": "1"}
    found = ticks_of([ev.Enqueued(at=NOON + 1000, **place), ev.Lost(at=NOON + 45_000, why="other", **place)], 5_000)
    assert [tick.misses for tick in found[:6]] == [0, 0, 1, 0, 0, 0]


def test_after_a_gap_only_the_newest_ticks_are_made() -> None:
    book = CallBook(Limits())
    ticks = Ticks(book)
    book.take(ev.Heartbeat(at=NOON, source="pbx"), 0)
    assert [tick.at_ms for tick in ticks.rows(QUEUE, Policy(), None, book.clock_ms)] == [NOON]
    book.take(ev.Heartbeat(at=NOON + 1000 * PANE_MS, source="pbx"), 1)
    kept = ticks.rows(QUEUE, Policy(), None, book.clock_ms)
    assert len(kept) == KEPT
    assert (kept[0].at_ms, kept[-1].at_ms) == (NOON + (1001 - KEPT) * PANE_MS, NOON + 1000 * PANE_MS)
