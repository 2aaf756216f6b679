"""Opening hours by the clock on the wall."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from callpulse.alerts.core.hours import Hours

ZONE = "Europe/Amsterdam"
WEEK = Hours(
    zone=ZONE, mon=("08:00-12:30", "13:00-18:00"), tue=("08:00-18:00",), fri=("22:00-24:00",), sat=("00:00-06:00",),
    holidays=("2026-11-24",),
)  # fmt: skip


def is_open(hours: Hours, there: str) -> bool:
    """At that time of the place's own clock."""
    return hours.is_open(round(datetime.fromisoformat(there).replace(tzinfo=ZoneInfo(hours.zone)).timestamp() * 1000))


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("2026-11-23T07:59:59", False),  # a Monday
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T12:29:59", True),
        ("2026-11-23T12:30:00", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T18:00:00", False),
        ("2026-11-17T09:00:00", True),
        ("2026-11-24T09:00:00", False),  # a Tuesday, and a holiday
        ("2026-11-25T09:00:00", False),  # a day without any span
        ("2026-11-27T23:59:59", True),
        ("2026-11-28T00:00:00", True),
        ("2026-11-28T06:00:00", False),
    ],
)
def test_it_is_open_within_the_spans_of_the_day_and_closed_on_holidays(there: str, expected: bool) -> None:
    assert is_open(WEEK, there) is expected


def test_a_change_of_clocks_moves_no_opening_hour() -> None:
    sundays = Hours(zone=ZONE, sun=("09:00-17:00",))
    for day in ("2026-03-22", "2026-03-29", "2026-10-25", "2026-11-01"):
        assert not is_open(sundays, f"{day}T08:59:59")
        assert is_open(sundays, f"{day}T09:00:00")
        assert is_open(sundays, f"{day}T16:59:59")
        assert not is_open(sundays, f"{day}T17:00:00")


def test_spans_that_cannot_be_are_said_and_over_midnight_it_takes_two() -> None:
    assert list(Hours(mon=("22:00-06:00",)).faults()) == [
        "mon[0]: 22:00-06:00 ends before it begins; expected a later end, or two spans: 22:00-24:00 and on the next "
        "day 00:00-06:00"
    ]
    assert list(WEEK.faults()) == []
    (never,) = Hours(holidays=("2026-12-25",)).faults()
    assert never.startswith("mon to sun: never open, so nothing is ever told; expected spans for one of mon, tue")


def test_in_words_days_that_are_alike_stand_together() -> None:
    assert WEEK.in_words() == (
        "mon 08:00-12:30 and 13:00-18:00, tue 08:00-18:00, fri 22:00-24:00, sat 00:00-06:00 (Europe/Amsterdam), closed "
        "on 2026-11-24"
    )
    office = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-18:00",))
    assert Hours(**office, sun=("10:00-12:00",)).in_words() == "mon-fri 08:00-18:00, sun 10:00-12:00 (UTC)"
    assert Hours(sat=("10:00-12:00",), sun=("10:00-12:00",)).in_words() == "sat-sun 10:00-12:00 (UTC)"


def at(there: str) -> int:
    return round(datetime.fromisoformat(there).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("there", "since", "opens"),
    [
        ("2026-11-23T12:45", "2026-11-23T12:30", "2026-11-23T13:00"),
        ("2026-11-23T18:00", "2026-11-23T18:00", "2026-11-27T22:00"),  # Tuesday is a holiday
        ("2026-11-28T07:00", "2026-11-28T06:00", "2026-11-30T08:00"),  # open over midnight
        ("2026-10-25T12:00", "2026-10-24T06:00", "2026-10-26T08:00"),  # clocks were put back that night
    ],
)
def test_who_is_closed_knows_since_when_and_when_it_opens(there: str, since: str, opens: str) -> None:
    assert (WEEK.closed_since(at(there)), WEEK.opens(at(there))) == (at(since), at(opens))


def test_a_day_closes_with_its_last_span_or_not_at_all() -> None:
    assert WEEK.closes(at("2026-11-23T07:00")) == at("2026-11-23T18:00")
    assert WEEK.closes(at("2026-11-27T07:00")) == at("2026-11-28T00:00")
    assert WEEK.closes(at("2026-11-24T12:00")) is None
    never = Hours(zone=ZONE)
    assert (never.closed_since(at("2026-11-24T12:00")), never.opens(at("2026-11-24T12:00"))) == (None, None)
