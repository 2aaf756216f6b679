"""Rule D1 against the study's own writing of it, and what a reading says in each way a queue can be seen."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain

import msgspec
import pytest

from bench.alert_panes import Panes
from bench.alert_queue import Case, Trouble, simulated
from bench.alert_rules import Alert
from callpulse.alerts.core.capacity import Cause, Condition, Live, Reading, Sight, harmed, read
from callpulse.alerts.core.estimates import Expected
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.levels import CAPACITY_LASTS, HARM_LASTS, STUDY, YIELDING, Levels, levels_for, lowered
from callpulse.alerts.core.watched import LONGEST_GAP, Watched
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS
from tests.core.reference_d1 import D1, Asked

LEVELS = Levels()
WARM = 840  # evaluations: twice what it takes until every window of the study is full
LARGE = Case(100, 14, 10)
PROFILE = Expected(100 / 1800, 180.0, 14)
QUIET = Tick(0, 0, 0, 0, 0, 0, 14, 0, 0, 0)


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    return Forecaster(20.0)


@pytest.fixture(scope="module")
def troubled() -> Panes:
    found = [
        Trouble("staff", 9_000, 11_700),
        Trouble("surge", 15_000, 17_500),
        Trouble("slowdown", 20_000, 24_000),
    ]
    return simulated(LARGE, 8, found, "one of each")


STUDIED = pytest.mark.parametrize(("levels", "figures"), [(STUDY, (5.0, 0.40, 120)), (LEVELS, (5.5, 0.30, 0))])


@STUDIED
def test_the_estimates_are_those_of_the_study(
    forecaster: Forecaster, troubled: Panes, levels: Levels, figures: tuple[float, float, int]
) -> None:
    asked, study, watched, flags = asking(troubled), D1(*figures), Watched(), set()
    for tick in troubled.ticks():
        expected = troubled.expected[0]
        ours = read(watched, tick, expected, forecaster, levels)
        assert ours is not None
        theirs = study.estimates(tick.at_ms / 1000, asked, rates(expected), floor(tick))
        if tick.at_ms < WARM * PANE_MS:
            continue
        assert (ours.n, ours.agents, ours.surge, ours.slowdown) == (theirs.n, theirs.agents, theirs.surge, theirs.slow)
        assert ours.per_s == pytest.approx(theirs.per_s, rel=1e-9)
        assert ours.aht_s == pytest.approx(theirs.aht_s, rel=1e-5)  # milliseconds are whole in a tick
        if tick.at_ms % (60 * PANE_MS) == 0:
            assert ours.forecast == pytest.approx(theirs.forecast, abs=0.012)
        flags.add((ours.surge, ours.slowdown))
    assert flags >= {(False, False), (True, False), (False, True)}  # both tests have been in alarm


@STUDIED
def test_the_alert_is_on_when_it_is_in_the_study(
    forecaster: Forecaster, troubled: Panes, levels: Levels, figures: tuple[float, float, int]
) -> None:
    from_ms, until_ms = (8_400_000, 12_500_000) if levels == STUDY else (14_500_000, 17_500_000)
    asked, study, watched, on = asking(troubled), D1(*figures), Watched(), []
    capacity, harm = Alert(CAPACITY_LASTS), Alert(HARM_LASTS)
    for tick in troubled.ticks():
        expected = troubled.expected[0]
        ours = read(watched, tick, expected, forecaster, levels)
        theirs = study.estimates(tick.at_ms / 1000, asked, rates(expected), floor(tick))
        assert ours is not None
        if from_ms < tick.at_ms < until_ms:
            told = (capacity.step(ours.capacity, ours.lasts_s), harm.step(ours.harm))
            on.append((any(told), study.alert(tick.at_ms / 1000, asked, theirs.forecast)))
    agreed = sum(ours == theirs for ours, theirs in on)
    assert any(theirs for _, theirs in on)
    assert agreed >= 0.99 * len(on)


def test_lost_agents_are_named_as_the_cause(forecaster: Forecaster) -> None:
    found = readings(forecaster, *floor_of(14, 40), *floor_of(10, 12))
    assert found[39].cause is None
    assert found[39].capacity == Condition(holds=False, clears=True)
    assert found[-1].cause is Cause.AGENTS_MISSING
    assert found[-1].capacity == Condition(holds=True, clears=False)
    assert [each.agents for each in found[39:46]] == [14, 13, 13, 12, 11, 11, 10]  # the mean of a minute


SMALL = Expected(20 / 1800, 180.0, 4)


def test_one_who_left_is_told_from_one_who_pauses_by_three_minutes(forecaster: Forecaster) -> None:
    away = small_floor(3, 24)
    found = readings(forecaster, *small_floor(4, 40), *away, expected=SMALL)
    assert all(LEVELS.capacity[0] < (each.forecast or 0) < LEVELS.lost_below for each in found[-21:])
    assert [each.level for each in found[-5:]] == [0.65, 0.74, 0.74, 0.74, 0.74]
    assert [each.capacity for each in found[-5:]] == [Condition(False, False)] + [Condition(True, False)] * 4
    assert found[-1].cause is Cause.AGENTS_MISSING


def test_who_comes_back_for_a_while_was_not_missing(forecaster: Forecaster) -> None:
    pauses = chain.from_iterable(chain(small_floor(3, 12), small_floor(4, 6)) for _ in range(6))
    found = readings(forecaster, *small_floor(4, 40), *pauses, expected=SMALL)
    assert min(each.forecast or 0 for each in found) < LEVELS.lost_below
    assert {each.level for each in found} == {0.65}
    assert not any(each.capacity and each.capacity.holds for each in found)


def test_fewer_than_planned_are_not_the_trouble_where_the_plan_would_not_do(forecaster: Forecaster) -> None:
    crowd = Tick(0, 2, 2, 0, 2, 400_000, 49, 40, 0, 0)
    found = readings(forecaster, *[crowd] * 30, expected=Expected(505 / 1800, 200.0, 50))[-1]
    planned = forecaster.service_level(found.n, 50, found.per_s or 0, found.aht_s or 0)
    assert planned is not None
    assert LEVELS.capacity[0] < (found.forecast or 0) < LEVELS.lost_below
    assert LEVELS.capacity[1] < planned < LEVELS.enough
    assert found.level == 0.65


def test_without_agents_states_nobody_is_known_to_be_missing(forecaster: Forecaster) -> None:
    waits = [tick._replace(busy=3, waiting=1, oldest_wait_ms=9_000) for tick in small_floor(3, 18)]
    fewer = SMALL._replace(per_s=17 / 1800)
    assert readings(forecaster, *waits, expected=fewer)[-1].level == 0.74
    found = readings(forecaster, *(tick._replace(staffed=None) for tick in waits), expected=fewer)[-1]
    assert (found.sight, found.agents, found.level) == (Sight.CONTACTS, 3, pytest.approx(0.62))


def test_a_surge_in_alarm_is_told_at_once_and_what_is_seen_without_agents_states_after_a_minute(
    forecaster: Forecaster,
) -> None:
    crowd = busy_floor(arrivals=2)._replace(busy=14, busy_ms=140_000, waiting=8, oldest_wait_ms=30_000)
    ticks = [*floor_of(14, 420), *[crowd] * 60]
    found = readings(forecaster, *ticks)
    assert {each.surge for each in found if each.lasts_s == 0} == {True}
    assert {each.lasts_s for each in found if not each.surge} == {120}
    assert (found[-1].lasts_s, found[-1].level, found[-1].capacity) == (0, 0.65, Condition(True, False))
    found = readings(forecaster, *(tick._replace(staffed=None) for tick in ticks))
    assert {(each.lasts_s, round(each.level, 2)) for each in found if each.sight is Sight.CONTACTS} == {
        (60, 0.62),
        (0, 0.65),
    }


def test_a_surge_that_enough_agents_can_serve_is_no_reason_to_hurry(forecaster: Forecaster) -> None:
    plenty = [tick._replace(staffed=25) for tick in (*floor_of(14, 420), *(busy_floor(arrivals=2) for _ in range(60)))]
    found = readings(forecaster, *plenty)[-1]
    assert (found.surge, found.lasts_s) == (True, 120)
    assert found.capacity == Condition(False, True)


def test_the_rule_of_the_study_knows_no_pauses(forecaster: Forecaster) -> None:
    watched = Watched()
    for at, tick in enumerate(small_floor(3, 60), 1):
        found = read(watched, tick._replace(at_ms=at * PANE_MS), SMALL, forecaster, STUDY)
        assert found is not None
        assert found.level == 0.65


def test_half_an_agent_is_one(forecaster: Forecaster) -> None:
    assert readings(forecaster, *floor_of(14, 1), *floor_of(13, 1))[-1].agents == 14


def test_more_calls_than_the_profile_says_are_named_as_the_cause(forecaster: Forecaster) -> None:
    found = readings(forecaster, *floor_of(14, 420), *(busy_floor(arrivals=2) for _ in range(60)))
    assert not found[419].surge
    assert found[-1].surge
    assert found[-1].cause is Cause.ARRIVALS


def test_long_calls_are_named_as_the_cause(forecaster: Forecaster) -> None:
    found = readings(forecaster, *floor_of(14, 360), *(tick._replace(ended=0) for tick in floor_of(14, 60)))
    assert found[-1].slowdown
    assert found[-1].cause is Cause.LONG_CALLS


def test_without_a_plan_no_agent_is_missing(forecaster: Forecaster) -> None:
    found = readings(forecaster, *floor_of(10, 12), expected=PROFILE._replace(agents=None))
    assert found[-1].capacity == Condition(holds=True, clears=False)
    assert found[-1].cause is None


def test_nobody_signed_in_is_nobody_answered(forecaster: Forecaster) -> None:
    assert readings(forecaster, QUIET._replace(staffed=0, arrivals=1))[-1].forecast == 0.0


def test_without_agents_states_those_in_service_while_somebody_waits_are_the_capacity(forecaster: Forecaster) -> None:
    unseen = QUIET._replace(staffed=None, busy=9, ended=1)
    found = readings(
        forecaster,
        unseen,
        unseen._replace(busy=16),
        unseen,
        unseen._replace(busy=11, waiting=2, oldest_wait_ms=5_000),
        unseen._replace(busy=8, waiting=1, oldest_wait_ms=4_999),
        unseen._replace(busy=12),
    )
    assert [each.agents for each in found] == [14, 16, 16, 11, 11, 12]
    assert {each.sight for each in found} == {Sight.CONTACTS}


def test_without_agents_states_and_a_plan_nothing_is_forecast_before_somebody_has_waited(
    forecaster: Forecaster,
) -> None:
    """Three in service where nobody waits says that three have called, not that three could be served."""
    found = readings(forecaster, QUIET._replace(staffed=None, busy=3, ended=1), expected=Expected(0.05, 180.0))
    assert (found[-1].agents, found[-1].forecast, found[-1].capacity) == (None, None, None)


def test_where_not_even_ends_are_told_waits_must_do(forecaster: Forecaster) -> None:
    hurt = QUIET._replace(staffed=None, misses=2, waiting=3, oldest_wait_ms=40_000)
    found = readings(forecaster, *[hurt] * 3, hurt._replace(oldest_wait_ms=39_999), hurt._replace(ended=1))
    assert [each.sight for each in found] == [Sight.WAITS] * 4 + [Sight.CONTACTS]
    assert [each.waits and each.waits.holds for each in found] == [False, True, True, False, None]
    assert [each.forecast is None and each.harm is None for each in found] == [True] * 4 + [False]


def test_waits_clear_when_the_last_five_minutes_are_good(forecaster: Forecaster) -> None:
    hurt, good = QUIET._replace(staffed=None, misses=2), QUIET._replace(staffed=None, hits=2)
    found = readings(forecaster, *[hurt] * 6, *[good] * 40)
    assert found[5].waits == Condition(holds=False, clears=False)  # nobody waits any more
    assert found[-1].waits == Condition(holds=False, clears=True)


@pytest.mark.parametrize(
    ("five", "fifteen", "expected"),
    [
        (Live(1, 4), Live(2, 8), Condition(True, False)),
        (Live(3, 7), Live(2, 8), Condition(False, False)),  # 30 % in five minutes
        (Live(1, 4), Live(3, 7), Condition(False, False)),  # 30 % in fifteen
        (Live(0, 4), Live(0, 4), Condition(False, False)),  # four misses are too few
        (Live(0, 5), Live(0, 5), Condition(True, False)),
        (Live(4, 1), Live(4, 20), Condition(False, True)),
        (Live(0, 0), Live(0, 20), Condition(False, True)),
    ],
)
def test_harm_done(five: Live, fifteen: Live, expected: Condition) -> None:
    assert harmed(five, fifteen, LEVELS) == expected


def test_without_a_profile_it_says_so_and_the_ticks_must_do(forecaster: Forecaster) -> None:
    found = readings(forecaster, *floor_of(14, 200), expected=Expected())
    assert all(each.cold for each in found)
    assert found[0].forecast is None
    assert found[0].capacity is None
    assert found[-1].forecast is not None
    assert found[-1].per_s == pytest.approx(100 / 1800, rel=0.15)


def test_half_an_hour_in_which_hardly_anybody_calls_has_no_forecast(forecaster: Forecaster) -> None:
    found = readings(forecaster, *[QUIET] * 10, expected=Expected(0.5 / 1800, 180.0, 1))
    assert found[-1].capacity is None


def test_a_tick_that_is_not_later_says_nothing(forecaster: Forecaster) -> None:
    watched, tick = Watched(), QUIET._replace(at_ms=PANE_MS)
    assert read(watched, tick, PROFILE, forecaster, LEVELS) is not None
    before = msgspec.msgpack.encode(watched)
    assert read(watched, tick, PROFILE, forecaster, LEVELS) is None
    assert msgspec.msgpack.encode(watched) == before


@pytest.mark.parametrize(("missing", "anew"), [(0, False), (LONGEST_GAP, False), (LONGEST_GAP + 1, True)])
def test_after_a_long_gap_the_sequential_tests_begin_anew(forecaster: Forecaster, missing: int, anew: bool) -> None:
    watched, ticks = Watched(), [busy_floor(arrivals=2)] * 40
    for at, tick in enumerate(ticks, 1):
        assert read(watched, tick._replace(at_ms=at * PANE_MS), PROFILE, forecaster, LEVELS)
    assert watched.surge.on
    later = QUIET._replace(at_ms=(len(ticks) + missing + 1) * PANE_MS)
    found = read(watched, later, PROFILE, forecaster, LEVELS)
    assert found is not None
    assert found.began_anew is anew
    assert found.surge is not anew


def test_what_is_missing_is_not_nothing(forecaster: Forecaster) -> None:
    """The rate after a gap is that of the panes that were seen."""
    watched, calls = Watched(), [busy_floor(arrivals=each % 2) for each in range(180)]
    for at, tick in enumerate(calls, 1):
        read(watched, tick._replace(at_ms=at * PANE_MS), Expected(), forecaster, LEVELS)
    found = read(watched, QUIET._replace(at_ms=211 * PANE_MS, arrivals=1), Expected(), forecaster, LEVELS)
    assert found is not None
    assert found.per_s == pytest.approx(0.05, rel=0.02)


def test_the_levels_of_the_study() -> None:
    assert levels_for(0.8) == Levels()
    assert (Levels().capacity, STUDY.capacity, STUDY.harm) == ((0.65, 0.75), (0.65, 0.75), (0.40, 0.80))
    ninety = levels_for(0.9)
    assert (ninety.capacity, ninety.harm) == ((0.75, 0.80), (0.60, 0.90))


def test_a_lean_plan_has_lower_levels() -> None:
    assert lowered(YIELDING, 0.95) == lowered(YIELDING, None) == YIELDING
    lean = lowered(YIELDING, 0.88)
    assert lean.capacity == pytest.approx((0.57, 0.71))
    assert lean.harm == pytest.approx((0.32, 0.80))
    assert lowered(YIELDING, 0.80) == lowered(YIELDING, 0.30)  # a plan that misses the target is no excuse
    assert lowered(Levels(), 0.88) == Levels()


def test_a_reading_tells_the_level_of_its_queue(forecaster: Forecaster) -> None:
    for agents, level in ((16, 0.65), (13, pytest.approx(0.56, abs=0.02)), (8, pytest.approx(0.41))):
        found = read(Watched(), QUIET, PROFILE._replace(agents=agents), forecaster, YIELDING)
        assert found is not None
        assert found.level == level


def test_an_alarm_is_told_apart_since_it_need_not_last_as_long(forecaster: Forecaster) -> None:
    found = readings(forecaster, *floor_of(14, 420), *(busy_floor(arrivals=2) for _ in range(120)))
    assert {each.surge for each in found} == {False, True}
    for each in found:
        assert each.alarm is not None
        assert each.capacity is not None
        assert each.alarm == (each.capacity.holds and each.surge, each.capacity.clears)


@pytest.mark.parametrize("target", [0.1, 0.5, 0.7, 0.85, 0.95, 0.99])
def test_levels_can_be_reached_and_left_at_any_target(target: float) -> None:
    found = levels_for(target)
    for below, clear in (found.capacity, found.harm, found.waits):
        assert 0 <= below < clear < 1


def readings(forecaster: Forecaster, *ticks: Tick, expected: Expected = PROFILE) -> list[Reading]:
    watched = Watched()
    found = (
        read(watched, tick._replace(at_ms=at * PANE_MS), expected, forecaster, LEVELS)
        for at, tick in enumerate(ticks, 1)
    )
    return [each for each in found if each is not None]


def busy_floor(arrivals: int = 1, ended: int = 1) -> Tick:
    return QUIET._replace(arrivals=arrivals, hits=arrivals, ended=ended, busy=10, busy_ms=100_000)


def small_floor(staffed: int, ticks: int) -> Iterator[Tick]:
    """20 calls in half an hour, evenly."""
    for at in range(ticks):
        call = int(at % 9 == 0)
        yield Tick(0, call, call, 0, call, 20_000, staffed, 2, 0, 0)


def floor_of(staffed: int, ticks: int) -> Iterator[Tick]:
    """100 calls in half an hour, evenly."""
    for at in range(ticks):
        call = int(at % 9 < 5)
        yield Tick(0, call, call, 0, call, 100_000, staffed, 10, 0, 0)


def asking(panes: Panes) -> Asked:
    kinds: dict[str, Sequence[float]] = {
        "arr": panes.arrivals,
        "end": panes.ended,
        "busy": panes.busy_s,
        "hit": panes.hits,
        "miss": panes.misses,
    }
    sums = {kind: list(accumulate(counts, initial=0.0)) for kind, counts in kinds.items()}
    return lambda kind, a, b: sums[kind][max(0, round(b / 10))] - sums[kind][max(0, round(a / 10))]


def rates(expected: Expected) -> tuple[float, float]:
    assert expected.per_s is not None
    assert expected.aht_s is not None
    return expected.per_s, expected.aht_s


def floor(tick: Tick) -> tuple[int, int, int]:
    assert tick.staffed is not None
    return tick.staffed, tick.busy, tick.waiting
