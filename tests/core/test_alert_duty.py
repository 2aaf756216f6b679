"""What one alerts worker judges, between reading what is stored and telling."""

from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from callpulse.alerts.core.engine import Plan
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.core.site_alert import SILENT
from callpulse.alerts.duty import SETTLING_MS, Duty
from callpulse.alerts.storing import AlertTopic
from callpulse.stream.board_record import SCHEMA, AsOf, QueueRecord
from callpulse.stream.core import tally as t
from callpulse.stream.core.kpis import Policy
from callpulse.stream.kpi_table import KpiTable

NOON = 1_795_348_800_000


class Site:
    """One queue, whose source was heard last so many ms ago while its worker goes on writing."""

    def __init__(self) -> None:
        topic = AlertTopic(None, "alerts", 1, lambda: NOON, 30_000)  # type: ignore[arg-type]  # stores nothing
        plan = Plan((), ZoneInfo("UTC"), "ams", lambda _: ("desk",))
        self.duty = Duty(plan, KpiTable(30_000), topic, lambda _: Policy())
        self.number = 0

    def firing(self, now_ms: int, heard_ago_ms: int) -> list[str]:
        """The rules of what is told now."""
        self.number += 1
        heard_ms, version = now_ms - heard_ago_ms, (1, self.number)
        self._take("as_of:0", AsOf(SCHEMA, 0, heard_ms, now_ms, version, {"pbx": heard_ms}))
        record = QueueRecord(
            SCHEMA, "sales", 0, heard_ms, now_ms, version, "w", "pbx", "voice", "ams", {}, {"1h": {t.OFFERED: 1}}, {},
            (), {}, [], (),
        )  # fmt: skip
        self._take("queue:sales", record)
        facts = self.duty.judged([], lambda _: (), now_ms)
        return [fact.notice.labels.rule for fact in facts if fact.notice is not None]

    def _take(self, key: str, value: Any) -> None:
        encoded = msgspec.json.encode(value)
        self.duty.table.take(SimpleNamespace(topic="kpis", partition=0, offset=0, key=key.encode(), value=encoded))


def test_a_feed_that_is_being_caught_up_at_the_start_is_not_called_silent() -> None:
    site = Site()
    assert site.firing(NOON, 87_000) == []
    assert site.firing(NOON + 5_000, 61_000) == []
    assert site.firing(NOON + SETTLING_MS + 1_000, 1_000) == []


def test_which_queues_there_are_is_known_to_who_takes_over_and_a_slip_is_said(caplog: pytest.LogCaptureFixture) -> None:
    site = Site()
    own = Rule(name="own", kpi="asa_s", side="above", queues=("slaes", "s*"), warning=Level(60, 30))
    rules = site.duty.engine.plan._replace(rules=(own,))
    site.duty.follow(rules)
    assert caplog.messages == []  # on the first day nothing is known
    site.firing(NOON, 1_000)
    site.duty.follow(rules)
    assert caplog.messages == [
        "alerts.rules.own.queues: no queue matches 'slaes' so far; expected the name of a queue, the nearest is sales"
    ]
    site.duty.restore()
    assert len(caplog.messages) == 2


def test_a_source_that_was_silent_when_it_took_over_is_told_soon() -> None:
    site = Site()
    assert site.firing(NOON, 87_000) == []
    assert site.firing(NOON + SETTLING_MS, 102_000) == [SILENT]
