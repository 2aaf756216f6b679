"""The transient forecast: the values of the study, what makes no sense, and how much is kept."""

import math

import pytest

from callpulse.alerts.core.erlang import erlang_a
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.kept import Kept
from callpulse.alerts.core.transient import Floor, mean_service_level, service_level_at

PER_S, AHT_S = 100 / 1800, 180.0
STUDY = [
    (10, 14, 100, 0.9229),
    (14, 14, 100, 0.8971),
    (20, 14, 100, 0.8224),
    (10, 10, 100, 0.5302),
    (2, 4, 20, 0.8910),
    (2, 2, 20, 0.4117),
    (13, 14, 140, 0.5728),
    (45, 45, 400, 0.8884),
]


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    return Forecaster(20.0)


@pytest.mark.parametrize(("n", "agents", "calls", "expected"), STUDY)
def test_a_queue_is_solved_as_in_the_study(n: int, agents: int, calls: int, expected: float) -> None:
    floor = Floor(agents, calls / 1800, AHT_S, 300.0, 20.0)
    assert mean_service_level(floor, 128, 1800.0)[n] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("n", "agents", "calls", "expected"), STUDY)
def test_between_the_points_of_the_grid_too(
    forecaster: Forecaster, n: int, agents: int, calls: int, expected: float
) -> None:
    assert forecaster.service_level(n, agents, calls / 1800, AHT_S) == pytest.approx(expected, abs=0.004)


def test_after_a_long_time_the_queue_is_in_balance() -> None:
    floor, balance = Floor(12, PER_S, AHT_S, 300.0, 20.0), erlang_a(12, PER_S, AHT_S, 300.0, 20.0)
    assert balance is not None
    assert service_level_at(floor, 128, 50_000.0)[5] == pytest.approx(balance.offered, abs=5e-5)


def test_at_once_it_depends_on_those_ahead_alone() -> None:
    now = service_level_at(Floor(4, PER_S, AHT_S, 300.0, 20.0), 4, 0.0)
    assert now[:4] == [1.0] * 4
    assert now[4:] == sorted(now[4:], reverse=True)
    assert now[4] == pytest.approx(-math.expm1(-20 * (4 / 180 + 1 / 300)) * (4 / 180) / (4 / 180 + 1 / 300))


def test_no_time_to_wait_is_time_for_nobody_who_waits() -> None:
    assert service_level_at(Floor(4, PER_S, AHT_S, 300.0, 0.0), 2, 0.0) == [1.0] * 4 + [0.0] * 3


def test_nobody_is_answered_without_agents(forecaster: Forecaster) -> None:
    assert forecaster.service_level(3, 0, PER_S, AHT_S) == 0.0
    assert forecaster.minutes_until_lost(3, 0, PER_S, AHT_S, 0.8) == 0


@pytest.mark.parametrize(
    ("agents", "per_s", "aht_s"),
    [
        (14, 0.0, AHT_S),
        (14, 0.4 / 1800, AHT_S),
        (14, math.nan, AHT_S),
        (14, math.inf, AHT_S),
        (14, PER_S, 0.0),
        (14, PER_S, math.nan),
        (14, PER_S, math.inf),
        (10**6, PER_S, AHT_S),
    ],
)
def test_what_makes_no_sense_has_no_forecast(forecaster: Forecaster, agents: int, per_s: float, aht_s: float) -> None:
    assert forecaster.service_level(3, agents, per_s, aht_s) is None
    assert forecaster.usual(agents, per_s, aht_s) is None
    assert forecaster.minutes_until_lost(3, agents, per_s, aht_s, 0.8) is None
    assert forecaster.more_agents(3, agents, per_s, aht_s, 0.8) is None


def test_usual_is_what_agents_give_from_a_usual_moment_on(forecaster: Forecaster) -> None:
    for _ in range(2):
        assert forecaster.usual(14, PER_S, AHT_S) == pytest.approx(0.9229, abs=0.004)


def test_advice_adds_as_many_agents_as_are_needed_and_no_more(forecaster: Forecaster) -> None:
    more = forecaster.more_agents(12, 10, PER_S, AHT_S, 0.8)
    assert more == 3
    below = forecaster.service_level(12, 12, PER_S, AHT_S)
    reached = forecaster.service_level(12, 13, PER_S, AHT_S)
    assert below is not None
    assert reached is not None
    assert below < 0.8 <= reached


def test_a_queue_that_does_well_needs_nobody(forecaster: Forecaster) -> None:
    assert forecaster.more_agents(10, 14, PER_S, AHT_S, 0.8) == 0


def test_what_no_number_of_agents_does_is_not_advised(forecaster: Forecaster) -> None:
    assert forecaster.more_agents(3, 1, 1.0, 600.0, 0.8) is None


@pytest.mark.parametrize(
    ("n", "agents", "expected"),
    [
        (3, 10, 4),  # it fills up
        (10, 10, 0),  # full, and will stay so
        (14, 14, None),  # full, but not for long
        (3, 14, None),
    ],
)
def test_minutes_until_the_target_is_lost(forecaster: Forecaster, n: int, agents: int, expected: int | None) -> None:
    assert forecaster.minutes_until_lost(n, agents, PER_S, AHT_S, 0.8) == expected


def test_the_minute_is_the_first_with_fewer_than_the_target(forecaster: Forecaster) -> None:
    floor = Floor(10, PER_S, AHT_S, 300.0, 20.0)
    found = forecaster.minutes_until_lost(0, 10, PER_S, AHT_S, 0.8)
    assert found is not None
    assert service_level_at(floor, 64, (found - 2) * 60.0)[0] > 0.8 > service_level_at(floor, 64, (found + 1) * 60.0)[0]


def test_thousands_waiting_are_reckoned_with_in_bounded_room() -> None:
    found = Forecaster(20.0).service_level(10**6, 2, 20 / 1800, AHT_S)
    assert found == pytest.approx(0.0, abs=0.05)


def test_no_more_is_kept_than_two_generations() -> None:
    kept, asked = Kept[int, str](10, len), []

    def get(key: int) -> None:
        def found() -> str:
            asked.append(key)
            return "xx"

        assert kept.get(key, found) == "xx"

    for key in [*range(8), 0, 0, *range(8, 12)]:
        get(key)
    assert asked == list(range(12))  # nothing twice while it is kept
    get(1)
    assert asked[-1] == 1  # forgotten: nobody asked for it while the older generation was filled
