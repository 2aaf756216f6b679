"""When a place is open: by the clock on its wall, so that a change of clocks moves nothing but the instants."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

MONTH = 31  # days
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of each day its spans, `HH:MM-HH:MM`, the end not in it and at most `24:00`; a day without any is closed, and so
    is each of `holidays` (`2026-12-25`). In the hour that comes twice the clock reads the same twice."""

    zone: str = "UTC"
    mon: tuple[str, ...] = ()
    tue: tuple[str, ...] = ()
    wed: tuple[str, ...] = ()
    thu: tuple[str, ...] = ()
    fri: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: tuple[str, ...] = ()

    def is_open(self, at_ms: int) -> bool:
        """Whether it is open at that instant (ms UTC)."""
        there = self._there(at_ms)
        minute = there.hour * 60 + there.minute
        open_now = any(start <= minute < end for start, end in map(minutes, self.spans(DAYS[there.weekday()])))
        return open_now and there.date().isoformat() not in self.holidays

    def closed_since(self, at_ms: int) -> int | None:
        """When it was open last (ms), as far as a month back; of a moment at which it is closed."""
        return max((end for _, end in self._open(at_ms) if end <= at_ms), default=None)

    def opens(self, at_ms: int) -> int | None:
        """When it opens next, as far as a month ahead."""
        return min((start for start, _ in self._open(at_ms) if start > at_ms), default=None)

    def closes(self, at_ms: int) -> int | None:
        """When it closes for the last time on the day of that instant; None on a day on which it is not open."""
        there = self._there(at_ms).date()
        return max((end for _, end in self.of_day(there)), default=None)

    def _open(self, at_ms: int) -> tuple[tuple[int, int], ...]:
        return _around(self, self._there(at_ms).date())

    def of_day(self, day: date) -> list[tuple[int, int]]:
        """From when until when (ms) it is open on that day."""
        if day.isoformat() in self.holidays:
            return []
        return [
            (self._instant(day, start), self._instant(day, end))
            for start, end in map(minutes, self.spans(DAYS[day.weekday()]))
        ]

    def _instant(self, day: date, minute: int) -> int:
        there = day + timedelta(days=minute // 1440)
        local = datetime(
            there.year, there.month, there.day, minute % 1440 // 60, minute % 60, tzinfo=ZoneInfo(self.zone)
        )
        return round(local.timestamp()) * 1000

    def _there(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(self.zone))

    def spans(self, day: str) -> tuple[str, ...]:
        """Those of `mon` to `sun`."""
        found: tuple[str, ...] = getattr(self, day)
        return found

    def faults(self) -> Iterator[str]:
        """What is wrong with them, a sentence each: `mon[0]: …`."""
        for day in DAYS:
            for place, span in enumerate(self.spans(day)):
                start, end = minutes(span)
                if start >= end:
                    yield f"{day}[{place}]: {span} ends before it begins; expected {_parted(span)}"
        if not any(self.spans(day) for day in DAYS):
            yield f"mon to sun: never open, so nothing is ever told; expected spans for one of {', '.join(DAYS)}"

    def in_words(self) -> str:
        """`mon-fri 08:00-18:00, sat 09:00-13:00 (Europe/Amsterdam), closed on 2026-12-25`."""
        told = ", ".join(f"{days} {' and '.join(spans)}" for days, spans in self._alike() if spans)
        return f"{told} ({self.zone})" + (f", closed on {', '.join(self.holidays)}" if self.holidays else "")

    def _alike(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Days in a row with the same spans."""
        first = DAYS[0]
        for day, following in zip(DAYS, (*DAYS[1:], ""), strict=True):
            if not following or self.spans(following) != self.spans(first):
                yield (day if day == first else f"{first}-{day}"), self.spans(first)
                first = following


@lru_cache(maxsize=256)
def _around(hours: Hours, today: date) -> tuple[tuple[int, int], ...]:
    """From when until when it is open, a month around that day; spans that touch are one."""
    found: list[tuple[int, int]] = []
    for days in range(-MONTH, MONTH + 1):
        for start, end in sorted(hours.of_day(today + timedelta(days=days))):
            if found and found[-1][1] >= start:
                found[-1] = found[-1][0], max(end, found[-1][1])
            else:
                found.append((start, end))
    return tuple(found)


@lru_cache(maxsize=1024)
def minutes(span: str) -> tuple[int, int]:
    """`08:30-18:00` -> minutes after midnight: 510, 1080."""
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span.split("-"))
    return start, end


def _parted(span: str) -> str:
    """What was probably meant: a span over midnight, in two."""
    start, end = span.split("-")
    return f"a later end, or two spans: {start}-24:00 and on the next day 00:00-{end}"
