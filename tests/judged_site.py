"""What one alerts worker judges: a queue as the kpis topic tells of it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from callpulse.alerts.core.engine import Plan
from callpulse.alerts.core.rules import Rule
from callpulse.alerts.duty import Duty
from callpulse.alerts.storing import AlertTopic
from callpulse.stream.board_record import SCHEMA, AsOf, QueueRecord
from callpulse.stream.core import tally as t
from callpulse.stream.core.kpis import Policy
from callpulse.stream.kpi_table import KpiTable

NOON = 1_795_348_800_000


class Site:
    """One queue, whose source was heard last so many ms ago while its worker goes on writing."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        topic = AlertTopic(None, "alerts", 1, lambda: NOON, 30_000)  # type: ignore[arg-type]  # stores nothing
        plan = Plan(rules, ZoneInfo("UTC"), "ams", lambda _: ("desk",))
        self.duty = Duty(plan, KpiTable(30_000), topic, lambda _: Policy())
        self.number = 0

    def firing(self, now_ms: int, heard_ago_ms: int, queue: str = "sales") -> list[str]:
        """The rules of what is told now."""
        self.number += 1
        heard_ms, version = now_ms - heard_ago_ms, (1, self.number)
        self._take("as_of:0", AsOf(SCHEMA, 0, heard_ms, now_ms, version, {"pbx": heard_ms}))
        record = QueueRecord(
            SCHEMA, queue, 0, heard_ms, now_ms, version, "w", "pbx", "voice", "ams", {}, {"1h": {t.OFFERED: 1}}, {},
            (), {}, [], (),
        )  # fmt: skip
        self._take(f"queue:{queue}", record)
        facts = self.duty.judged([], lambda _: (), now_ms)
        return [fact.notice.labels.rule for fact in facts if fact.notice is not None]

    def _take(self, key: str, value: Any) -> None:
        encoded = msgspec.json.encode(value)
        self.duty.table.take(SimpleNamespace(topic="kpis", partition=0, offset=0, key=key.encode(), value=encoded))
