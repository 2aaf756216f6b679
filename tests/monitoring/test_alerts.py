"""Every alert of Prometheus, loud where it has to be and silent where it must not be."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from callpulse.monitoring import floor, operations
from callpulse.settings import Settings
from tests.prometheus import needs_prometheus
from tests.promtool import Series, failures, queue, rule_files, series

ALWAYS = "CallpulsePrometheusAlive"  # is never silent: that is what it is for


class Case(NamedTuple):
    """What is told, and at `at` how many fire of each severity."""

    alert: str
    when: str
    told: Sequence[Series]
    at: str = "10m"
    warning: int = 0
    critical: int = 0
    none: int = 0

    @property
    def loud(self) -> bool:
        return self.warning + self.critical + self.none > 0


def up(job: str, values: str, instance: str = "1") -> Series:
    return series("up", values, job=f"callpulse-{job}", instance=instance)


def of_partition(name: str, values: str, instance: str = "1") -> Series:
    return series(f"callpulse_{name}", values, topic="callpulse.calls", partition="3", instance=instance)


def duty(values: str, instance: str = "1") -> Series:
    return series("callpulse_alerts_on_duty", values, instance=instance)


def events(read: str, rejected: str) -> list[Series]:
    topic = {"topic": "callpulse.calls"}
    return [
        series("callpulse_events_read_total", read, **topic),
        series("callpulse_events_rejected_total", rejected, reason="unreadable", **topic),
    ]


def visits(each: float, answered: float, within: float, abandoned: float) -> dict[str, float]:
    """So many in a step of 15 s; shares of them."""
    return {
        "visits_offered": each,
        "visits_answered": each * answered,
        "within": each * within,
        "visits_abandoned": each * abandoned,
    }


GOOD = visits(10, 0.96, 0.9, 0.04)
CHANNEL_UP = series("callpulse_alert_channel_up", "1x80", channel="desk")
LOOKS = series("callpulse_alerts_look_timestamp_seconds", "0+15x80")
NOW = "0+15x80"  # a point in time that is always now

LIFE = [
    Case(ALWAYS, "always", [], none=1),
    Case("CallpulseAlertsWatching", "on duty, and can tell", [duty("1x80"), CHANNEL_UP, LOOKS], none=1),
    Case("CallpulseAlertsWatching", "nobody is on duty", [duty("0x80"), CHANNEL_UP, LOOKS]),
    Case("CallpulseAlertsWatching", "it has no channel", [duty("1x80"), LOOKS]),
    Case("CallpulseAlertsWatching", "it does not look", [duty("1x80"), CHANNEL_UP,
         series("callpulse_alerts_look_timestamp_seconds", "60x80")]),
    Case("CallpulseWorkerDown", "one of two", [up("worker", "1x8 0x80"), up("worker", "1x80", "2")], warning=1),
    Case("CallpulseWorkerDown", "both", [up("worker", "1x8 0x80"), up("worker", "1x8 0x80", "2")],
         warning=2, critical=1),
    Case("CallpulseWorkerDown", "a scrape was missed", [up("worker", "1x38 0x1 1x20")]),
]  # fmt: skip
DATA = [
    Case("CallpulseNoData", "a queue is told no more", [*queue(GOOD, until=12), *queue(GOOD, queue="b")], critical=1),
    Case("CallpulseNoData", "workers answer, none has a queue", [up("worker", "1x80")], critical=1),
    Case("CallpulseNoData", "no worker is found any more", [up("worker", "1x8 stale")], critical=1),
    Case("CallpulseNoData", "another worker has taken over",
         [up("worker", "1x80"), *queue(GOOD, until=12, instance="1"), *queue(GOOD, since=16, instance="2")]),
    Case("CallpulseNoData", "the queue has another channel now",
         [*queue(GOOD, until=12), *queue(GOOD, since=12, channel="chat")]),
    Case("CallpulseSourceSilent", "for ten minutes",
         [series("callpulse_source_heartbeat_timestamp_seconds", "0x80", source="pbx")], critical=1),
    Case("CallpulseSourceSilent", "it beats",
         [series("callpulse_source_heartbeat_timestamp_seconds", NOW, source="pbx")]),
    Case("CallpulseSourceSilent", "for more than a day: it was taken away",
         [series("callpulse_source_heartbeat_timestamp_seconds", "-90000x80", source="pbx")]),
    Case("CallpulseLedgerResidual", "two too few",
         [series("callpulse_ledger_residual_visits", "-2x80", queue="b", channel="voice", window="day")], warning=1),
    Case("CallpulseLedgerResidual", "it balances",
         [series("callpulse_ledger_residual_visits", "0x80", queue="b", channel="voice", window="day")]),
    Case("CallpulseLedgerResidual", "for a minute",
         [series("callpulse_ledger_residual_visits", "0x35 2x3 0x40", queue="b", channel="voice", window="day")]),
]  # fmt: skip
EVENTS = [
    Case("CallpulseEventLag", "far behind",
         [of_partition("event_lag_records", "5000x80"), of_partition("event_time_seconds", NOW)], warning=1),
    Case("CallpulseEventLag", "stuck at three",
         [of_partition("event_lag_records", "3x80"), of_partition("event_time_seconds", "60x80")], "15m", warning=1),
    Case("CallpulseEventLag", "always a few on their way",
         [of_partition("event_lag_records", "3x80"), of_partition("event_time_seconds", NOW)], "15m"),
    Case("CallpulseEventLag", "two minutes to catch up",
         [of_partition("event_lag_records", "0x30 5000x8 0x40"), of_partition("event_time_seconds", NOW)]),
    Case("CallpulseRejectedFlood", "one of twenty", events("0+100x80", "0+5x80"), warning=1),
    Case("CallpulseRejectedFlood", "a bad quarter of few", events("0+1x80", "0+0.25x80")),
    Case("CallpulseQueuesCapped", "eight thousand",
         [series("callpulse_queues_not_told", "8000x80", job="callpulse-worker")], warning=1),
    Case("CallpulseQueuesCapped", "none", [series("callpulse_queues_not_told", "0x80", job="callpulse-worker")]),
    Case("CallpulseRejectedFlood", "many, of very many", events("0+10000x80", "0+5x80")),
]  # fmt: skip
STORED = [
    Case("CallpulseRecovering", "for too long", [of_partition("partition_recovered", "0x80")], "12m", warning=1),
    Case("CallpulseRecovering", "for three minutes", [of_partition("partition_recovered", "0x12 1x80")], "12m"),
    Case("CallpulseRecovering", "whole elsewhere",
         [of_partition("partition_recovered", "0x80"), of_partition("partition_recovered", "1x80", "2")], "12m"),
    Case("CallpulseUncommitted", "since the start",
         [of_partition("uncommitted_since_timestamp_seconds", "1x80")], critical=1),
    Case("CallpulseUncommitted", "for a few seconds each time",
         [of_partition("uncommitted_since_timestamp_seconds", NOW)]),
    Case("CallpulseKafkaLosses", "one",
         [series("callpulse_kafka_losses_total", "1x80", topic="t", partition="0", what="expired")], warning=1),
    Case("CallpulseKafkaLosses", "none",
         [series("callpulse_kafka_losses_total", "0x80", topic="t", partition="0", what="expired")]),
    Case("CallpulseSetAside", "one", [series("callpulse_records_set_aside_total", "0x8 1x80")], warning=1),
    Case("CallpulseSetAside", "none", [series("callpulse_records_set_aside_total", "0x80")]),
    Case("CallpulseRedisWriteFailures", "it is away",
         [series("callpulse_redis_write_failures_total", "0+1x80")], critical=1),
    Case("CallpulseRedisWriteFailures", "once", [series("callpulse_redis_write_failures_total", "0x30 1x80")]),
]  # fmt: skip
RELOADED = "callpulse_settings_reload_failed"
TOLD = [
    Case("CallpulseSettingsReloadFailed", "refused",
         [series(RELOADED, "0x8 1x80", job="callpulse-worker", instance="1")], warning=1),
    Case("CallpulseSettingsReloadFailed", "mended",
         [series(RELOADED, "0x8 1x8 0x80", job="callpulse-worker", instance="1")]),
    Case("CallpulseAlertsNotOnDuty", "all stand by", [up("alerts", "1x80"), duty("0x80")], critical=1),
    Case("CallpulseAlertsNotOnDuty", "none is found any more",
         [up("alerts", "1x8 stale"), duty("1x8 stale")], critical=1),
    Case("CallpulseAlertsNotOnDuty", "one of two stands by",
         [up("alerts", "1x80"), duty("0x80"), up("alerts", "1x80", "2"), duty("1x80", "2")]),
    Case("CallpulseAlertsNotOnDuty", "nobody runs one", [up("worker", "1x80")]),
    Case("CallpulseAlertsNotStored", "since the start",
         [series("callpulse_alerts_not_stored_timestamp_seconds", "1x80")], warning=1),
    Case("CallpulseAlertsNotStored", "for seconds",
         [series("callpulse_alerts_not_stored_timestamp_seconds", "_x38 580x1 stale")]),
    Case("CallpulseChannelDown", "refused", [series("callpulse_alert_channel_up", "0x80", channel="desk")], critical=1),
    Case("CallpulseChannelDown", "one attempt",
         [series("callpulse_alert_channel_up", "1x35 0x2 1x80", channel="desk")]),
    Case("CallpulseNoticesWaiting", "always some",
         [series("callpulse_alert_notices_waiting", "3x80")], "12m", warning=1),
    Case("CallpulseNoticesWaiting", "some for five minutes",
         [series("callpulse_alert_notices_waiting", "0x20 3x20 0x80")], "12m"),
    Case("CallpulseAlertRuleParked", "one",
         [series("callpulse_alert_rule_parked", "1x80", queue="b", rule="late")], warning=1),
    Case("CallpulseAlertRuleParked", "well again",
         [series("callpulse_alert_rule_parked", "1x20 stale", queue="b", rule="late")]),
]  # fmt: skip
WALL = [
    Case("CallpulseWallboardDown", "away", [up("wallboard", "1x8 0x80")], warning=1),
    Case("CallpulseWallboardDown", "a scrape was missed", [up("wallboard", "1x38 0x1 1x20")]),
    Case("CallpulseWallboardBlind", "Redis is away",
         [series("callpulse_wallboard_redis_away_since_timestamp_seconds", "1x80", instance="1")], warning=1),
    Case("CallpulseWallboardBlind", "Redis is back",
         [series("callpulse_wallboard_redis_away_since_timestamp_seconds", "1x20 stale", instance="1")]),
]  # fmt: skip
LOW, HIGH = "CallpulseServiceLevelLow", "CallpulseAbandonmentHigh"
FLOOR = [
    Case(LOW, "75 %", queue(visits(10, 1, 0.75, 0)), "20m", warning=1),
    Case(LOW, "50 %", queue(visits(10, 1, 0.5, 0)), "20m", warning=1, critical=1),
    Case(LOW, "75 % where 70 % is asked", queue(visits(10, 1, 0.75, 0), target=0.7), "20m"),
    Case(LOW, "81 %", queue(visits(10, 1, 0.81, 0)), "20m"),
    Case(LOW, "75 % of forty visits: no proof", queue(visits(0.66, 1, 0.75, 0)), "20m"),
    Case(LOW, "50 % of forty visits: proof", queue(visits(0.66, 1, 0.5, 0)), "20m", warning=1),
    Case(LOW, "no visits", queue({}), "20m"),
    Case(LOW, "75 %, but not for twelve minutes yet", queue(visits(10, 1, 0.75, 0)), "10m"),
    Case(LOW, "below in a quarter of an hour, above in five minutes",
         queue(visits(10, 1, 0.6, 0), turns=30, later=visits(10, 1, 0.86, 0)), "13m"),
    Case(LOW, "83 % after it fired: not over below 85 %",
         queue(visits(10, 1, 0.75, 0), turns=80, later=visits(10, 1, 0.83, 0)), "60m", warning=1),
    Case(LOW, "83 % without having fired", queue(visits(10, 1, 0.83, 0)), "60m"),
    Case(LOW, "87 %: over, but for five minutes kept",
         queue(visits(10, 1, 0.75, 0), turns=80, later=visits(10, 1, 0.87, 0)), "36m", warning=1),
    Case(LOW, "87 %: over", queue(visits(10, 1, 0.75, 0), turns=80, later=visits(10, 1, 0.87, 0)), "45m"),
    Case(HIGH, "7 %", queue(visits(10, 0.93, 0.9, 0.07)), "30m", warning=1),
    Case(HIGH, "13 %", queue(visits(10, 0.87, 0.85, 0.13)), "30m", warning=1, critical=1),
    Case(HIGH, "20 %", queue(visits(10, 0.8, 0.8, 0.2)), "20m", warning=1, critical=2),
    Case(HIGH, "20 % for ten minutes: what is severe is told at once",
         queue(visits(10, 0.8, 0.8, 0.2)), "10m", critical=1),
    Case(HIGH, "4 %", queue(GOOD), "20m"),
    Case(HIGH, "10 % of ten visits: no proof", queue(visits(0.17, 0.9, 0.9, 0.1)), "20m"),
    Case(HIGH, "no visits", queue({}), "20m"),
]  # fmt: skip
CASES = [*LIFE, *DATA, *EVENTS, *STORED, *TOLD, *WALL, *FLOOR]


def alerts() -> set[str]:
    settings = Settings()
    return {alert.name for alert in (*operations.alerts(settings), *floor.alerts(settings))}


def test_every_alert_has_a_case_in_which_it_is_loud_and_one_in_which_it_is_silent() -> None:
    assert {case.alert for case in CASES if case.loud} == alerts()
    assert {case.alert for case in CASES if not case.loud} == alerts() - {ALWAYS}


@needs_prometheus
@pytest.mark.parametrize(
    ("cases", "windows"),
    [(LIFE + DATA, ()), (EVENTS + STORED, ()), (TOLD + WALL, ()), (FLOOR, ("5m", "15m"))],
    ids=["data", "events", "told", "floor"],
)
def test_alerts_fire_when_they_have_to_and_only_then(
    cases: list[Case], windows: tuple[str, ...], tmp_path: Path
) -> None:
    files = rule_files(tmp_path, Settings(), "counts", *windows)
    assert failures(tmp_path, files, *map(asked, cases)) == ""


def asked(case: Case) -> dict[str, object]:
    firing = f'count by (severity) (ALERTS{{alertname="{case.alert}", alertstate="firing"}})'
    counts = {f'severity="{name}"': getattr(case, name) for name in ("warning", "critical", "none")}
    expected = {labels: count for labels, count in counts.items() if count}
    return {"name": case.when, "series": case.told, "figures": {firing: expected}, "at": case.at}
