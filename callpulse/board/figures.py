"""Numbers and times as text: short, in the reader's language, never better than they are."""

import math
from datetime import UTC, datetime, tzinfo

from callpulse.current.fields import Number

NOTHING = "–"


def count(value: Number | None) -> str:
    """3 -> "3"."""
    return NOTHING if value is None else f"{value:.0f}"


def level(ratio: Number | None) -> str:
    """Whole percents, rounded down: 79.9 % must not look like a target of 80 that was met."""
    return NOTHING if ratio is None else f"{math.floor(round(ratio * 100, 6))}"


def share(ratio: Number | None, decimal: str) -> str:
    """Percents, with one decimal below 10: 0.056 -> "5.6"."""
    if ratio is None:
        return NOTHING
    percent = ratio * 100
    return f"{percent:.0f}" if percent >= 9.95 or percent == 0 else f"{percent:.1f}".replace(".", decimal)


def seconds(value: Number | None) -> str:
    """Whole seconds, from 100 on as minutes: 47.3 -> "47", 143 -> "2:23"."""
    if value is None:
        return NOTHING
    return f"{value:.0f}" if value < 99.5 else duration(round(value))


def duration(value: int | None) -> str:
    """m:ss, from an hour on 1h05; nobody waiting is nothing."""
    if value is None:
        return NOTHING
    minutes, rest = divmod(value, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}" if hours else f"{minutes}:{rest:02}"


def age(value_ms: int | None) -> str:
    """The two words that matter: 2_400 -> "2 s", 130_000 -> "2 min"."""
    if value_ms is None:
        return NOTHING
    for unit, ms in (("d", 86_400_000), ("h", 3_600_000), ("min", 120_000)):
        if value_ms >= ms:
            return f"{value_ms // (60_000 if unit == 'min' else ms)} {unit}"
    return f"{value_ms // 1000} s"


def clock(at_ms: int, zone: tzinfo | None) -> str:
    """The time of day with seconds; None = the time zone of this machine."""
    return local(at_ms, zone).strftime("%H:%M:%S")


def since(at_ms: int, now_ms: int, zone: tzinfo | None) -> str:
    """Hours and minutes, with the date if that was another day."""
    then, now = local(at_ms, zone), local(now_ms, zone)
    return then.strftime("%H:%M" if then.date() == now.date() else "%Y-%m-%d %H:%M")


def printable(name: str) -> str:
    """A name from outside, safe for a terminal: whatever is not printed (escape sequences, line ends, writing
    direction) shows as �."""
    return "".join(char if char.isprintable() else "�" for char in name)


def local(at_ms: int, zone: tzinfo | None) -> datetime:
    """By the clock on the wall there."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
