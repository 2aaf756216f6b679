"""A report for scripts."""

from collections.abc import Mapping
from typing import Any

import msgspec

from callpulse.backtest.alert import Alert
from callpulse.backtest.run import Outcome, Report
from callpulse.check.show import local_time


def to_json(report: Report, zone: str) -> bytes:
    """`{"from", "to", "looks", "rules": [{"name", "alerts": […], "changes": […], "totals": {rule: …}}], "lines"}`;
    times are RFC 3339 in the zone of the site, spans are seconds, and what lasts beyond the log has `"to": null`."""
    lines = report.recording
    shape = {
        "from": local_time(report.first_ms or None, zone),
        "to": local_time(report.last_ms or None, zone),
        "looks": report.looks,
        "rules": [_outcome(each, zone) for each in report.outcomes],
        "lines": {
            "read": lines.lines,
            "events": len(lines.events),
            "outside": lines.outside,
            "ignored": lines.ignored,
            "rejected": lines.rejected,
            "refusals": lines.refusals,
        },
    }
    return msgspec.json.encode(shape)


def _outcome(outcome: Outcome, zone: str) -> Mapping[str, Any]:
    return {
        "name": outcome.name,
        "alerts": [_alert(each, zone) for each in outcome.alerts],
        "changes": [
            {
                "at": local_time(change.transition.at_ms, zone),
                "queue": change.queue,
                "rule": change.rule,
                "old": change.transition.old.name.lower(),
                "new": change.transition.new.name.lower(),
                "reason": change.transition.reason.value,
            }
            for change in outcome.changes
        ],
        "totals": {
            rule: {
                "onsets": total.onsets,
                "firing_s": total.firing_ms / 1000,
                "longest_s": total.longest_ms / 1000,
                "flaps": total.flaps,
            }
            for rule, total in outcome.totals.items()
        },
    }


def _alert(alert: Alert, zone: str) -> Mapping[str, Any]:
    return {
        "queue": alert.queue,
        "queues": alert.queues,
        "rule": alert.rule,
        "rules": alert.rules,
        "severity": alert.severity,
        "onset": local_time(alert.onset_ms, zone),
        "from": local_time(alert.from_ms, zone),
        "to": local_time(alert.to_ms, zone),
        "phases": [{"at": local_time(each.at_ms, zone), "severity": each.severity} for each in alert.phases],
        "told": [
            {"at": local_time(each.at_ms, zone), "kind": each.kind, "severity": each.severity} for each in alert.told
        ],
        "told_as_the_sites": alert.of_site,
        "kpi": alert.kpi,
        "unit": alert.unit,
        "worst": alert.worst,
        "hurt": alert.hurt,
        "cause": alert.cause,
    }
