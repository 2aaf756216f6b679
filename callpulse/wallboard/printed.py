"""The day on paper: a page for each queue, its intervals as a table and a picture, and what the figures mean. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from callpulse.board import figures
from callpulse.board.adding import added
from callpulse.board.view import BoardState
from callpulse.board.words import DAYS, Language
from callpulse.current.parts import Interval
from callpulse.stream.core.catalogue import FORMULAS
from callpulse.stream.core.kpis import Policy
from callpulse.wallboard.day import Drawn, Ticks, hours
from callpulse.wallboard.printed_words import PRINTED
from callpulse.wallboard.shown import Bar
from callpulse.wallboard.words import LANGUAGES


class Sheet(Struct, frozen=True, kw_only=True):
    """One queue. `rows`: a text a column; the last is the day. `note`: what is provisional, or why there are none."""

    name: str
    target: str
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...]
    aim: float
    note: str
    definition: str


class Printed(Struct, frozen=True, kw_only=True):
    """All of a board. `page`: what the page says by itself."""

    language: Language
    title: str
    site: str
    date: str
    as_of: str
    heads: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    ticks: Ticks
    definitions: tuple[str, ...]
    page: Mapping[str, str]


class Of(NamedTuple):
    """Whose day: the site and the board by name, how queues are judged, and for whom it is told."""

    site: str
    board: str
    policy: Callable[[str], Policy]
    language: Language
    zone: ZoneInfo


def printed(of: Of, state: BoardState, days: Mapping[str, Sequence[Interval]], day: Drawn) -> Printed:
    """Every queue of the board, by name."""
    words = PRINTED[of.language]
    names = sorted(row.name for row in state.rows)
    return Printed(
        language=of.language,
        title=f"{of.board} · {words.title}",
        site=of.site,
        date=_date(state, of),
        as_of="" if state.at_ms is None else words.as_of.format(clock=figures.clock(state.at_ms, of.zone)),
        heads=words.heads,
        sheets=tuple(_sheet(name, of, days.get(name, ()), day.rows.get(name, ())) for name in names),
        ticks=day.ticks,
        definitions=(words.letters, words.others),
        page=words.page,
    )


def _date(state: BoardState, of: Of) -> str:
    there = datetime.fromtimestamp((state.at_ms or state.redis_now_ms) / 1000, UTC).astimezone(of.zone)
    day, month = DAYS[of.language][there.weekday()], LANGUAGES[of.language].months[there.month - 1]
    return f"{day} {there.day} {month} {there.year}"


def _sheet(name: str, of: Of, day: Sequence[Interval], bars: tuple[Bar, ...]) -> Sheet:
    """From the first interval of the board in which anybody called."""
    words, policy = PRINTED[of.language], of.policy(name)
    first = next((bar.start_ms for bar in bars if bar.start_ms is not None), None)
    seen = [each for each in day if first is not None and each.start_ms >= first]
    total = _together(seen)
    return Sheet(
        name=figures.printable(name),
        target=words.target.format(target=f"{figures.level(policy.target)} %", threshold=policy.threshold_s),
        rows=(
            *(_row(each, _span(each, of.zone), of) for each in seen),
            *([_row(total, words.total, of)] if total else []),
        ),
        bars=bars,
        aim=policy.target,
        note=(words.provisional if any(each.provisional for each in seen) else "") if seen else words.nobody,
        definition=words.definition.format(
            formula=FORMULAS[policy.formula],
            boundary="≤" if policy.boundary == "le" else "<",
            threshold=policy.threshold_s,
            short=policy.short_abandon_s,
        ),
    )


def _span(each: Interval, zone: ZoneInfo) -> str:
    return f"{hours(each.start_ms, zone)}–{hours(each.end_ms, zone)}"


def _row(each: Interval, name: str, of: Of) -> tuple[str, ...]:
    decimal = LANGUAGES[of.language].decimal
    counts = (each.offered, each.answered, each.answered_within_t, each.abandoned, each.exited, each.lost)
    return (
        f"{name} *" if each.provisional else name,
        *map(figures.count, counts),
        figures.level(each.level),
        figures.count(each.level_n),
        figures.seconds(each.asa_s),
        figures.share(each.abandonment_rate, decimal),
        figures.seconds(each.aht_s),
    )


def _together(day: Sequence[Interval]) -> Interval | None:
    """The intervals of one queue added and divided once; None where they cannot be, or there are none."""
    found = added([(replace(each, start_ms=0, end_ms=0),) for each in day])
    return found[0] if found else None
