"""Where a time or a value stands in a picture."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
STEPS_MS = (
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7, 14, 28, 91, 364)),
)
MOST_LABELS = 12


class Axis(NamedTuple):
    """From `low` at `start` to `high` at `end` (pixels); a value beyond is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def clock_labels(first_ms: int, last_ms: int, zone: str) -> Iterator[tuple[int, str]]:
    """(when, what is written there): round times of the clock there, a date where a day begins."""
    step = next((each for each in STEPS_MS if (last_ms - first_ms) / each <= MOST_LABELS), STEPS_MS[-1])
    there = ZoneInfo(zone)
    ahead = datetime.fromtimestamp(first_ms / 1000, there).utcoffset()
    ahead_ms = 0 if ahead is None else round(ahead.total_seconds() * 1000)
    at_ms = -(-(first_ms + ahead_ms) // step) * step - ahead_ms
    while at_ms <= last_ms:
        local = datetime.fromtimestamp(at_ms / 1000, there)
        yield at_ms, f"{local:%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"
        at_ms += step


def round_up(value: float) -> float:
    """1, 2 or 5 times a power of ten, not below the value; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= value * 0.999_999)
