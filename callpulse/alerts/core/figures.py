"""Figures, spans and times of day as they stand in a message."""

import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callpulse.alerts.core.notice import Unit
from callpulse.alerts.core.words import Words

NO_VALUE = "–"
MOST_OF_A_NAME = 80
FINEST = 3  # decimals
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control, direction of writing, line ends, not assigned


def figure(value: float | None, unit: Unit, words: Words, decimals: int = 1) -> str:
    """A value with its unit: `52.5 %`, `45.5 s`, `1:35`, `12`. Without a value `–`."""
    if value is None:
        return NO_VALUE
    if unit == "ratio":
        return f"{_number(100 * value, decimals, words)} %"
    if unit == "s":
        return (
            _clocked(value, decimals - 1, words)
            if value >= 60
            else words.seconds.format(count=_number(value, decimals, words))
        )
    return _number(value, decimals, words)


def told_apart(value: float, target: float, unit: Unit, words: Words) -> tuple[str, str]:
    """Both figures with decimals enough that what differs does not look the same: 79.96 % (target 80 %)."""
    pair = ("", "")
    for decimals in range(1, FINEST + 1):
        pair = figure(value, unit, words, decimals), figure(target, unit, words, decimals)
        if value == target or pair[0] != pair[1]:
            break
    return pair


def span(duration_ms: int, words: Words) -> str:
    """How long: `40 s`, `12 min`, `2 h 5 min`; whole ones, rounded down."""
    seconds = duration_ms // 1000
    if seconds < 60:
        return words.seconds.format(count=seconds)
    if seconds < 3600:
        return words.minutes.format(count=seconds // 60)
    return words.hours.format(hours=seconds // 3600, minutes=seconds // 60 % 60)


def clock(at_ms: int, zone: str, today_ms: int) -> str:
    """`14:03` in that zone; with the date where it is another day there than at `today_ms`."""
    there, today = _there(at_ms, zone), _there(today_ms, zone)
    return f"{there:%H:%M}" if there.date() == today.date() else f"{there:%Y-%m-%d %H:%M}"


def name(text: str, most: int = MOST_OF_A_NAME) -> str:
    """A name from outside on one line: nothing that is not seen, spaces as one, not longer than `most` characters."""
    seen = "".join(" " if unicodedata.category(char) in HIDDEN else char for char in text[: 4 * most])
    short = " ".join(seen.split())
    return short if len(short) <= most and len(text) <= 4 * most else short[: most - 1] + "…"


def _there(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(zone))


def _number(value: float, decimals: int, words: Words) -> str:
    told = f"{value:.{decimals}f}"
    told = told.rstrip("0").rstrip(".")
    return ("0" if told == "-0" else told).replace(".", words.decimal)


def _clocked(seconds: float, decimals: int, words: Words) -> str:
    """Rounded down; decimals only where they are not 0."""
    whole = int(seconds)
    part = int(round((seconds - whole) * 10**decimals, 6))
    finer = f"{words.decimal}{part:0{decimals}d}".rstrip("0") if part else ""
    minutes, rest = divmod(whole, 60)
    told = f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    return told + finer
