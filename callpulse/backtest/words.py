"""Times, spans and figures as the tables and the pictures have them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callpulse.alerts.core import figures
from callpulse.alerts.core.words_en import EN
from callpulse.backtest.alert import Alert

NOTHING = "–"
STILL = "still"
WHOLE_SITE = "(site)"


class Times:
    """Times of a log in the zone of its site; with the date where it is longer than a day there."""

    def __init__(self, first_ms: int, last_ms: int, zone: str, *, seconds: bool = True) -> None:
        self.zone = zone
        days = {self._there(at_ms).date() for at_ms in (first_ms, last_ms)}
        clock = "%H:%M:%S" if seconds else "%H:%M"
        self._form = clock if len(days) == 1 else f"%m-%d {clock}"

    def shown(self, at_ms: int | None) -> str:
        """`09:12:30`; what lasts beyond the log has no end."""
        return NOTHING if at_ms is None else f"{self._there(at_ms):{self._form}}"

    def whole(self, at_ms: int) -> str:
        """`2026-11-21 09:12:30`"""
        return f"{self._there(at_ms):%Y-%m-%d %H:%M:%S}"

    def _there(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(self.zone))


def minutes(ms: int) -> str:
    return f"{ms / 60_000:.1f}"


def told(alert: Alert, times: Times) -> str:
    """When somebody hears of it, or why nobody does."""
    if alert.told_ms is not None:
        return times.shown(alert.told_ms)
    return "as site's" if alert.of_site else "no"


def lasted(alert: Alert, times: Times) -> str:
    """`09:12:30 to 09:40:00`"""
    return f"{times.shown(alert.from_ms)} to {STILL if alert.to_ms is None else times.shown(alert.to_ms)}"


def queues(alert: Alert) -> str:
    """Whom trouble of the whole site concerned."""
    return ", ".join(map(safe, alert.queues))


def place(alert: Alert) -> str:
    """Its queue as it may be printed: names come from outside."""
    return safe(alert.queue) or WHOLE_SITE


def worst(alert: Alert) -> str:
    return figures.figure(alert.worst, alert.unit, EN)


def kpi(name: str) -> str:
    return EN.kpis.get(name, name)


def cause(alert: Alert) -> str:
    if alert.queues:
        return f"{EN.causes['site']}: {queues(alert)}"
    return EN.causes.get(alert.cause, NOTHING)


def safe(name: str) -> str:
    """No control characters, nothing that turns the line around."""
    return "".join(each if each.isprintable() else "�" for each in name)
