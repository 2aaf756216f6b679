"""The clock interval that runs, the day so far, what either takes to be made, and the bars of the day. Pure."""

from zoneinfo import ZoneInfo

from callpulse.alerts.core.recovery import recovery
from callpulse.board import figures
from callpulse.board.closed import closed_said
from callpulse.board.row import UNKNOWN, State
from callpulse.board.view import BoardState
from callpulse.board.words import Language
from callpulse.current.fields import Value
from callpulse.wallboard.day import Drawn, hours
from callpulse.wallboard.shown import Interval
from callpulse.wallboard.words import LANGUAGES, Words


def shown_of(state: BoardState, day: Drawn, language: Language, zone: ZoneInfo) -> Interval:
    """Of the total; the bars of the queues that could be added, and how many that are where it is not all."""
    total, words = state.total, LANGUAGES[language]
    title = f"{words.interval} · {words.of_arrivals}"
    if day.known < len(state.rows) and day.added:
        title += f" · {words.of_queues.format(known=day.known, all=len(state.rows))}"
    level = None if total.state in UNKNOWN else total.level_interval
    empty = level is None or not level.n
    nothing = words.nothing_of_now if total.state in UNKNOWN else words.nothing_yet
    if total.state is State.CLOSED:
        nothing = closed_said(total, state.redis_now_ms, zone, language).split(" · ", 1)[0]
    so_far, to_come = _day(state, words)
    return Interval(
        title=title,
        value=figures.NOTHING if level is None or empty else f"{figures.level(level.value)} %",
        span=_span(day, zone, level),
        sentence=nothing if level is None or empty else takes(level, total.target.level, words),
        day=so_far,
        day_sentence=to_come,
        bars=day.total,
        target=total.target.level,
        ticks=day.ticks,
    )


def takes(level: Value, target: float, words: Words) -> str:
    """What it takes, of those who have come so far."""
    n = int(level.n or 0)
    met = round(level.value * n)
    found = recovery(met, n, 0.0, target)
    if found is None or found.next_in_time is None:
        return ""
    if found.next_in_time:
        return words.needed.format(count=found.next_in_time)
    return words.met.format(count=int(met / target + 1e-9) - n)


def _span(day: Drawn, zone: ZoneInfo, level: Value | None) -> str:
    """`14:30–15:00 · n 7`"""
    span = f"{hours(day.added[-1].start_ms, zone)}–{hours(day.added[-1].end_ms, zone)}" if day.added else ""
    n = "" if level is None or not level.n else f"n {figures.count(level.n)}"
    return " · ".join(filter(None, (span, n)))


def _day(state: BoardState, words: Words) -> tuple[str, str]:
    total = state.total
    if total.state in UNKNOWN or total.level_day is None or not total.level_day.n:
        return "", ""
    said = words.day.format(level=figures.level(total.level_day.value), n=figures.count(total.level_day.n))
    return said, "" if total.state is State.CLOSED else takes(total.level_day, total.target.level, words)
