"""Rules that could never fire, never clear, or mean nothing are refused with the reason; evidence by known values."""

from typing import Any

import pytest

from callpulse.alerts.core.evidence import lower, upper
from callpulse.alerts.core.flapping import ENDS, STARTS, is_flapping, share_changed
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.rule_faults import faults
from callpulse.alerts.core.rules import Evidence, Level, Rule, Seen, burn_level, judge


def rule(**changes: Any) -> Rule:
    plain: dict[str, Any] = {"name": "sl", "kpi": "service_level", "side": "below", "warning": Level(0.8, 0.85)}
    return Rule(**{**plain, **changes})


def test_a_plain_rule_has_no_faults() -> None:
    assert list(faults(rule())) == []
    assert list(faults(rule(critical=Level(0.6, 0.7), evidence=Evidence(wilson=True)))) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"warning": Level(burn_level(14.4, 0.8), 0.8)}, "it can never fire"),
        ({"warning": Level(0.8, 1.01)}, "it can never clear"),
        ({"warning": Level(0.8, 0.75)}, "it would clear while breached"),
        ({"warning": None}, "expected at least one"),
        ({"critical": Level(0.85, 0.9)}, "is not worse than warning.enter"),
        ({"windows": ("7m",)}, "'7m' is none of"),
        ({"windows": ()}, "expected at least one"),
        ({"side": "above", "warning": Level(1.0, 0.9)}, "it can never fire"),
        ({"side": "above", "warning": Level(0.05, -0.01)}, "it can never clear"),
        ({"warning": Level(float("nan"), 0.8)}, "warning.enter, clear: expected numbers"),
        ({"queues": ()}, "queues: expected at least one, * for all"),
        ({"windows": ("now",)}, "windows: service_level has no value in 'now'; expected some of 5m, 15m, 30m"),
        ({"clear_on": ("now",)}, "clear_on: service_level has no value in 'now'"),
        ({"hours": Hours()}, "hours.mon to sun: never open, so nothing is ever told"),
        ({"hours": Hours(mon=("18:00-08:00",))}, "hours.mon[0]: 18:00-08:00 ends before it begins"),
        (
            {"warning": Level(14.4, 1, burn=True)},
            "warning.burn: at a target of 80 % the budget of misses burns at most 5 ",
        ),
        ({"warning": Level(5, 1, burn=True)}, "so 5 can never fire"),
        (
            {"warning": Level(1, 2, burn=True)},
            "warning.clear_burn: 2 is more than burn, 1: it would clear while breached",
        ),
        ({"warning": Level(1, -0.1, burn=True)}, "clear_burn: nothing burns -0.1 times as fast, so it can never clear"),
        ({"warning": Level(1, float("inf"), burn=True)}, "warning.burn, clear_burn: expected numbers"),
        (
            {"warning": Level(2, 1, burn=True), "critical": Level(1, 0.5, burn=True)},
            "critical.burn: 1 is not worse than warning.burn, 2",
        ),
        ({"kpi": "agents_ready", "windows": ("15m",), "warning": Level(1, 2)}, "agents_ready has no value in '15m'"),
        ({"kpi": "occupancy", "windows": ("all",)}, "occupancy has no value in 'all'"),
        ({"kpi": "ledger_residual"}, "ledger_residual has no value in '15m'; expected some of interval, day, all"),
        ({"kpi": "agents_ready", "windows": ("now",), "warning": Level(0, 1)}, "nothing is ever below 0"),
        (
            {
                "kpi": "contacts_waiting",
                "windows": ("now",),
                "side": "above",
                "warning": Level(9, 5),
                "evidence": Evidence(min_n=5),
            },
            "evidence.min_n: contacts_waiting has nothing counted behind it, so it can never fire",
        ),
        (
            {"kpi": "occupancy", "evidence": Evidence(wilson=True)},
            "a bound is for shares of contacts; occupancy is none",
        ),
        (
            {"kpi": "occupancy", "warning": Level(1, 0.5, burn=True)},
            "warning.burn: occupancy has no budget of misses as service_level, ",
        ),
    ],
)
def test_what_makes_no_sense_is_said(changes: dict[str, Any], said: str) -> None:
    (found,) = faults(rule(**changes))
    assert said in found


def test_a_ledger_may_be_out_of_balance_on_either_side() -> None:
    for side, enter in (("above", 0), ("below", 0)):
        level = Level(enter, 0)
        assert list(faults(rule(kpi="ledger_residual", windows=("day",), side=side, warning=level))) == []


def test_a_kpi_with_a_slip_of_the_pen_is_told_with_the_nearest() -> None:
    (found,) = faults(rule(kpi="service_levle"))
    assert found == "kpi: nobody computes 'service_levle'; expected the name of a KPI, the nearest is service_level"


def test_burns_fire_where_the_target_leaves_enough_to_miss() -> None:
    burning = rule(warning=Level(14.4, 10, burn=True))
    assert list(faults(burning, 0.95)) == []
    assert list(faults(burning, 0.80)) != []
    assert burning.at(0.95).levels[Severity.WARNING].enter == pytest.approx(0.28)
    with pytest.raises(ValueError, match="the levels of sl are burns"):
        _ = burning.levels


def test_a_queue_at_its_very_target_does_not_burn() -> None:
    for target in (0.7, 0.8, 0.85, 0.9, 0.95):
        at = rule(warning=Level(1, 0.75, burn=True)).at(target)
        assert at.levels[Severity.WARNING].enter == target
        assert not judge(at, {"15m": Seen(target, 100)}).breach


def test_a_kpi_that_nobody_computes_and_a_bound_of_what_is_no_share_are_said() -> None:
    assert any("nobody computes" in fault for fault in faults(rule(kpi="happiness")))
    waits = rule(kpi="asa_s", side="above", warning=Level(20, 15), evidence=Evidence(wilson=True))
    assert list(faults(waits)) == ["evidence.wilson: a bound is for shares of contacts; asa_s is none"]


def test_at_80_20_no_budget_burns_more_than_five_times_as_fast() -> None:
    assert burn_level(5, 0.8) == pytest.approx(0)
    assert [burn_level(burn, 0.8) for burn in (1, 2, 3)] == pytest.approx([0.8, 0.6, 0.4])


@pytest.mark.parametrize(
    ("n", "largest"),
    [(5, 2), (10, 5), (15, 9), (20, 13), (30, 20), (50, 35), (100, 73), (200, 150), (500, 385)],
)
def test_the_largest_count_that_proves_less_than_four_in_five(n: int, largest: int) -> None:
    assert upper(largest / n, n) < 0.8 <= upper((largest + 1) / n, n)


def test_a_two_sided_interval_of_seven_in_fifty() -> None:
    """Wilson's. (0.0582, 0.2674) is that of Clopper and Pearson, which is wider."""
    z = 1.959963984540054
    assert (lower(0.14, 50, z), upper(0.14, 50, z)) == pytest.approx((0.0695083343, 0.2618619371))


def test_an_alert_that_comes_and_goes_flaps_until_it_has_calmed_down() -> None:
    steady, wild = [True] * 30, [True, False] * 15
    assert share_changed(steady) == 0
    assert share_changed(wild) == pytest.approx(1)
    assert is_flapping(False, wild)
    assert not is_flapping(False, steady)
    calming = [True, False] * 4 + [True] * 14
    assert ENDS <= share_changed(calming) < STARTS
    assert is_flapping(True, calming)
    assert not is_flapping(False, calming)
    assert not is_flapping(True, [])


def test_a_change_weighs_more_the_newer_it_is() -> None:
    assert share_changed([False] * 20 + [True]) == pytest.approx(1.2 / 20)
    assert share_changed([False] + [True] * 20) == pytest.approx(0.8 / 20)
