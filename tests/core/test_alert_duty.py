"""What one alerts worker judges, between reading what is stored and telling."""

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
