"""Windows: every instant lies in the windows that contain it and in no others, on days of 23 and 25 hours too."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callpulse.stream.core import windows
from callpulse.stream.core.windows import INTERVAL_MS, MINUTE_MS, PANE_MS, ROLLING, Calendar, Span

HOUR_MS = 60 * MINUTE_MS
FIRST, LAST = (round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000 for year in (2000, 2038))
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Asia/Kathmandu",  # 5 h 45
    "Australia/Lord_Howe",  # a change of 30 minutes
    "America/St_Johns",  # until 2011 at one minute past midnight, back into the day before
    "Africa/Cairo",  # days that begin at 01:00
    "Pacific/Apia",  # a date that never was
    "UTC",
)
CALENDARS = st.builds(
    Calendar, st.sampled_from(ZONES), st.integers(0, 95).map(lambda quarter: quarter * 15), st.sampled_from([15, 30])
)


def changes(zone: str) -> list[int]:
    """Instants at which the clocks of a zone change, from 2000 to 2038."""
    found, tz, step = [], ZoneInfo(zone), 6 * HOUR_MS

    def offset(at: int) -> timedelta | None:
        return datetime.fromtimestamp(at / 1000, tz).utcoffset()

    for at in range(FIRST, LAST, step):
        if offset(at) != offset(at + step):
            low, high = at, at + step
            while high - low > 1000:
                middle = (low + high) // 2000 * 1000
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append(high)
    return found


CHANGES = sorted({at for zone in ZONES[:3] + ZONES[4:6] for at in changes(zone)[:12]})
INSTANTS = st.integers(FIRST, LAST) | st.builds(
    lambda at, off: at + off, st.sampled_from(CHANGES), st.integers(-30 * HOUR_MS, 30 * HOUR_MS)
)


@given(INSTANTS, st.sampled_from(list(ROLLING.values())), st.integers(-4 * HOUR_MS, 4 * HOUR_MS))
def test_a_rolling_window_is_whole_panes_up_to_the_one_that_is_filling(as_of: int, length: int, off: int) -> None:
    span = windows.rolling(as_of, length)
    assert span.end_ms - span.start_ms == length
    assert as_of in span
    assert span.start_ms % PANE_MS == 0
    assert (as_of + off in span) == (span.start_ms <= as_of + off < span.end_ms)
    assert as_of + PANE_MS not in span


@given(INSTANTS, CALENDARS)
@settings(max_examples=250)
@example(FIRST, Calendar("Asia/Kathmandu", 435, 30))
@example(FIRST, Calendar("Australia/Lord_Howe", 15, 15))
def test_every_instant_lies_in_one_interval(at: int, calendar: Calendar) -> None:
    span = windows.interval(at, calendar)
    assert at in span
    assert span.start_ms % INTERVAL_MS == 0
    for other in (span.start_ms, span.end_ms - 1, (span.start_ms + span.end_ms) // 2):
        assert windows.interval(other, calendar) == span
    assert windows.interval(span.end_ms, calendar).start_ms == span.end_ms
    assert windows.interval(span.start_ms - 1, calendar).end_ms == span.start_ms


@given(INSTANTS, CALENDARS)
@settings(max_examples=250)
@example(FIRST, Calendar("Asia/Kathmandu", 435, 30))
@example(FIRST, Calendar("Australia/Lord_Howe", 15, 15))
def test_an_interval_begins_on_the_local_quarter_or_half_hour(at: int, calendar: Calendar) -> None:
    local = datetime.fromtimestamp(windows.interval(at, calendar).start_ms / 1000, ZoneInfo(calendar.zone))
    assert (local.minute % calendar.interval_min, local.second, local.microsecond) == (0, 0, 0)


@given(INSTANTS, CALENDARS)
@settings(max_examples=250)
@example(FIRST, Calendar("Asia/Kathmandu", 435, 30))
@example(FIRST, Calendar("Australia/Lord_Howe", 15, 15))
@example(round(datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp()) * 1000, Calendar("America/St_Johns", 0, 15))
def test_every_instant_lies_in_one_business_day(at: int, calendar: Calendar) -> None:
    span = windows.day(at, calendar)
    assert at in span
    for other in (span.start_ms, span.end_ms - 1, (span.start_ms + span.end_ms) // 2):
        assert windows.day(other, calendar) == span
    assert windows.day(span.end_ms, calendar).start_ms == span.end_ms
    assert windows.day(span.start_ms - 1, calendar).end_ms == span.start_ms


@given(INSTANTS, CALENDARS)
@settings(max_examples=250)
@example(FIRST, Calendar("Asia/Kathmandu", 435, 30))
@example(FIRST, Calendar("Australia/Lord_Howe", 15, 15))
def test_the_intervals_of_a_day_are_the_day(at: int, calendar: Calendar) -> None:
    day = windows.day(at, calendar)
    spans = list(windows.intervals_of_day(day, calendar))
    assert [spans[0].start_ms, spans[-1].end_ms] == [day.start_ms, day.end_ms]
    assert all(before.end_ms == after.start_ms for before, after in itertools.pairwise(spans))
    assert all(0 < span.end_ms - span.start_ms <= calendar.interval_min * MINUTE_MS for span in spans)
    names = [windows.interval_name(span.start_ms, calendar) for span in spans]
    assert len(set(names)) == len(names)


@given(INSTANTS, CALENDARS)
@settings(max_examples=250)
@example(FIRST, Calendar("Asia/Kathmandu", 435, 30))
@example(FIRST, Calendar("Australia/Lord_Howe", 15, 15))
def test_days_that_follow_each_other_have_different_names(at: int, calendar: Calendar) -> None:
    day = windows.day(at, calendar)
    neighbours = [windows.day_name(moment, calendar) for moment in (day.start_ms - 1, day.start_ms, day.end_ms)]
    assert len(set(neighbours)) == 3
    assert neighbours == sorted(neighbours)


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York"])
@pytest.mark.parametrize("day_start", [0, 180, 435, 1425])
def test_a_year_of_business_days_has_one_of_23_and_one_of_25_hours(zone: str, day_start: int) -> None:
    calendar = Calendar(zone, day_start, 30)
    at, lengths = windows.day(round(datetime(2026, 1, 10, tzinfo=UTC).timestamp()) * 1000, calendar), []
    for _ in range(365):
        lengths.append((at.end_ms - at.start_ms) // HOUR_MS)
        at = windows.day(at.end_ms, calendar)
    assert sorted(lengths) == [23, *[24] * 363, 25]


@given(st.integers(), st.integers(), st.integers() | st.text(max_size=2))
def test_a_span_holds_its_start_and_not_its_end(start: int, end: int, at: object) -> None:
    assert (at in Span(start, end)) == (isinstance(at, int) and start <= at < end)
