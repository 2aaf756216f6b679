"""What a board reads: each window is a plain sum over the facts that lie in it."""

import itertools
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core import events as ev
from callpulse.stream.core import windows
from callpulse.stream.core.details import IntervalStrip
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.minutes import MinuteStrip
from callpulse.stream.core.snapshot import Seen, WindowReader, figures, part, view
from callpulse.stream.core.tally import OFFERED, difference, without_handle_bins
from callpulse.stream.core.windows import ROLLING, Calendar, Span
from tests.laws.books import Named, booked, named
from tests.laws.made import feeds
from tests.laws.oracle import bookings, of_totals_alone, story

CALENDARS = st.builds(Calendar, st.just("Asia/Kathmandu"), st.sampled_from([0, 435]), st.sampled_from([15, 30]))
THREE_HOURS_MS = 3 * 3_600_000
LATER_MS = st.sampled_from([0, 1, 9_999, 60_000, 900_000, 3_000_000])


def plain_sum(events: list[Any], queue: str, span: Span | None, *, by_arrival: bool) -> Named:
    """Everything told of a queue whose own time (or whose visit's arrival) lies in the span."""
    out: Named = {}
    for contact in {e.contact_id for e in events if e.queue == queue}:
        for arrival, at, what, much in bookings(
            story(e for e in events if (e.queue, e.contact_id) == (queue, contact))
        ):
            if not of_totals_alone(what) and (span is None or (arrival if by_arrival else at) in span):
                out[what] = out.get(what, 0) + much
    return out


@given(feeds(), CALENDARS, LATER_MS)
def test_every_window_is_a_plain_sum_of_what_lies_in_it(events: list[ev.Call], calendar: Calendar, later: int) -> None:
    book = booked(events)
    reader = WindowReader(book, calendar)
    as_of = book.clock_ms + later
    for queue in book.totals:
        spans = reader.spans(as_of)
        for name, tally in reader.tallies(queue, spans, as_of).items():
            expected = plain_sum(events, queue, spans.get(name), by_arrival=name not in ROLLING)
            assert named(tally) == expected, name


@given(feeds(), feeds(), CALENDARS)
def test_sums_that_are_kept_follow_every_change(first: list[ev.Call], then: list[ev.Call], calendar: Calendar) -> None:
    """Read now, and three hours later, when all of it is history."""
    book = booked(first)
    reader = WindowReader(book, calendar)

    def read(reader: WindowReader, queue: str) -> list[Any]:
        moments = (book.clock_ms, book.clock_ms + THREE_HOURS_MS)
        return [reader.tallies(queue, reader.spans(as_of), as_of) for as_of in moments]

    for offset, event in enumerate(then, start=len(first)):
        for queue in list(book.totals):
            read(reader, queue)
        book.take(event, offset)
        book.settle(offset)
    for queue in book.totals:
        assert read(reader, queue) == read(WindowReader(book, calendar), queue)
        cell = book.totals[queue]
        assert reader.total(queue) == without_handle_bins(difference(cell.booked, cell.taken_back))


@given(feeds(), feeds(), CALENDARS)
def test_late_events_reach_what_was_settled(first: list[ev.Call], late: list[ev.Call], calendar: Calendar) -> None:
    book = booked(first)
    reader = WindowReader(book, calendar)
    book.take(ev.Heartbeat(at=book.clock_ms + THREE_HOURS_MS, source="pbx"), len(first))
    for offset, event in enumerate(late, start=len(first) + 1):
        for queue in book.totals:
            reader.tallies(queue, reader.spans(book.clock_ms), book.clock_ms)
        book.take(event, offset)
        book.settle(offset)
    spans = reader.spans(book.clock_ms)
    for queue in book.totals:
        fresh = WindowReader(book, calendar).tallies(queue, spans, book.clock_ms)
        assert reader.tallies(queue, spans, book.clock_ms) == fresh


@given(feeds(), feeds(), CALENDARS, st.sampled_from([0, THREE_HOURS_MS]), st.sampled_from([0, 1000, 30_000]))
def test_what_is_shown_again_is_what_a_first_look_would_show(
    first: list[ev.Call], then: list[ev.Call], calendar: Calendar, passed_ms: int, later_ms: int
) -> None:
    book, policy = booked(first), Policy()
    reader = WindowReader(book, calendar)
    strip, minutes, last = IntervalStrip(reader), MinuteStrip(reader), dict[str, Seen]()
    book.take(ev.Heartbeat(at=book.clock_ms + passed_ms, source="pbx"), len(first))
    for offset, event in enumerate(then, start=len(first) + 1):
        for queue in book.totals:
            seen = view(reader, [], queue, policy, book.clock_ms)
            last[queue] = seen, figures([seen], last=last.get(queue))
            strip.rows(queue, policy, book.clock_ms)
            minutes.rows(queue, policy, book.clock_ms)
        book.take(event, offset)
        book.settle(offset)
    book.take(ev.Heartbeat(at=book.clock_ms + later_ms, source="pbx"), len(first) + len(then) + 1)
    fresh = WindowReader(book, calendar)
    for queue in book.totals:
        seen = view(reader, [], queue, policy, book.clock_ms)
        assert figures([seen], last=last.get(queue)) == figures([view(fresh, [], queue, policy, book.clock_ms)])
        assert strip.rows(queue, policy, book.clock_ms) == IntervalStrip(fresh).rows(queue, policy, book.clock_ms)
        assert minutes.rows(queue, policy, book.clock_ms) == MinuteStrip(fresh).rows(queue, policy, book.clock_ms)


@given(feeds(), CALENDARS, st.integers(0, 3_000_000))
def test_what_has_not_happened_yet_is_in_no_rolling_window(
    events: list[ev.Call], calendar: Calendar, back: int
) -> None:
    book = booked(events)
    reader = WindowReader(book, calendar)
    as_of = book.clock_ms - back
    for queue, length in itertools.product(book.totals, ROLLING.values()):
        span = windows.rolling(as_of, length)
        assert named(reader.rolling(queue, span)) == plain_sum(events, queue, span, by_arrival=False)


@given(feeds(), CALENDARS, st.sampled_from(["le", "lt"]), st.integers(0, 60))
def test_who_waits_past_t_is_counted_in_each_window(
    events: list[ev.Call], calendar: Calendar, boundary: Any, threshold_s: int
) -> None:
    book, policy = booked(events), Policy(threshold_s=threshold_s, boundary=boundary)
    reader = WindowReader(book, calendar)
    for queue in book.totals:
        seen = view(reader, [], queue, policy, book.clock_ms)
        for window in seen.tallies:
            span = None if window in ROLLING else seen.spans.get(window)
            cohort = [at for at in book.waits.arrivals(queue) if span is None or at in span]
            waits = [book.clock_ms - at for at in cohort]
            past = sum(w > threshold_s * 1000 if boundary == "le" else w >= threshold_s * 1000 for w in waits)
            share = part(seen, window)
            assert share.waiting_past_t == past
            assert share.waiting == (None if window in ROLLING else len(cohort))


@given(feeds(), CALENDARS)
def test_the_ledger_of_every_cohort_balances_on_the_board(events: list[ev.Call], calendar: Calendar) -> None:
    book = booked(events)
    reader = WindowReader(book, calendar)
    views = [view(reader, [], queue, Policy(), book.clock_ms) for queue in book.totals]
    board = msgspec.to_builtins(figures(views))
    assert {board[window]["ledger_residual"]["value"] for window in ("interval", "day", "all")} == {0}
    assert all("ledger_residual" not in board[window] for window in ROLLING)
    assert board["now"]["contacts_waiting"] == {"value": sum(len(w) for w in book.waits.open.values())}


@given(feeds(), CALENDARS)
def test_the_intervals_of_the_day_add_up_to_the_day(events: list[ev.Call], calendar: Calendar) -> None:
    book = booked(events)
    reader = WindowReader(book, calendar)
    day = windows.day(book.clock_ms, calendar)
    for queue in book.totals:
        spans = windows.intervals_of_day(day, calendar)
        counted = sum(reader.sums.cells(queue, span).get(OFFERED, 0) for span in spans)
        assert counted == reader.sums.cells(queue, day).get(OFFERED, 0)


@given(feeds(), st.lists(st.integers(0, 90_000), max_size=20), CALENDARS)
def test_a_kept_sum_follows_its_window(events: list[ev.Call], steps: list[int], calendar: Calendar) -> None:
    """Read after each step of the clock: panes that come in are added, panes that leave are taken away."""
    book = booked(events)
    reader = WindowReader(book, calendar)
    for offset, step in enumerate((0, *steps, *[30_000] * 150), start=len(events)):
        book.take(ev.Heartbeat(at=book.clock_ms + step, source="pbx"), offset)
        for queue in book.totals:
            spans = reader.spans(book.clock_ms)
            fresh = WindowReader(book, calendar).rolling(queue, spans["1h"])
            assert reader.rolling(queue, spans["1h"]) == fresh
            assert reader.rolling(queue, spans["5m"]) == WindowReader(book, calendar).rolling(queue, spans["5m"])
