"""Rules over time, each silent as often as loud."""

from typing import Any

import pytest

from callpulse.alerts.core.lifecycle import Reason, Severity, Sight
from callpulse.alerts.core.rules import Evidence, Level, Rule
from tests.timeline import Timeline, ms_of, time_of

MINUTE_MS = 60_000
SL: dict[str, Any] = {
    "name": "service level", "kpi": "service_level", "side": "below", "windows": ("15m", "5m"),
    "warning": Level(0.80, 0.85), "critical": Level(0.60, 0.70),
    "for_ms": 2 * MINUTE_MS, "keep_firing_ms": 5 * MINUTE_MS,
}  # fmt: skip


def line(**changes: Any) -> Timeline:
    return Timeline(Rule(**{**SL, **changes}))


def test_a_breach_that_lasts_fires_and_clears_by_itself() -> None:
    day = line()
    day.at("09:00", w15m=(0.90, 60), w5m=(0.90, 20))
    day.expect("09:00", "09:10", "inactive")
    day.at("09:10", w15m=(0.75, 60), w5m=(0.70, 20))
    day.expect("09:10", "09:12", "pending")
    day.expect("09:12", "09:30", "firing warning")
    day.at("09:30", w15m=(0.86, 60), w5m=(0.95, 20))
    day.expect("09:30", "09:35", "firing warning")
    day.expect("09:35", "09:40", "inactive")
    told = day.check()
    assert [(time_of(each.at_ms), each.old, each.new, each.reason) for each in told] == [
        ("09:12:00", Severity.NONE, Severity.WARNING, Reason.HELD),
        ("09:35:00", Severity.WARNING, Severity.NONE, Reason.CLEARED),
    ]
    assert day.state.onset_ms is None


def test_a_dip_of_the_breach_starts_the_waiting_anew() -> None:
    day = line()
    day.at("09:00", w15m=(0.75, 60), w5m=(0.70, 20))
    day.expect("09:00", "09:01:50", "pending")
    day.at("09:01:50", w15m=(0.75, 60), w5m=(0.80, 20))
    day.expect("09:01:50", "09:02:30", "inactive")
    day.at("09:02:30", w15m=(0.75, 60), w5m=(0.70, 20))
    day.expect("09:02:30", "09:04:30", "pending")
    assert day.check() == []


def test_both_windows_have_to_be_beyond_the_level_or_one_where_the_rule_says_any() -> None:
    for combine, expected in (("all", "inactive"), ("any", "firing warning")):
        day = line(combine=combine, for_ms=0)
        day.at("09:00", w15m=(0.90, 60), w5m=(0.70, 20))
        day.expect("09:00", "09:10", expected)
        day.check()


def test_between_the_levels_it_goes_on_firing_and_the_all_clear_has_to_last() -> None:
    day = line()
    day.at("09:00", w15m=(0.75, 60), w5m=(0.70, 20))
    day.at("09:10", w15m=(0.82, 60), w5m=(0.82, 20))
    day.at("09:20", w15m=(0.86, 60), w5m=(0.86, 20))
    day.at("09:24", w15m=(0.84, 60), w5m=(0.86, 20))
    day.at("09:25", w15m=(0.86, 60), w5m=(0.86, 20))
    day.expect("09:02", "09:30", "firing warning")
    day.expect("09:30", "09:31", "inactive")
    day.check()


def test_it_becomes_critical_and_eases_by_the_same_clocks() -> None:
    day = line()
    day.at("09:00", w15m=(0.75, 60), w5m=(0.70, 20))
    day.expect("09:02", "09:12", "firing warning")
    day.at("09:10", w15m=(0.55, 60), w5m=(0.50, 20))
    day.expect("09:12", "09:25", "firing critical")
    day.at("09:20", w15m=(0.75, 60), w5m=(0.75, 20))
    day.expect("09:25", "09:40", "firing warning")
    told = day.check()
    assert [(each.new, each.reason) for each in told] == [
        (Severity.WARNING, Reason.HELD), (Severity.CRITICAL, Reason.WORSE), (Severity.WARNING, Reason.BETTER),
    ]  # fmt: skip
    assert day.state.onset_ms == ms_of("09:00")


def test_what_was_critical_all_along_fires_as_critical_at_once() -> None:
    day = line()
    day.at("09:00", w15m=(0.40, 60), w5m=(0.40, 20))
    day.expect("09:02", "09:10", "firing critical")
    assert [each.new for each in day.check()] == [Severity.CRITICAL]


def test_ten_calls_do_not_wake_anybody_and_fifty_do() -> None:
    for n, expected in ((10, "inactive"), (50, "firing warning")):
        day = line(evidence=Evidence(wilson=True), for_ms=0)
        day.at("09:00", w15m=(0.65, n), w5m=(0.70, 4))
        day.expect("09:00", "09:10", expected)
        day.check()
        assert (day.state.reason is Reason.THIN_EVIDENCE) == (n == 10)


def test_fewer_than_the_least_number_are_no_evidence() -> None:
    for n, expected in ((19, "inactive"), (20, "firing critical")):
        day = line(evidence=Evidence(min_n=20), for_ms=0)
        day.at("09:00", w15m=(0.1, n), w5m=(0.1, 4))
        day.expect("09:00", "09:10", expected)
        day.check()


def test_nothing_is_concluded_from_what_is_not_seen() -> None:
    day = line()
    day.at("09:00", w15m=(0.75, 60), w5m=(0.70, 20))
    day.at("09:01:50", Sight.BLIND)
    day.expect("09:01:50", "09:10", "blind")
    day.at("09:10", w15m=(0.75, 60), w5m=(0.70, 20))
    day.expect("09:10", "09:12", "pending")
    day.expect("09:12", "09:40", "firing warning")
    day.at("09:20", Sight.BLIND)
    day.at("09:30", w15m=(None, 0), w5m=(None, 0))
    day.check()
    assert day.state.reason is Reason.NO_DATA


def test_an_all_clear_that_was_not_seen_all_along_is_none() -> None:
    day = line()
    day.at("09:00", w15m=(0.75, 60), w5m=(0.70, 20))
    day.at("09:20", w15m=(0.90, 60), w5m=(0.90, 20))
    day.at("09:22", Sight.BLIND)
    day.at("09:24", w15m=(0.90, 60), w5m=(0.90, 20))
    day.expect("09:02", "09:29", "firing warning")
    day.expect("09:29", "09:30", "inactive")
    day.check()


def test_an_empty_queue_has_no_data_and_is_no_breach() -> None:
    day = line(for_ms=0)
    day.at("03:00", w15m=(None, 0), w5m=(None, 0))
    day.expect("03:00", "04:00", "no_data")
    assert day.check() == []


def test_what_is_quiet_lately_is_clear() -> None:
    day = line(for_ms=0, clear_on=("5m",))
    day.at("09:00", w15m=(0.75, 60), w5m=(0.70, 20))
    day.at("09:10", w15m=(0.75, 60), w5m=(None, 0))
    day.expect("09:00", "09:15", "firing warning")
    day.expect("09:15", "09:20", "inactive")
    day.check()


def test_at_closing_time_it_ends_and_says_so() -> None:
    day = line()
    day.at("17:50", w15m=(0.75, 60), w5m=(0.70, 20))
    day.expect("17:52", "18:00", "firing warning")
    day.at("18:00", Sight.CLOSED)
    day.expect("18:00", "18:10", "closed")
    assert day.check()[-1].reason is Reason.CLOSED


@pytest.mark.parametrize(
    ("value", "expected"), [(0.04, "inactive"), (0.06, "firing warning"), (0.12, "firing critical")]
)
def test_abandonment_is_bad_above_its_levels(value: float, expected: str) -> None:
    day = Timeline(
        Rule(name="ab", kpi="abandonment_rate", side="above", warning=Level(0.05, 0.04), critical=Level(0.10, 0.08))
    )
    day.at("09:00", w15m=(value, 200))
    day.expect("09:00", "09:05", expected)
    day.check()
