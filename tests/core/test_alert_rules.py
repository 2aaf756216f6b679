"""Rules that could never fire, never clear, or mean nothing are refused with the reason; evidence by known values."""

from typing import Any

import pytest

from callpulse.alerts.core.evidence import lower, upper
from callpulse.alerts.core.flapping import ENDS, STARTS, is_flapping, share_changed
from callpulse.alerts.core.rules import Evidence, Level, Rule, burn_level, faults


def rule(**changes: Any) -> Rule:
    plain: dict[str, Any] = {"name": "sl", "kpi": "service_level", "side": "below", "warning": Level(0.8, 0.85)}
    return Rule(**{**plain, **changes})


def test_a_plain_rule_has_no_faults() -> None:
    assert list(faults(rule(), "ratio")) == []
    assert list(faults(rule(critical=Level(0.6, 0.7), evidence=Evidence(wilson=True)), "ratio")) == []


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
    ],
)
def test_what_makes_no_sense_is_said(changes: dict[str, Any], said: str) -> None:
    (found,) = faults(rule(**changes), "ratio")
    assert said in found


def test_a_kpi_that_nobody_computes_and_a_bound_of_what_is_no_share_are_said() -> None:
    assert any("nobody computes" in fault for fault in faults(rule(kpi="happiness"), None))
    waits = rule(kpi="asa_s", side="above", warning=Level(20, 15), evidence=Evidence(wilson=True))
    assert list(faults(waits, "s")) == ["evidence.wilson: a bound is for shares; asa_s is none"]


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
