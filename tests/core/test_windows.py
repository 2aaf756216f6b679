"""Windows on days that people remember."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callpulse.stream.core import windows
from callpulse.stream.core.windows import Calendar, Span

AMSTERDAM = Calendar("Europe/Amsterdam", 0, 30)
KATHMANDU = Calendar("Asia/Kathmandu", 0, 30)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_rolling_window_ends_with_the_pane_that_is_filling() -> None:
    as_of = ms("2026-11-21T09:00:12.345Z")
    assert windows.rolling(as_of, 300_000) == Span(ms("2026-11-21T08:55:20Z"), ms("2026-11-21T09:00:20Z"))


@pytest.mark.parametrize(
    ("day", "hours", "intervals"), [("2026-03-29", 23, 46), ("2026-10-25", 25, 50), ("2026-11-21", 24, 48)]
)
def test_days_when_the_clocks_change(day: str, hours: int, intervals: int) -> None:
    noon = ms(f"{day}T12:00:00+01:00")
    span = windows.day(noon, AMSTERDAM)
    assert span.end_ms - span.start_ms == hours * 3_600_000
    assert windows.day_name(noon, AMSTERDAM) == day
    assert len(list(windows.intervals_of_day(span, AMSTERDAM))) == intervals


def test_the_hour_that_comes_twice_has_two_names() -> None:
    first, second = ms("2026-10-25T02:15:00+02:00"), ms("2026-10-25T02:15:00+01:00")
    assert windows.interval_name(first, AMSTERDAM) == "2026-10-25T02:00+02:00"
    assert windows.interval_name(second, AMSTERDAM) == "2026-10-25T02:00+01:00"
    assert windows.interval_name(ms("2026-10-25T03:15:00+01:00"), AMSTERDAM) == "2026-10-25T03:00"


def test_a_business_day_with_its_own_start_is_named_by_the_date_it_began_on() -> None:
    calendar = Calendar("America/New_York", 435, 15)  # 07:15
    before, after = ms("2026-11-21T07:14:59.999-05:00"), ms("2026-11-21T07:15:00-05:00")
    assert windows.day_name(before, calendar) == "2026-11-20"
    assert windows.day_name(after, calendar) == "2026-11-21"
    assert windows.day(before, calendar).end_ms == after


def test_half_hours_where_the_clocks_are_a_quarter_off() -> None:
    assert windows.interval(ms("2026-11-21T09:20:00+05:45"), KATHMANDU) == Span(
        ms("2026-11-21T09:00:00+05:45"), ms("2026-11-21T09:30:00+05:45")
    )


def test_a_day_that_begins_within_a_half_hour_cuts_its_first_and_last_interval() -> None:
    calendar = Calendar("UTC", 15, 30)
    spans = list(windows.intervals_of_day(windows.day(ms("2026-11-21T12:00:00Z"), calendar), calendar))
    assert [spans[0].end_ms - spans[0].start_ms, spans[-1].end_ms - spans[-1].start_ms] == [900_000, 900_000]
    assert len(spans) == 49


def test_a_start_of_the_day_that_the_clocks_skip_is_the_moment_they_skipped_it() -> None:
    calendar = Calendar("Europe/Amsterdam", 150, 15)  # 02:30 does not exist on 29 March
    assert windows.day(ms("2026-03-29T12:00:00+02:00"), calendar).start_ms == ms("2026-03-29T03:30:00+02:00")


def test_clocks_put_back_past_midnight_do_not_end_the_new_day() -> None:
    calendar = Calendar("America/St_Johns")
    first, again = ms("2010-11-07T00:00:30-02:30"), ms("2010-11-06T23:30:00-03:30")
    assert again > first
    assert windows.day_name(again, calendar) == windows.day_name(first, calendar) == "2010-11-07"


def test_the_zone_of_the_calendar_is_used_and_not_that_of_the_machine() -> None:
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    local = at.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert windows.day_name(ms(at.isoformat()), KATHMANDU) == local.date().isoformat() == "2026-11-22"
