"""The tiles: at most five figures, each with its unit, its target, its n, and how it moved. Pure."""

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from callpulse.board import figures
from callpulse.board.levels import ABANDONED_MOST, ABANDONMENT, ASA, LEVEL, LIVE, LONG_WAITS, LONGEST, Lamp
from callpulse.board.row import AHT, UNKNOWN, Row, State
from callpulse.current.fields import WAITING, Number
from callpulse.wallboard import shown
from callpulse.wallboard.shown import Cell, Spark, Tile, Tone
from callpulse.wallboard.trail import Trail
from callpulse.wallboard.words import Words

TONES: dict[Lamp, Tone] = {Lamp.OK: "", Lamp.WATCH: "watch", Lamp.ACT: "act"}
STATES: dict[Lamp, shown.State] = {Lamp.OK: "ok", Lamp.WATCH: "watch", Lamp.ACT: "act"}

Format = Callable[[Number], str]


class Seen(NamedTuple):
    """What a tile is made of: the total, and how its figures moved; `since` is said where nothing is known."""

    row: Row
    trail: Trail
    words: Words
    state_words: dict[str, str]
    since: str = ""


class Sort(NamedTuple):
    """What one tile is about. `of_difference`: how far it moved, in its own unit."""

    kpi: str
    lamps: tuple[str, ...]
    value: Callable[[Row], Number | None]
    text: Callable[[Number, Words], str]
    of_difference: Callable[[Number, Words], str]
    unit: str
    window: bool
    bad: Literal["above", "below"]
    target: Callable[[Row], float | None]
    least_high: float


def tiles(seen: Seen, wanted: Sequence[str] = ()) -> tuple[Tile, ...]:
    """Those that are wanted, in that order; all five where nothing is said."""
    by_kpi = {sort.kpi: sort for sort in SORTS}
    return tuple(_tile(by_kpi[kpi], seen) for kpi in wanted or by_kpi)


def _tile(sort: Sort, seen: Seen) -> Tile:
    row, words = seen.row, seen.words
    if row.state is State.CLOSED and not (sort.kpi == WAITING and row.called):
        return _of_day(sort, seen)
    known = row.state not in UNKNOWN
    value = sort.value(row) if known else None
    lamp = max((row.lamps.get(kpi, Lamp.OK) for kpi in sort.lamps), default=Lamp.OK) if known else Lamp.OK
    state = _state(row, lamp) if known else _unknown(row)
    partner_label, partner, partner_unit = _partner(sort, row, words) if known else ("", None, "")
    return Tile(
        id=sort.kpi,
        label=words.tiles[sort.kpi],
        short=words.short.get(sort.kpi, ""),
        window=words.minutes if sort.kpi == LEVEL else "",
        state=state,
        word=seen.state_words[state],
        value=Cell() if value is None else Cell(sort.text(value, words), TONES[lamp]),
        unit=_unit(sort, value),
        partner_label=partner_label,
        partner=partner,
        partner_unit=partner_unit,
        lines=tuple(filter(None, (_target_line(sort, row, words), _moved(sort, value, seen)))) if known else (),
        why=seen.since if not known else words.no_calls if value is None and sort.window else "",
        old=words.data_old.format(age=figures.age(row.age_ms)) if known and row.stale else "",
        spark=_spark(sort, seen) if known else None,
        definition=words.definitions[sort.kpi],
    )


def _of_day(sort: Sort, seen: Seen) -> Tile:
    """Of a board that is closed: how its day was. Nobody waits."""
    row, words = seen.row, seen.words
    found = row.level_day if sort.kpi == LEVEL else row.day.get(sort.kpi)
    n = "" if found is None or found.n is None else f"n {figures.count(found.n)}"
    target = words.target.format(target=text) if (text := target_text(sort.kpi, row, words)) else ""
    value = None if found is None else found.value
    return Tile(
        id=sort.kpi,
        label=words.tiles[sort.kpi],
        short=words.short.get(sort.kpi, ""),
        state="closed",
        word=seen.state_words["closed"],
        value=Cell() if value is None else Cell(sort.text(value, words)),
        unit=_unit(sort, value),
        lines=() if value is None else tuple(filter(None, (" · ".join(filter(None, (target, n))), words.today))),
        why="" if value is not None else words.no_calls_today if sort.window else seen.since,
        definition=words.definitions[sort.kpi],
    )


def _state(row: Row, lamp: Lamp) -> shown.State:
    if lamp is not Lamp.OK:
        return STATES[lamp]
    return "closed" if row.after_hours else "stale" if row.stale else "ok"


def _unknown(row: Row) -> shown.State:
    return "blind" if row.state.value == "blind" else "no_data"


def _unit(sort: Sort, value: Number | None) -> str:
    """Long waits are m:ss, which needs no unit."""
    if value is None or (sort.unit == "s" and value >= 99.5):
        return ""
    return sort.unit


def _partner(sort: Sort, row: Row, words: Words) -> tuple[str, Cell | None, str]:
    if sort.kpi == LEVEL:
        live = row.level_live
        tone = TONES[row.lamps.get(LIVE, Lamp.OK)]
        return words.live, Cell() if live is None else Cell(figures.level(live.value), tone), "%"
    if sort.kpi == WAITING:
        tone = TONES[row.lamps.get(LONGEST, Lamp.OK)]
        return (
            words.longest,
            Cell(figures.duration(row.longest_wait_s), tone, start_ms=None if row.stale else row.longest_start_ms),
            "",
        )
    if sort.kpi == AHT and row.occupancy is not None:
        return words.occupancy, Cell(figures.level(row.occupancy)), "%"
    return "", None, ""


def _target_line(sort: Sort, row: Row, words: Words) -> str:
    parts = [words.target.format(target=text)] if (text := target_text(sort.kpi, row, words)) else []
    n = row.answered if sort.kpi == ASA else row.behind.get(sort.kpi)
    return " · ".join([*parts, *([f"n {figures.count(n)}"] if n is not None and sort.window else [])])


def target_text(kpi: str, row: Row, words: Words) -> str:
    """What it should be, in words; nothing where it has no target."""
    t = row.target.threshold_s
    texts = {
        LEVEL: words.target_level.format(level=figures.level(row.target.level), threshold=figures.count(t)),
        ASA: f"≤ {figures.seconds(t)} s",
        ABANDONMENT: f"≤ {100 * ABANDONED_MOST:.0f} %",
        WAITING: words.target_wait.format(wait=figures.duration(int(LONG_WAITS * t))),
    }
    return texts.get(kpi, "")


def _moved(sort: Sort, value: Number | None, seen: Seen) -> str:
    """The arrow says the direction, and judges nothing."""
    before = seen.trail.before(sort.kpi)
    if value is None or before is None:
        return ""
    by = sort.of_difference(abs(value - before), seen.words)
    if not any(digit in by for digit in "123456789"):
        return seen.words.steady
    return seen.words.moved.format(arrow="▴" if value > before else "▾", by=by)


def _spark(sort: Sort, seen: Seen) -> Spark:
    now = None if seen.row.stale else sort.value(seen.row)
    points, target = seen.trail.of(sort.kpi, now), sort.target(seen.row)
    seen_points = [each for each in points if each is not None]
    high = sort.least_high if sort.least_high == 1.0 else _round_up(max([*seen_points, target or 0, sort.least_high]))
    texts = [_with_unit(sort, each, seen.words) for each in (high, target)]
    said_now, was = (_with_unit(sort, each, seen.words) for each in (points[-1], points[0]))
    said = seen.words.said_spark.format(now=said_now, was=was, target=texts[1])
    labels = (texts[0], "" if target is None else texts[1], "0")
    return Spark(tuple(points), high, said, target, sort.bad, labels)


def _with_unit(sort: Sort, value: Number | None, words: Words) -> str:
    if value is None:
        return figures.NOTHING
    unit = _unit(sort, value)
    return f"{sort.text(value, words)} {unit}" if unit else sort.text(value, words)


def _round_up(value: float) -> float:
    """To one leading digit."""
    step = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return float(math.ceil(value / step) * step)


def _percent(ratio: Number, _: Words) -> str:
    return figures.level(ratio)


def _share(ratio: Number, words: Words) -> str:
    return figures.share(ratio, words.decimal)


def _points(difference: Number, words: Words) -> str:
    return f"{round(100 * difference)} " + ("pt" if words.decimal == "," else "pts")


def _tenths(difference: Number, words: Words) -> str:
    return f"{100 * difference:.1f} ".replace(".", words.decimal) + ("pt" if words.decimal == "," else "pts")


def _seconds(value: Number, _: Words) -> str:
    return figures.seconds(value)


def _moved_seconds(value: Number, _: Words) -> str:
    return f"{value:.0f} s"


def _count(value: Number, _: Words) -> str:
    return figures.count(value)


def _level(row: Row) -> Number | None:
    return None if row.level is None else row.level.value


SORTS = (
    Sort(LEVEL, (LEVEL, LIVE), _level, _percent, _points, "%", True, "below", lambda row: row.target.level, 1.0),
    Sort(ASA, (ASA,), lambda row: row.asa_s, _seconds, _moved_seconds, "s", True, "above",
         lambda row: row.target.threshold_s, 40.0),
    Sort(ABANDONMENT, (ABANDONMENT,), lambda row: row.abandonment, _share, _tenths, "%", True, "above",
         lambda _: ABANDONED_MOST, 0.15),
    Sort(WAITING, (LONGEST,), lambda row: row.waiting, _count, _count, "", False, "above", lambda _: None, 5.0),
    Sort(AHT, (), lambda row: row.aht_s, _seconds, _moved_seconds, "s", True, "above", lambda _: None, 60.0),
)  # fmt: skip
