"""The simulated queues of the alert benchmark, its rules and its scores."""

import math
from itertools import chain, repeat

import pytest

from bench.alert_load import cores
from bench.alert_panes import PANE_S, Panes
from bench.alert_queue import HOUR_S, LASTS_S, Case, Trouble, simulated, troubles
from bench.alert_rules import Alert, wilson_upper
from bench.alert_scores import health, noticing, onsets, told
from bench.alert_worlds import WORLDS
from bench.alerts import when_on
from callpulse.alerts.core.capacity import Condition, read
from callpulse.alerts.core.erlang import erlang_a
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.levels import Lasting, Levels
from callpulse.alerts.core.watched import Watched

CASE, LOST = Case(100, 14, 10), Trouble("staff", 3600.0, 6300.0)
YES, NO, BETWEEN = Condition(True, False), Condition(False, True), Condition(False, False)


@pytest.fixture(scope="module")
def panes() -> Panes:
    return simulated(CASE, 30, [LOST], "a seed")


def test_every_call_is_decided_once_and_served_or_lost(panes: Panes) -> None:
    assert sum(panes.arrivals) == sum(panes.hits) + sum(panes.misses)
    assert sum(panes.hits) == sum(panes.good)
    assert sum(panes.misses) == sum(panes.booked)
    assert sum(panes.ended) <= sum(panes.arrivals)
    assert min(panes.served) >= 0
    assert min(panes.waiting) >= 0


def test_work_is_told_where_it_was_done(panes: Panes) -> None:
    assert all(-1e-6 <= each <= PANE_S * CASE.agents + 1e-6 for each in panes.busy_s)
    assert sum(panes.busy_s) / sum(panes.ended) == pytest.approx(CASE.aht_s, rel=0.06)


def test_the_oldest_wait_is_there_where_somebody_waits(panes: Panes) -> None:
    for waiting, oldest_ms, past in zip(panes.waiting, panes.oldest_ms, panes.past, strict=True):
        assert (waiting > 0) == (oldest_ms > 0)
        assert (past > 0) == (oldest_ms > 20_000)


def test_who_leaves_finishes_the_call_first(panes: Panes) -> None:
    first, last = int(LOST.begins_s / PANE_S), int(LOST.ends_s / PANE_S)
    assert set(panes.staffed[: first - 1]) == {14}
    assert set(panes.staffed[first - 1 : last - 1]) == {10}
    assert set(panes.staffed[last - 1 :]) == {14}
    assert max(panes.served[first + 60 : last - 1]) <= 10
    assert max(panes.served) > 10


def test_in_balance_it_does_as_erlang_a_says() -> None:
    found, expected = simulated(Case(100, 12, 12), 300, [], "balance"), erlang_a(12, 100 / 1800, 180.0, 300.0, 20.0)
    assert expected is not None
    assert sum(found.hits) / sum(found.arrivals) == pytest.approx(expected.offered, abs=0.02)


def test_a_surge_brings_half_as_many_calls_again_and_a_slowdown_longer_ones() -> None:
    usual = simulated(CASE, 20, [], "surge")
    surge = simulated(CASE, 20, [Trouble("surge", 0.0, 72_000.0)], "surge")
    slow = simulated(CASE, 20, [Trouble("slowdown", 0.0, 72_000.0)], "surge")
    assert sum(surge.arrivals) / sum(usual.arrivals) == pytest.approx(1.5, abs=0.1)
    assert sum(slow.busy_s) / sum(slow.ended) == pytest.approx(1.3 * CASE.aht_s, rel=0.06)


def test_rules_that_look_alike_share_a_reading_and_others_have_their_own() -> None:
    names = ("together", "default", "study", "d1h")
    panes = simulated(WORLDS["one_lost"]["20"], 6, [Trouble("staff", 3600.0, 6 * HOUR_S)], "b")
    alone = [when_on(panes, (name,), Forecaster(20.0), False)[name] for name in names]
    assert [when_on(panes, names, Forecaster(20.0), False)[name] for name in names] == alone
    assert alone[1] != alone[2]


def test_the_same_seed_is_the_same_day() -> None:
    assert list(simulated(CASE, 1, [], "x").ticks()) == list(simulated(CASE, 1, [], "x").ticks())
    assert list(simulated(CASE, 1, [], "x").ticks()) != list(simulated(CASE, 1, [], "y").ticks())


def test_troubles_begin_in_the_second_hour_of_three() -> None:
    found = troubles("surge", 50, "a seed")
    assert all(3600 <= each.begins_s % (3 * 3600) <= 4200 for each in found)
    assert {round(each.ends_s - each.begins_s) for each in found} == {LASTS_S["surge"]}


@pytest.mark.parametrize(
    ("n", "hits"),
    [(5, 2), (10, 5), (15, 9), (20, 13), (30, 20), (50, 35), (100, 73), (200, 150), (500, 385)],
)
def test_the_largest_share_that_is_too_low_beyond_doubt(n: int, hits: int) -> None:
    assert wilson_upper(hits, n - hits) < 0.8 <= wilson_upper(hits + 1, n - hits - 1)


def test_nothing_is_never_beyond_doubt() -> None:
    assert wilson_upper(0, 0) == 1.0


def test_an_alert_waits_until_its_condition_has_lasted() -> None:
    alert = Alert(Lasting(20, 30))
    told_on = [
        alert.step(each) for each in (YES, YES, NO, YES, YES, YES, NO, NO, None, NO, NO, BETWEEN, NO, NO, NO, NO)
    ]
    assert told_on == [False] * 5 + [True] * 10 + [False]


def test_scores_of_a_rule_by_hand() -> None:
    panes = Panes(1000)
    for pane in range(1000):
        panes.arrivals[pane], panes.good[pane] = 1, int(pane < 800)
    on = bytearray(chain(repeat(0, 100), repeat(1, 50), repeat(0, 750), repeat(1, 20), repeat(0, 80)))
    assert onsets(on) == [100, 900]
    found = health(on, panes)
    eights = 1000 * PANE_S / 3600 / 8
    assert found == pytest.approx((2 / eights, 1 / eights, 0.07))
    staff = noticing(
        on, [Trouble("staff", 900.0, 1100.0), Trouble("staff", 1200.0, 2000.0), Trouble("staff", 5000, 6000)]
    )
    assert staff.troubles == 2  # one began while it was on
    assert staff.median_min == math.inf
    assert staff.noticed == 0.5
    assert staff.alerts == 1.0
    assert told(found, {"staff": staff, "surge": staff})["surge"] == {"median_detection_min": None, "noticed": 0.5}


def test_the_cost_of_judging_is_measured() -> None:
    assert 0 < cores(2, 12, forecast=True) < 1


@pytest.mark.parametrize(
    ("world", "size", "level"),
    [
        ("base", "20", 0.884),
        ("base", "100", 0.917),
        ("lean", "100", 0.858),
        ("busy", "400_45", 0.895),
        ("busy", "400_47", 0.944),
        ("shared", "20", 0.917),
        ("shared", "100", 0.920),
    ],
)
def test_a_world_is_as_healthy_as_erlang_a_says_of_all_calls_of_its_agents(world: str, size: str, level: float) -> None:
    case = WORLDS[world][size]
    calls = (case.calls + case.also_calls) / 1800
    expected = erlang_a(case.agents, calls, case.aht_s, 300.0, case.threshold_s)
    assert expected is not None
    assert expected.offered == pytest.approx(level, abs=0.001)
    found = simulated(case, 120 if case.calls < 400 else 24, [], "healthy")
    assert sum(found.good) / sum(found.arrivals) == pytest.approx(level, abs=0.025)


@pytest.mark.parametrize("size", ["20", "20_uneven"])
def test_pausing_agents_are_away_for_three_minutes_once_an_hour(size: str) -> None:
    case = WORLDS["pausing"][size]
    panes = simulated(case, 150, [], "pauses")
    away = sum(panes.pausing) / len(panes.pausing)
    assert away == pytest.approx(case.agents * 3 / 63, rel=0.15)
    assert case.present == 5  # a profile knows whole agents
    there = [(tick.staffed or 0, tick.busy) for tick in panes.ticks()]
    assert all(busy <= staffed for staffed, busy in there)
    assert {staffed for staffed, _ in there} >= {3, 4, 5}
    assert sum(panes.good) / sum(panes.arrivals) == pytest.approx(0.945, abs=0.02)


def test_who_has_left_does_not_pause() -> None:
    case = WORLDS["pausing"]["20"]._replace(left=0)
    panes = simulated(case, 10, [Trouble("staff", 3600.0, 10 * HOUR_S)], "nobody")
    assert set(panes.pausing[600:]) == {0}
    assert sum(panes.served[600:]) == 0


def test_agents_of_two_queues_are_busy_with_the_calls_of_both_and_contacts_are_those_of_one() -> None:
    case = WORLDS["shared"]["20"]
    panes = simulated(case, 60, [], "shared")
    agents, contacts = list(panes.ticks()), list(panes.of_contacts())
    assert sum(tick.busy for tick in agents) / sum(tick.busy for tick in contacts) == pytest.approx(5, rel=0.06)
    assert all(tick.busy <= (tick.staffed or 0) for tick in agents)
    assert {tick.staffed for tick in contacts} == {None}
    for found, known in ((agents, panes.expected), (contacts, panes.expected_of_contacts)):
        work_s = sum(tick.busy_ms for tick in found) / 1000 / sum(tick.ended for tick in found)
        usual_s = [each.aht_s or 0 for each in known]
        assert work_s == pytest.approx(sum(usual_s) / len(usual_s), rel=0.06)


def test_a_wrong_profile_is_off_by_a_quarter_and_one_agent_is_one() -> None:
    for size, case in WORLDS["wrong_profile"].items():
        few = case._replace(calls=1)
        off = [math.log((each.per_s or 0) * 1800) for each in simulated(few, 1200, [], f"off {size}").expected]
        assert math.sqrt(sum(each * each for each in off) / len(off)) == pytest.approx(0.25, abs=0.05)
    assert {case.agents - case.left for case in WORLDS["one_lost"].values()} == {1}


@pytest.mark.parametrize(("world", "size"), [("pausing", "20"), ("pausing", "20_uneven"), ("shared", "20")])
def test_the_same_seed_is_the_same_day_in_every_world(world: str, size: str) -> None:
    days = [list(simulated(WORLDS[world][size], 3, [LOST], seed).ticks()) for seed in ("x", "x", "y")]
    assert days[0] == days[1] != days[2]


@pytest.mark.parametrize("size", ["20", "100"])
def test_where_nobody_is_missing_the_level_is_that_of_the_study(size: str) -> None:
    more = [Trouble("surge", 3600.0, 7200.0), Trouble("slowdown", 10_800.0, 18_000.0)]
    panes, watched, forecaster = simulated(WORLDS["base"][size], 10, more, "all there"), Watched(), Forecaster(20.0)
    found = [read(watched, tick, panes.expected[0], forecaster, Levels()) for tick in panes.ticks()]
    assert {each.level for each in found if each} == {0.65}
    assert any(0.65 < (each.forecast or 0) < 0.74 for each in found if each)


def test_a_surge_is_noticed_sooner_than_in_the_study_and_less_is_called_harm() -> None:
    there = troubles("surge", 12, "a seed begins")
    on = when_on(simulated(WORLDS["base"]["100"], 36, there, "a seed"), ("default", "study"), Forecaster(20.0), False)
    default, study = (noticing(on[name], there) for name in ("default", "study"))
    assert default.median_min < study.median_min - 1
    assert (default.noticed or 0) >= (study.noticed or 0)
    healthy = simulated(WORLDS["base"]["20"], 60, [], "calm")
    on = when_on(healthy, ("default", "study"), Forecaster(20.0), False)
    assert len(onsets(on["default"])) < len(onsets(on["study"]))


def test_without_agents_states_lost_agents_are_noticed_sooner_than_in_the_study() -> None:
    there = troubles("staff", 12, "a seed begins")
    panes = simulated(WORLDS["base"]["20"], 36, there, "a seed")
    on = when_on(panes, ("d1h", "study_d1h"), Forecaster(20.0), False)
    assert noticing(on["d1h"], there).median_min < noticing(on["study_d1h"], there).median_min
