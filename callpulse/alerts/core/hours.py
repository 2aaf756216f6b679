"""When a place is open: by the clock on its wall, so that a change of clocks moves nothing but the instants."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

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
        there = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(self.zone))
        minute = there.hour * 60 + there.minute
        open_now = any(start <= minute < end for start, end in map(minutes, self.spans(DAYS[there.weekday()])))
        return open_now and there.date().isoformat() not in self.holidays

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


@lru_cache(maxsize=1024)
def minutes(span: str) -> tuple[int, int]:
    """`08:30-18:00` -> minutes after midnight: 510, 1080."""
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span.split("-"))
    return start, end


def _parted(span: str) -> str:
    """What was probably meant: a span over midnight, in two."""
    start, end = span.split("-")
    return f"a later end, or two spans: {start}-24:00 and on the next day 00:00-{end}"
