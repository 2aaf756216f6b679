"""The simulated queues of the alert benchmark, its rules and its scores."""

import math
from itertools import chain, repeat

import pytest

from bench.alert_load import cores
from bench.alert_queue import LASTS_S, PANE_S, Case, Panes, Trouble, simulated, troubles
from bench.alert_rules import Alert, wilson_upper
from bench.alert_scores import health, noticing, onsets, told
from callpulse.alerts.core.capacity import Condition
from callpulse.alerts.core.erlang import erlang_a
from callpulse.alerts.core.levels import Lasting

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
