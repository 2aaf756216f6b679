"""The supervisor's board: one queue from near by, with all that Redis holds of it. Pure."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from callpulse.board import figures
from callpulse.board.levels import ABANDONMENT, ASA, LEVEL, LIVE, LONG_WAITS, LONGEST, Lamp
from callpulse.board.row import AHT, OCCUPANCY, UNKNOWN, Row
from callpulse.board.view import BoardState
from callpulse.board.words import Language
from callpulse.current.fields import WAITING, Number, Value
from callpulse.current.parts import Parts
from callpulse.wallboard import desk_events, desk_tables, rows
from callpulse.wallboard.desk_shown import Desk, Figure
from callpulse.wallboard.desk_words import DESK
from callpulse.wallboard.shown import Cell, Tone
from callpulse.wallboard.tiles import TONES, target_text
from callpulse.wallboard.words import LANGUAGES


def desk(
    state: BoardState,
    parts: Parts,
    queue: str,
    holds: Callable[[str], bool],
    language: Language,
    zone: ZoneInfo,
) -> Desk | None:
    """Of this queue, in this language; None where the board has no such queue. `holds`: whose alerts are told of."""
    row = next((each for each in state.rows if each.name == queue), None)
    if row is None:
        return None
    frame = desk_tables.Frame(row, language, zone)
    said = rows.frame_of(state, language, zone)
    shown = rows.row(row, said)
    return Desk(
        queue=queue,
        name=shown.name,
        state=shown.state,
        word=shown.word,
        sentence=shown.sentence,
        target=rows.target_text(row.target) if row.state not in UNKNOWN else "",
        figures=_figures(row, language),
        intervals=desk_tables.intervals(parts.intervals.get(queue, ()), frame),
        worst=desk_tables.worst(parts.worst.get(queue, ()), frame),
        agents=desk_tables.agents(parts.agents.get(queue, ()), state.at_ms, frame),
        happened=desk_events.happened(state, holds, language, zone),
        now_ms=state.redis_now_ms,
    )


def _figures(row: Row, language: Language) -> tuple[Figure, ...]:
    """Of a queue of which nothing is known, or that is closed, no figure has a value."""
    decimal, level, live = LANGUAGES[language].decimal, _value(row.level), _value(row.level_live)
    start_ms = None if row.stale else row.longest_start_ms
    return (
        _figure(row, LEVEL, language, level, figures.level(level), "%"),
        _figure(row, LIVE, language, live, figures.level(live), "%"),
        _figure(row, ASA, language, row.asa_s, figures.seconds(row.asa_s), "s"),
        _figure(row, ABANDONMENT, language, row.abandonment, figures.share(row.abandonment, decimal), "%"),
        _figure(row, WAITING, language, row.waiting, figures.count(row.waiting)),
        _figure(row, LONGEST, language, row.longest_wait_s, figures.duration(row.longest_wait_s), start_ms=start_ms),
        _figure(row, AHT, language, row.aht_s, figures.seconds(row.aht_s), "s"),
        _figure(row, OCCUPANCY, language, row.occupancy, figures.level(row.occupancy), "%"),
    )


def _figure(
    row: Row,
    kpi: str,
    language: Language,
    value: Number | None,
    text: str,
    unit: str = "",
    start_ms: int | None = None,
) -> Figure:
    words, known = DESK[language], row.state not in UNKNOWN and not row.day_alone
    target, n = _target(row, kpi, language), row.behind.get(kpi)
    lines = [words.target.format(target=target)] if target and known else []
    return Figure(
        label=words.figures[kpi],
        value=Cell() if value is None else Cell(text, _tone(row, kpi), start_ms=start_ms),
        unit="" if value is None or (unit == "s" and ":" in text) else unit,
        lines=(*lines, *([f"n {figures.count(n)}"] if n is not None and known else [])),
    )


def _target(row: Row, kpi: str, language: Language) -> str:
    """As the tiles say it; what has no tile of its own has a target here."""
    texts = {
        LIVE: f"≥ {figures.level(row.target.level)} %",
        LONGEST: f"≤ {figures.duration(int(LONG_WAITS * row.target.threshold_s))}",
        WAITING: "",
    }
    return texts[kpi] if kpi in texts else target_text(kpi, row, LANGUAGES[language])


def _value(of: Value | None) -> Number | None:
    return None if of is None else of.value


def _tone(row: Row, kpi: str) -> Tone:
    """Who reads this has asked: what misses its target is coloured in any row, with or without enough evidence."""
    lamp = row.lamps.get(kpi, Lamp.OK)
    if kpi not in row.off_target:
        return TONES[lamp]
    of_level = row.lamps.get(LIVE, Lamp.OK) if kpi == LEVEL else Lamp.OK  # one lamp for both: the live one, where it is
    return TONES[max(lamp, of_level, Lamp.WATCH)]
