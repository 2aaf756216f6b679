"""Laws of what is remembered of a queue, and of what a tick says."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.alerts.core.capacity import Reading, read
from callpulse.alerts.core.estimates import Expected
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.levels import Levels
from callpulse.alerts.core.profile import SLOTS, Profile
from callpulse.alerts.core.recovery import recovery
from callpulse.alerts.core.series import SLACK, series
from callpulse.alerts.core.watched import Watched
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS

FORECASTER, LEVELS = Forecaster(20.0), Levels()
COUNT = st.integers(0, 9)
TICKS = st.builds(
    Tick,
    at_ms=st.just(0),
    arrivals=COUNT,
    hits=COUNT,
    misses=COUNT,
    ended=COUNT,
    busy_ms=st.integers(0, 200_000),
    staffed=st.none() | st.integers(0, 20),
    busy=st.integers(0, 25),
    waiting=COUNT,
    oldest_wait_ms=st.integers(0, 90_000),
)
STEPS = st.lists(st.tuples(st.sampled_from([1, 1, 1, 2, 30, 32, 500]), TICKS), min_size=1, max_size=25)
EXPECTED = st.builds(
    Expected,
    st.none() | st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    st.none() | st.sampled_from([60.0, 180.0]),
    st.none() | st.integers(0, 20),
)


@given(st.lists(st.integers(0, 1000), max_size=3 * SLACK))
def test_sums_are_those_of_the_last_panes(values: list[int]) -> None:
    found = series(3, 17)
    for value in values:
        found.add(value)
    assert found.sums == [sum(values[-3:]), sum(values[-17:])]
    assert len(found.values) <= 17 + SLACK + 1


@given(STEPS, EXPECTED, st.integers(0, 24))
@settings(max_examples=40)
def test_being_stored_in_between_changes_nothing(
    steps: list[tuple[int, Tick]], expected: Expected, stored_after: int
) -> None:
    kept, stored = Watched(), Watched()
    for place, tick in enumerate(on_time(steps)):
        assert said(kept, tick, expected) == said(stored, tick, expected)
        if place == stored_after:
            stored = msgspec.msgpack.decode(msgspec.msgpack.encode(stored), type=Watched)


@given(STEPS, EXPECTED)
@settings(max_examples=60)
def test_whatever_the_ticks_a_reading_makes_sense(steps: list[tuple[int, Tick]], expected: Expected) -> None:
    watched = Watched()
    for tick in on_time(steps):
        found = said(watched, tick, expected)
        assert found is not None
        assert found.forecast is None or 0 <= found.forecast <= 1
        assert found.per_s is None or found.per_s >= 0
        assert found.agents is None or found.agents >= 0
        for condition in (found.capacity, found.harm, found.waits):
            assert condition is None or not (condition.holds and condition.clears)
        assert (found.capacity is None) == (found.forecast is None)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 40, 95, SLOTS - 1]), st.integers(1, 95), TICKS), max_size=20))
@settings(max_examples=30)
def test_a_profile_stays_between_the_least_and_the_most_it_has_seen(days: list[tuple[int, int, Tick]]) -> None:
    profile = Profile()
    for slot, panes, tick in days:
        for _ in range(panes):
            profile.note(tick, slot)
        profile.note(tick, (slot + 1) % SLOTS if slot != SLOTS - 1 else 50)
    rates = [tick.arrivals / 10 for _, _, tick in days]
    for slot in range(0, SLOTS, 7):
        found = profile.usually(slot).expected.per_s
        assert found is None or min(rates) - 1e-6 <= found <= max(rates) + 1e-6


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_a_target_is_lost_exactly_when_the_best_that_can_come_is_too_little(
    met: int, missed: int, expected: int, target: float
) -> None:
    found = recovery(met, met + missed, expected, target)
    if found is None:
        assert met + missed + expected == 0
        return
    best = (met + expected) / (met + missed + expected)
    assert found.lost == (best < target - 1e-12)
    assert found.next_in_time is not None
    assert found.lost == (found.next_in_time > expected)
    after = found.next_in_time
    assert met + after >= target * (met + missed + after) - 1e-6
    if after:
        assert met + after - 1 < target * (met + missed + after - 1) + 1e-6


def on_time(steps: list[tuple[int, Tick]]) -> list[Tick]:
    at, found = 0, []
    for panes, tick in steps:
        at += panes * PANE_MS
        found.append(tick._replace(at_ms=at))
    return found


def said(watched: Watched, tick: Tick, expected: Expected) -> Reading | None:
    return read(watched, tick, expected, FORECASTER, LEVELS)
