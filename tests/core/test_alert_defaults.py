"""The rules that hold without a file, each over a day on which it must speak and one on which it must not."""

import pytest

from callpulse.alerts.core.defaults import ABANDONMENT, ABANDONMENT_SEVERE, DEFAULT_RULES, SERVICE_LEVEL
from callpulse.alerts.core.lifecycle import Reason, Severity
from callpulse.alerts.core.rule_faults import faults
from callpulse.alerts.core.rules import Level, Rule
from tests.timeline import Timeline, time_of


def told(day: Timeline) -> list[tuple[str, Severity, Reason]]:
    return [(time_of(each.at_ms), each.new, each.reason) for each in day.check()]


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.name)
def test_a_default_can_fire_and_clear_and_is_for_everybody(rule: Rule) -> None:
    assert list(faults(rule)) == []
    assert (rule.queues, rule.audience, rule.repeat_ms, rule.evidence.wilson) == (
        ("*",),
        "supervisors",
        3_600_000,
        True,
    )


def test_service_level_at_80_20_has_the_levels_it_was_asked_for() -> None:
    assert SERVICE_LEVEL.at(0.8).levels == {Severity.WARNING: Level(0.80, 0.85), Severity.CRITICAL: Level(0.60, 0.70)}
    assert SERVICE_LEVEL.at(0.9).levels == {Severity.WARNING: Level(0.90, 0.925), Severity.CRITICAL: Level(0.8, 0.85)}


def test_a_target_that_is_missed_beyond_doubt_is_told_worse_when_it_is_worse_and_over_when_it_is_over() -> None:
    day = Timeline(SERVICE_LEVEL.at(0.8))
    day.at("09:00", w15m=(0.90, 60), w5m=(0.90, 20))
    day.expect("09:00", "09:10", "inactive")
    day.at("09:10", w15m=(0.65, 60), w5m=(0.60, 20))
    day.expect("09:10", "09:12", "pending")
    day.expect("09:12", "09:22", "firing warning")
    day.at("09:20", w15m=(0.40, 60), w5m=(0.30, 20))
    day.expect("09:22", "09:40", "firing critical")
    day.at("09:35", w15m=(0.72, 60), w5m=(0.90, 20))
    day.expect("09:40", "09:55", "firing warning")
    day.at("09:50", w15m=(0.86, 60), w5m=(0.90, 20))
    day.expect("09:55", "10:00", "inactive")
    assert told(day) == [
        ("09:12:00", Severity.WARNING, Reason.HELD),
        ("09:22:00", Severity.CRITICAL, Reason.WORSE),
        ("09:40:00", Severity.WARNING, Reason.BETTER),
        ("09:55:00", Severity.NONE, Reason.CLEARED),
    ]


@pytest.mark.parametrize(
    ("quarter", "five"),
    [
        ((0.75, 60), (0.70, 20)),  # below the target, and may be chance
        ((0.60, 60), (0.85, 20)),  # it has been bad, and is no longer
        ((0.90, 60), (0.40, 20)),  # bad for a moment
        ((0.50, 4), (0.50, 2)),  # two of four
        ((None, 0), (None, 0)),
    ],
)
def test_a_target_that_may_be_missed_by_chance_or_is_met_again_is_not_told(
    quarter: tuple[float | None, int], five: tuple[float | None, int]
) -> None:
    day = Timeline(SERVICE_LEVEL.at(0.8))
    day.at("09:00", w15m=quarter, w5m=five)
    day.expect("09:00", "09:30", "inactive" if quarter[0] is not None else "no_data")
    assert day.check() == []


def test_a_breach_shorter_than_two_minutes_is_not_told() -> None:
    day = Timeline(SERVICE_LEVEL.at(0.8))
    day.at("09:00", w15m=(0.65, 60), w5m=(0.60, 20))
    day.at("09:01:50", w15m=(0.65, 60), w5m=(0.80, 20))
    day.expect("09:00", "09:01:50", "pending")
    day.expect("09:01:50", "09:10", "inactive")
    assert day.check() == []


def test_abandonment_past_five_and_past_ten_percent() -> None:
    day = Timeline(ABANDONMENT.at(0.8))
    day.at("09:00", w15m=(0.09, 100))
    day.expect("09:00", "09:02", "pending")
    day.expect("09:02", "09:12", "firing warning")
    day.at("09:10", w15m=(0.17, 100))
    day.expect("09:12", "09:30", "firing critical")
    day.at("09:25", w15m=(0.045, 100))
    day.expect("09:30", "09:50", "firing warning")
    day.at("09:45", w15m=(0.03, 100))
    day.expect("09:50", "09:55", "inactive")
    assert [severity for _, severity, _ in told(day)] == [
        Severity.WARNING, Severity.CRITICAL, Severity.WARNING, Severity.NONE,
    ]  # fmt: skip


@pytest.mark.parametrize(("value", "n"), [(0.05, 10_000), (0.08, 50), (0.2, 5), (0.0, 100)])
def test_abandonment_that_may_be_chance_is_not_told(value: float, n: int) -> None:
    day = Timeline(ABANDONMENT.at(0.8))
    day.at("09:00", w15m=(value, n))
    day.expect("09:00", "09:30", "inactive")
    assert day.check() == []


def test_severe_abandonment_is_critical_from_the_start_and_clears_at_twelve_percent() -> None:
    day = Timeline(ABANDONMENT_SEVERE.at(0.8))
    day.at("09:00", w15m=(0.25, 80))
    day.expect("09:00", "09:02", "pending")
    day.expect("09:02", "09:20", "firing critical")
    day.at("09:10", w15m=(0.13, 80))
    day.at("09:15", w15m=(0.12, 80))
    day.expect("09:20", "09:25", "inactive")
    assert told(day) == [("09:02:00", Severity.CRITICAL, Reason.HELD), ("09:20:00", Severity.NONE, Reason.CLEARED)]


@pytest.mark.parametrize(("value", "n"), [(0.15, 10_000), (0.2, 60), (0.5, 2)])
def test_abandonment_that_is_not_severe_beyond_doubt_is_not_told_as_severe(value: float, n: int) -> None:
    day = Timeline(ABANDONMENT_SEVERE.at(0.8))
    day.at("09:00", w15m=(value, n))
    day.expect("09:00", "09:30", "inactive")
    assert day.check() == []


def test_only_severe_abandonment_is_told_before_another_rule_agrees() -> None:
    assert {rule.name: rule.alone_after_ms for rule in DEFAULT_RULES} == {
        "service_level": 600_000, "abandonment": 600_000, "abandonment_severe": 0,
    }  # fmt: skip
