"""What one alerts worker judges, between reading what is stored and telling."""

from collections.abc import Callable

import pytest

from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.core.site_alert import SILENT
from callpulse.alerts.duty import SETTLING_MS
from tests.judged_site import NOON, Site


def test_a_feed_that_is_being_caught_up_at_the_start_is_not_called_silent() -> None:
    site = Site()
    assert site.firing(NOON, 87_000) == []
    assert site.firing(NOON + 5_000, 61_000) == []
    assert site.firing(NOON + SETTLING_MS + 1_000, 1_000) == []


def test_which_queues_there_are_is_known_to_who_takes_over_and_a_slip_is_said(caplog: pytest.LogCaptureFixture) -> None:
    site = Site()
    own = Rule(name="own", kpi="asa_s", side="above", queues=("slaes", "s*"), warning=Level(60, 30))
    rules = site.duty.engine.plan._replace(rules=(own,))
    site.duty.follow(rules, site.duty._policy)
    assert caplog.messages == []  # on the first day nothing is known
    site.firing(NOON, 1_000)
    site.duty.follow(rules, site.duty._policy)
    assert caplog.messages == [
        "alerts.rules.own.queues: no queue matches 'slaes' so far; expected the name of a queue, the nearest is sales"
    ]
    site.duty.restore()
    assert len(caplog.messages) == 2


def test_a_source_that_was_silent_when_it_took_over_is_told_soon() -> None:
    site = Site()
    assert site.firing(NOON, 87_000) == []
    assert site.firing(NOON + SETTLING_MS, 102_000) == [SILENT]
    latest = site.duty.engine.held.sites[SILENT].latest
    assert latest is not None
    assert latest.sources == ("pbx",)


def told_over(site: Site, from_ms: int, seconds: int, heard_ago_ms: Callable[[int], int]) -> list[str]:
    """What is told while a worker writes each second."""
    return [
        rule
        for second in range(seconds)
        for rule in site.firing(from_ms + second * 1000, heard_ago_ms(from_ms + second * 1000))
    ]


def test_a_worker_that_was_away_and_reads_on_does_not_make_its_source_silent() -> None:
    site, back = Site(), NOON + 180_000
    assert told_over(site, NOON, 30, lambda _: 1_000) == []
    behind = [
        150_000,
        150_000,
        150_000,
        120_000,
        90_000,
        65_000,
        30_000,
        1_000,
    ]  # it recovers, then reads an hour a second
    assert [site.firing(back + n * 1000, ago) for n, ago in enumerate(behind)] == [[]] * len(behind)


def test_a_source_that_died_while_its_worker_was_away_is_told_a_minute_after() -> None:
    site, back = Site(), NOON + 180_000
    assert told_over(site, NOON, 30, lambda _: 1_000) == []
    assert told_over(site, back, 60, lambda now_ms: now_ms - NOON - 29_000) == []
    assert told_over(site, back + 60_000, 5, lambda now_ms: now_ms - NOON - 29_000) == [SILENT]


def test_a_source_that_was_silent_before_its_worker_was_away_still_is() -> None:
    site, back = Site(), NOON + 300_000
    assert told_over(site, NOON, 120, lambda now_ms: now_ms - NOON) == [SILENT]
    told_over(site, back, 1, lambda now_ms: now_ms - NOON)
    assert site.duty.engine.held.sites[SILENT].state is not None


def test_a_source_whose_clock_is_two_minutes_slow_is_heard_all_the_same() -> None:
    site = Site()
    assert told_over(site, NOON, 120, lambda _: 120_000) == []
