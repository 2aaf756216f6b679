"""Which stretch of time is meant: integer milliseconds, half-open, everywhere.

Rolling windows are sums of 10 s panes of facts at their own time; clock intervals and the business day are sums of
15-minute UTC cells of visits by arrival. Zones and the start of the day come from configuration and are applied when
the cells are read.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

PANE_MS = 10_000
NEWEST_PANES = 6  # in which events still come, wrap-up among them: no kept sum holds them
LIVE_MS = 600_000  # panes are stored together, sixty in a cell
INTERVAL_MS = 900_000
MINUTE_MS = 60_000
ROLLING = {"5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "30m": 30 * MINUTE_MS, "1h": 60 * MINUTE_MS}
BOARD_WINDOWS = (*ROLLING, "interval", "day", "all")


class Span(NamedTuple):
    """[start_ms, end_ms)"""

    start_ms: int
    end_ms: int

    def __contains__(self, at_ms: object) -> bool:
        return isinstance(at_ms, int) and self.start_ms <= at_ms < self.end_ms


class Calendar(NamedTuple):
    """How a site cuts time: IANA zone, start of the business day (minutes after midnight, a multiple of 15), and the
    length of an interval (15 or 30 minutes)."""

    zone: str = "UTC"
    day_start_min: int = 0
    interval_min: int = 15


def floor(at_ms: int, size_ms: int) -> int:
    """Start of the bucket of that size that holds the instant."""
    return at_ms // size_ms * size_ms


def settled_until(as_of_ms: int) -> int:
    """What arrived before this hardly ever changes: an hour before the quarter of an hour that is running."""
    return floor(as_of_ms, INTERVAL_MS) - 4 * INTERVAL_MS


def rolling(as_of_ms: int, length_ms: int) -> Span:
    """The panes of a rolling window: the pane that is filling now and those before it, `length_ms` in all."""
    end = floor(as_of_ms, PANE_MS) + PANE_MS
    return Span(end - length_ms, end)


def interval(at_ms: int, calendar: Calendar) -> Span:
    """The clock interval (local :00, :15, … or :00, :30) that holds the instant."""
    size = calendar.interval_min * MINUTE_MS
    offset = _offset_ms(floor(at_ms, INTERVAL_MS), calendar.zone)
    start = floor(at_ms + offset, size) - offset
    return Span(start, start + size)


def day(at_ms: int, calendar: Calendar) -> Span:
    """The business day that holds the instant: 23, 24 or 25 hours long."""
    local = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(_zone(calendar.zone)).date()
    candidates = (local + timedelta(days=1), local, local - timedelta(days=1))  # it began at most a day after its date
    date_ = next(candidate for candidate in candidates if day_start(candidate, calendar) <= at_ms)
    return Span(day_start(date_, calendar), day_start(date_ + timedelta(days=1), calendar))


@lru_cache(maxsize=4096)
def day_start(date_: date, calendar: Calendar) -> int:
    """When the business day of that date begins."""
    hour, minute = divmod(calendar.day_start_min, 60)
    local = datetime(date_.year, date_.month, date_.day, hour, minute, tzinfo=_zone(calendar.zone))
    return floor(round(local.timestamp()) * 1000, INTERVAL_MS)


@lru_cache(maxsize=64)
def intervals_of_day(day_span: Span, calendar: Calendar) -> tuple[Span, ...]:
    """The clock intervals of a business day, in order; the first and last are cut at the day's edges."""
    found, at = [], day_span.start_ms
    while at < day_span.end_ms:
        found.append(Span(at, min(interval(at, calendar).end_ms, day_span.end_ms)))
        at = found[-1].end_ms
    return tuple(found)


def day_name(at_ms: int, calendar: Calendar) -> str:
    """`2026-11-21`: the date on which the business day began."""
    return _local(day(at_ms, calendar).start_ms, calendar.zone).date().isoformat()


def interval_name(at_ms: int, calendar: Calendar) -> str:
    """`2026-11-21T09:15` in local time; in the hour that comes twice a year the offset is added."""
    local = _local(interval(at_ms, calendar).start_ms, calendar.zone)
    plain = local.replace(tzinfo=None)
    zone = _zone(calendar.zone)
    twice = plain.replace(tzinfo=zone, fold=0).utcoffset() != plain.replace(tzinfo=zone, fold=1).utcoffset()
    return local.isoformat(timespec="minutes") if twice else plain.isoformat(timespec="minutes")


def _local(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, _zone(zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=65536)
def _offset_ms(cell_ms: int, zone: str) -> int:
    offset = _local(cell_ms, zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * 1000
