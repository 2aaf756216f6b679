"""What a board says of a queue that is closed: since when, how its day was, when it opens. Pure."""

from datetime import tzinfo

from callpulse.board import figures
from callpulse.board.row import Row
from callpulse.board.words import DAYS, Language

WEEK_MS = 7 * 24 * 3_600_000
CALLED: dict[Language, str] = {"en": "{closed}, calls come", "nl": "{closed}, nog bellers"}
WORDS: dict[Language, tuple[str, str, str, str]] = {
    "en": ("closed since {clock}", "closed", "day {level} %, n {n}", "opens {clock}"),
    "nl": ("gesloten sinds {clock}", "gesloten", "dag {level} %, n {n}", "opent {clock}"),
}


def closed_said(row: Row, now_ms: int, zone: tzinfo | None, language: Language) -> str:
    """`closed since 18:00 · day 84 %, n 312 · opens Mon 08:00`; what is not known is left out."""
    _, _, of_day, opens = WORDS[language]
    said = [_since(row, now_ms, zone, language)]
    if row.level_day is not None and row.level_day.n:
        said.append(of_day.format(level=figures.level(row.level_day.value), n=figures.count(row.level_day.n)))
    if row.opens_ms is not None:
        said.append(opens.format(clock=_clock(row.opens_ms, now_ms, zone, language)))
    return " · ".join(said)


def called_said(row: Row, now_ms: int, zone: tzinfo | None, language: Language) -> str:
    """`closed since 18:00, calls come`: of one that shows its figures all the same."""
    return CALLED[language].format(closed=_since(row, now_ms, zone, language))


def _since(row: Row, now_ms: int, zone: tzinfo | None, language: Language) -> str:
    since, closed, *_ = WORDS[language]
    return closed if row.since_ms is None else since.format(clock=_clock(row.since_ms, now_ms, zone, language))


def _clock(at_ms: int, now_ms: int, zone: tzinfo | None, language: Language) -> str:
    """`18:00` of today, `Mon 08:00` of less than a week away, otherwise with the date."""
    told, there = figures.since(at_ms, now_ms, zone), figures.local(at_ms, zone)
    if len(told) == len("18:00") or abs(at_ms - now_ms) >= WEEK_MS:
        return told
    return f"{DAYS[language][there.weekday()]} {there:%H:%M}"
