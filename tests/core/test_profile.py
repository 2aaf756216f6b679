"""Learned profiles: weeks of quarters of an hour, odd days, what is not known yet."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from callpulse.alerts.core.estimates import Expected
from callpulse.alerts.core.profile import (
    LEAST_PANES,
    MOST_TRUST,
    QUARTER_PANES,
    QUARTERS,
    SLOTS,
    Profile,
    Usually,
    slot_of,
)
from callpulse.stream.core.ticks import Tick

TEN, SATURDAY = 40, 5 * QUARTERS  # ten o'clock on a Monday
USUAL = Tick(0, 1, 1, 0, 1, 200_000, 14, 10, 0, 0)


def test_before_anything_is_learned_nothing_is_expected() -> None:
    assert Profile().usually(TEN) == Usually(Expected(), 0, False)


def test_a_quarter_of_an_hour_is_learned_when_the_next_one_begins() -> None:
    profile = Profile()
    for tick in quarter(USUAL):
        profile.note(tick, TEN)
    assert profile.usually(TEN).days == 0
    profile.note(USUAL, TEN + 1)
    found = profile.usually(TEN)
    assert found.days == 1
    assert not found.borrowed
    assert found.expected == pytest.approx((0.1, 200.0, 14))


def test_half_a_quarter_is_enough_and_less_is_not() -> None:
    for panes, days in ((LEAST_PANES, 1), (LEAST_PANES - 1, 0)):
        profile = Profile()
        learn(profile, TEN, [USUAL] * panes)
        assert profile.usually(TEN).days == days


def test_an_odd_day_changes_little() -> None:
    profile = weeks(8)
    learn(profile, TEN, quarter(USUAL._replace(arrivals=5, busy_ms=2_000_000, staffed=2)))
    found = profile.usually(TEN).expected
    assert found.per_s == pytest.approx(0.1, rel=0.09)
    assert found.aht_s == pytest.approx(200.0, rel=0.09)
    assert found.agents == 13


def test_what_comes_again_and_again_is_the_new_usual() -> None:
    profile = weeks(8)
    for _ in range(6):
        learn(profile, TEN, quarter(USUAL._replace(arrivals=5)))
    found = profile.usually(TEN).expected.per_s
    assert found is not None
    assert found > 0.3


def test_a_day_off_at_the_start_is_forgotten() -> None:
    profile = Profile()
    learn(profile, TEN, quarter(USUAL._replace(arrivals=0, ended=0)))
    assert profile.usually(TEN).expected == Expected(0.0, None, 14)
    for _ in range(8):
        learn(profile, TEN, quarter(USUAL))
    assert profile.usually(TEN).expected.per_s == pytest.approx(0.1, rel=0.2)


def test_neighbours_are_told_together() -> None:
    profile = Profile()
    for slot, arrivals in ((TEN - 1, 0), (TEN, 2), (TEN + 1, 4)):
        learn(profile, slot, quarter(USUAL._replace(arrivals=arrivals)))
    assert profile.usually(TEN).expected.per_s == pytest.approx(0.2)
    assert profile.usually(TEN - 1).expected.per_s == pytest.approx((2 * 0 + 1 * 0.2) / 3)


def test_a_workday_borrows_from_the_others_and_a_saturday_from_none() -> None:
    profile = Profile()
    learn(profile, TEN, quarter(USUAL))
    thursday = profile.usually(TEN + 3 * QUARTERS)
    assert thursday.borrowed
    assert thursday.expected.per_s == pytest.approx(0.1)
    assert profile.usually(TEN + SATURDAY) == Usually(Expected(), 0, False)


def test_without_agents_states_there_is_no_plan() -> None:
    profile = Profile()
    learn(profile, TEN, quarter(USUAL._replace(staffed=None)))
    assert profile.usually(TEN).expected.agents is None


def test_trust_has_an_end_and_so_does_the_room_it_takes() -> None:
    profile = weeks(20)
    assert profile.usually(TEN).days == MOST_TRUST
    assert len(msgspec.msgpack.encode(profile)) < 16_000  # more than half of it is nothing


def test_a_stored_profile_can_be_taken_up_again() -> None:
    profile = weeks(3)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(profile), type=Profile)
    for each in (profile, again):
        learn(each, TEN, quarter(USUAL._replace(arrivals=2)))
    assert again == profile
    assert again.usually(TEN).expected.per_s == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("at", "zone", "slot"),
    [
        ("2026-11-23T00:00:10", "UTC", 0),
        ("2026-11-23T00:00:00", "UTC", SLOTS - 1),  # the pane that ended then
        ("2026-11-23T00:15:00", "UTC", 0),
        ("2026-11-23T00:15:10", "UTC", 1),
        ("2026-11-22T23:30:10", "Europe/Amsterdam", 2),
        ("2026-07-01T08:00:10", "Europe/Amsterdam", 2 * QUARTERS + TEN),  # summer time
    ],
)
def test_the_slot_of_a_pane_follows_the_clock_on_the_wall(at: str, zone: str, slot: int) -> None:
    at_ms = round(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000)
    assert slot_of(at_ms, ZoneInfo(zone)) == slot


def weeks(many: int) -> Profile:
    profile = Profile()
    for _ in range(many):
        learn(profile, TEN, quarter(USUAL))
    return profile


def learn(profile: Profile, slot: int, ticks: list[Tick]) -> None:
    for tick in ticks:
        profile.note(tick, slot)
    profile.note(Tick(0, 0, 0, 0, 0, 0, None, 0, 0, 0), (slot + QUARTERS // 2) % SLOTS)


def quarter(tick: Tick) -> list[Tick]:
    return [tick] * QUARTER_PANES
