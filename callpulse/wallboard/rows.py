"""A row per queue, and the total. Pure."""

import math
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callpulse.board import figures
from callpulse.board.closed import called_said, closed_said
from callpulse.board.levels import ABANDONMENT, ASA, LEVEL, LIVE, LONGEST, Lamp, Target
from callpulse.board.row import UNKNOWN, Row, State
from callpulse.board.view import BoardState
from callpulse.board.words import STATES, Language
from callpulse.current.fields import AGENT_STATES
from callpulse.wallboard import shown
from callpulse.wallboard.day import Bands, Day
from callpulse.wallboard.shown import Cell, Waits
from callpulse.wallboard.tiles import TONES
from callpulse.wallboard.words import LANGUAGES, Words

AXIS_S = 600.0  # of the waits, as the square root
AXIS = tuple((round(math.sqrt(s / AXIS_S), 4), text) for s, text in ((0, "0"), (60, "1"), (180, "3"), (600, "10 min")))


class Frame(NamedTuple):
    """What every row is shown by. `usual`: the target that stands above the table; `totals`: something is known of
    them."""

    words: Words
    state_words: Mapping[State, str]
    usual: Target
    zone: ZoneInfo
    now_ms: int
    language: Language
    totals: bool = True


def frame_of(state: BoardState, language: Language, zone: ZoneInfo) -> Frame:
    """By the board, in this language."""
    totals = state.total.state not in UNKNOWN
    return Frame(LANGUAGES[language], STATES[language], state.target, zone, state.redis_now_ms, language, totals)


def row(of: Row, frame: Frame, day: Day = (), bands: Bands = ()) -> shown.Row:
    """One queue."""
    if of.state in UNKNOWN or of.day_alone:
        return shown.Row(
            queue=of.name,
            state=_state(of.state),
            word=frame.state_words[of.state],
            name=figures.printable(of.name),
            sentence=closed(of, frame) if of.state is State.CLOSED else _unknown(of, frame),
            day=day if of.state is State.CLOSED else (),
            bands=bands if of.state is State.CLOSED else (),
            aim=of.target.level,
        )
    return shown.Row(
        queue=of.name,
        state=_state(of.state),
        word=frame.state_words[of.state],
        name=figures.printable(of.name),
        target=_beside(of, frame),
        cells=_cells(of, frame.words),
        n=_n(of),
        on=_signed_in(of),
        waits=_waits(of, frame.words),
        day=day,
        bands=bands,
        aim=of.target.level,
    )


def total(of: Row, frame: Frame, known: int, all_: int, day: Day = (), why: str = "") -> shown.Row:
    """All queues of which something is known. `why`: in words, where it is not known itself."""
    name = frame.words.of_queues.format(known=known, all=all_)
    if of.state in UNKNOWN:
        return shown.Row(queue="", state=_state(of.state), word=frame.words.total, name=name, sentence=why)
    if of.day_alone:
        said = closed(of, frame)
        return shown.Row(queue="", state="closed", word=frame.words.total, name=name, sentence=said, day=day)
    plain = row(of, frame)
    quiet = {column: Cell(cell.text, start_ms=cell.start_ms) for column, cell in plain.cells.items()}
    return shown.Row(
        queue="",
        state=plain.state,
        word=frame.words.total,
        name=name,
        target=_old(of, frame.words),
        cells=quiet,
        n=plain.n,
        on=plain.on,
        waits=plain.waits,
        day=day,
    )


def target_text(target: Target) -> str:
    """`80/20`"""
    return f"{figures.level(target.level)}/{figures.count(target.threshold_s)}"


def since(of: Row, frame: Frame) -> str:
    """NO DATA SINCE 14:03"""
    words = frame.words
    if of.since_ms is None:
        return words.no_data
    said = words.silent_since if of.state is State.BLIND else words.no_data_since
    return said.format(clock=figures.since(of.since_ms, frame.now_ms, frame.zone))


def no_data_said(state: BoardState, words: Words, zone: ZoneInfo) -> str:
    """Of a board that has no data: since when, or that there never was any."""
    if state.written_ms is None:
        return words.no_data_yet
    return words.no_data_since.format(clock=figures.since(state.written_ms, state.redis_now_ms, zone))


def closed(of: Row, frame: Frame) -> str:
    """closed since 18:00 · day 84 %, n 312 · opens Mon 08:00"""
    return closed_said(of, frame.now_ms, frame.zone, frame.language)


def _beside(of: Row, frame: Frame) -> str:
    """Behind the name: a target of its own; that it is closed and called all the same, or, as there is room for one,
    how old that is."""
    target = "" if of.target == frame.usual else target_text(of.target)
    called = called_said(of, frame.now_ms, frame.zone, frame.language) if of.after_hours else ""
    return " · ".join(filter(None, (target, _old(of, frame.words) or called)))


def _old(of: Row, words: Words) -> str:
    """A closed queue is never called stale: its state does not say how old its figures are."""
    return words.data_old.format(age=figures.age(of.age_ms)) if of.after_hours and of.stale else ""


def _state(state: State) -> shown.State:
    found: shown.State = state.value
    return found


def _unknown(of: Row, frame: Frame) -> str:
    if of.since_ms is None:
        return since(of, frame)
    age = figures.age(max(0, frame.now_ms - of.since_ms))
    waiting, totals = frame.words.left_out
    return f"{since(of, frame)} · {waiting.format(age=age)}{totals if frame.totals else ''}"


def _cells(of: Row, words: Words) -> dict[str, Cell]:
    level, live = of.level, of.level_live
    longest, start_ms = figures.duration(of.longest_wait_s), None if of.stale else of.longest_start_ms
    return {
        "waiting": Cell(figures.count(of.waiting)),
        "longest": _cell(of, LONGEST, longest, start_ms=start_ms),
        "level": _cell(of, LEVEL, figures.level(level.value if level else None)),
        "live": _cell(of, LIVE, figures.level(live.value if live else None)),
        "asa": _cell(of, ASA, figures.seconds(of.asa_s)),
        "abandoned": _cell(of, ABANDONMENT, figures.share(of.abandonment, words.decimal)),
        "free": Cell(figures.count(of.agents.get("ready"))),
    }


def _cell(of: Row, kpi: str, text: str, start_ms: int | None = None) -> Cell:
    """Colour follows the state: what only misses its target in a row that is well is bold."""
    tone = TONES[of.lamps.get(kpi, Lamp.OK)]
    return Cell(text, tone, bold=not tone and kpi in of.off_target, start_ms=start_ms)


def _n(of: Row) -> str:
    return "" if of.level is None or of.level.n is None else figures.count(of.level.n)


def _signed_in(of: Row) -> str:
    known = [number for state in AGENT_STATES if (number := of.agents.get(state)) is not None]
    return figures.count(sum(known)) if known else ""


def _waits(of: Row, words: Words) -> Waits | None:
    if of.wait_p50_s is None or of.wait_p90_s is None or of.wait_max_s is None:
        return None
    said = words.said_waits.format(
        p50=figures.count(of.wait_p50_s),
        p90=figures.count(of.wait_p90_s),
        longest=figures.count(of.wait_max_s),
        threshold=figures.count(of.target.threshold_s),
    )
    return Waits(
        p50=_place(of.wait_p50_s),
        p90=_place(of.wait_p90_s),
        longest=_place(of.wait_max_s),
        threshold=_place(of.target.threshold_s),
        said=said,
    )


def _place(wait_s: float) -> float:
    return round(math.sqrt(min(max(wait_s, 0.0), AXIS_S) / AXIS_S), 4)
