"""Alerts as Alertmanager sees them: sets of labels that stand, or have ended lately.

Labels say which alert it is. Severity and cause have to be among them, or nobody could route by them; so an alert that
escalates, or that a second source joins, is another one there, and the former is ended in the same breath. Rules that
agree come and go: they are an annotation.
"""

import hashlib
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from callpulse.alerts.core.figures import name
from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Labels, Notice
from callpulse.alerts.core.renderings import safe_url

RESENT_WHEN_OVER_MS = 5 * 60_000
LONGEST_VALUE = 200
NAMELESS = "callpulse"


class Alert(Struct, frozen=True):
    """`id` = the notice's; `over_since_ms` = the wall clock when it was first heard that it is over."""

    id: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_ms: int
    ended_ms: int | None = None
    url: str = ""
    over_since_ms: int | None = None


class Standing:
    """What has been told and has to be told again. Holds as much as stands, and what ended in the last five minutes."""

    def __init__(self) -> None:
        self._alerts: dict[tuple[tuple[str, str], ...], Alert] = {}

    def hold(self, notice: Notice, message: Message, now_ms: int) -> None:
        """The newest about this alert; what it was called before is over. News of an alert that another one with the
        same labels has followed is no news."""
        alert = alert_of(notice, message, now_ms)
        there = self._alerts.get(_key(alert))
        if there is not None and there.id != alert.id and there.starts_ms > alert.starts_ms:
            return
        self._end_others(alert, notice.at_ms, now_ms)
        self._alerts[_key(alert)] = alert

    def keep(self, alert: Alert) -> None:
        """An alert that is no notice, such as the heartbeat."""
        self._alerts[_key(alert)] = alert

    def drop(self, alert_id: str) -> None:
        """Never send it again: it ends by itself."""
        self._alerts = {key: alert for key, alert in self._alerts.items() if alert.id != alert_id}

    def of(self, alert_id: str) -> list[Alert]:
        """One alert, with what it was called before."""
        return [alert for alert in self._alerts.values() if alert.id == alert_id]

    def all(self, now_ms: int) -> list[Alert]:
        """Everything; what has been over for long enough is forgotten."""
        self._alerts = {key: alert for key, alert in self._alerts.items() if not _forgotten(alert, now_ms)}
        return list(self._alerts.values())

    def _end_others(self, alert: Alert, ended_ms: int, now_ms: int) -> None:
        for key, other in self._alerts.items():
            if other.id == alert.id and key != _key(alert) and other.over_since_ms is None:
                self._alerts[key] = replace(other, ended_ms=ended_ms, over_since_ms=now_ms)


def alert_of(notice: Notice, message: Message, now_ms: int) -> Alert:
    """A notice as an alert."""
    resolved = notice.kind == "resolved"
    ended_ms = (notice.at_ms if notice.ended_ms is None else notice.ended_ms) if resolved else None
    return Alert(
        id=notice.id,
        labels=labels_of(notice.labels, notice.sources),
        annotations=_annotations(notice, message),
        starts_ms=notice.onset_ms,
        ended_ms=ended_ms,
        url=notice.wall_url if safe_url(notice.wall_url) else "",
        over_since_ms=now_ms if resolved else None,
    )


def labels_of(labels: Labels, sources: Sequence[str] = ()) -> dict[str, str]:
    """All strings, none empty, `alertname` always there: Alertmanager takes alerts without, but nobody finds them. A
    source that is silent alone is one of them; of several the description tells."""
    told = {
        "alertname": labels.rule or NAMELESS,
        "queue": labels.queue,
        "site": labels.site,
        "kpi": labels.kpi,
        "cause": labels.cause,
        "severity": labels.severity,
        "source": sources[0] if len(sources) == 1 else "",
    }
    return {key: _value(value) for key, value in told.items() if value}


def _value(text: str) -> str:
    """As it is; a very long one is cut, and told apart from others that begin alike."""
    if len(text) <= LONGEST_VALUE:
        return text
    return f"{text[: LONGEST_VALUE - 17]}…{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _annotations(notice: Notice, message: Message) -> dict[str, str]:
    told = {
        "summary": message.subject,
        "description": message.plain,
        "runbook_url": notice.runbook_url if safe_url(notice.runbook_url) else "",
        "rules": ", ".join(map(name, notice.labels.rules[:10])),
        "definition": name(notice.definition),
        "alert_id": notice.id,
    }
    return {key: value for key, value in told.items() if value}


def _key(alert: Alert) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(alert.labels.items()))


def _forgotten(alert: Alert, now_ms: int) -> bool:
    return alert.over_since_ms is not None and now_ms - alert.over_since_ms >= RESENT_WHEN_OVER_MS
