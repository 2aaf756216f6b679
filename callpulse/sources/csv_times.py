"""Moments as a file writes them, to milliseconds UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from callpulse.sources.csv_mapping import Time

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (local times are counted from it, without a zone)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Moments:
    """Reads moments by one `[time]` table. Methods raise ValueError for a text that does not follow the
    format."""

    def __init__(self, time: Time) -> None:
        zone = ZoneInfo(time.zone)
        self.form = time.format
        self._offset_ms = lru_cache(65_536)(lambda hour_quarter, fold: _offset_ms(zone, hour_quarter, fold))
        self._local_ms = lru_cache(90_000)(_local_reader(time.format))
        self._day_ms = lru_cache(4_096)(_local_reader(time.day.format)) if time.day else None
        self._absolute = _ABSOLUTE.get(time.format)

    def near(self, text: str, anchor_ms: int) -> int:
        """Local ms of a time of day, on the day that brings it nearest to the anchor."""
        time_of_day = self._local_ms(text) % DAY_MS
        return anchor_ms + (time_of_day - anchor_ms + DAY_MS // 2) % DAY_MS - DAY_MS // 2

    def on_day(self, day: str, text: str) -> int:
        """Local ms of a time of day on a day written in a column of its own."""
        if self._day_ms is None:
            raise ValueError("no day column")
        return self._day_ms(day) // DAY_MS * DAY_MS + self._local_ms(text) % DAY_MS

    def utc(self, local_ms: int, not_before: int | None = None) -> int:
        """UTC of local ms. An hour that comes twice is the first, or the second if the first is
        `not_before` ms."""
        at = local_ms - self._offset_ms(local_ms // 900_000, 0)
        if not_before is not None and at < not_before:
            at = local_ms - self._offset_ms(local_ms // 900_000, 1)
        return at

    def full(self, text: str, not_before: int | None = None) -> int:
        """UTC ms of a text that holds day and time."""
        if self._absolute is not None:
            return self._absolute(text)
        local = self._local_ms(text)
        return local - _ABSOLUTE_MARK if local >= _ABSOLUTE_MARK else self.utc(local, not_before)


_ABSOLUTE_MARK = 1 << 60  # above it: ms that carried an offset of their own, so no zone is to be applied
_ABSOLUTE: dict[str, Callable[[str], int]] = {
    "epoch_s": lambda text: round(float(text) * 1000),
    "epoch_ms": lambda text: round(float(text)),
}


def _local_reader(form: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        moment = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        if moment.tzinfo is not None:
            return (moment - _EPOCH_UTC) // _MS + _ABSOLUTE_MARK
        return (moment - _EPOCH) // _MS

    return read


def _offset_ms(zone: ZoneInfo, quarter: int, fold: int) -> int:
    local = (_EPOCH + timedelta(minutes=15 * quarter)).replace(tzinfo=zone, fold=fold)
    return (local.utcoffset() or timedelta()) // _MS
