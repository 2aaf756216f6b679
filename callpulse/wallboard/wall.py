"""A board as it is shown, out of what was read; and what of it has changed. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from callpulse.board import figures
from callpulse.board.row import State
from callpulse.board.view import BoardState
from callpulse.board.words import DAYS, STATES, Language
from callpulse.current.fields import AMBER_MS
from callpulse.wallboard import acting_words, desk_words, interval, people, rows, sharing_words, shown, strip
from callpulse.wallboard.boards import Board
from callpulse.wallboard.day import Drawn, Ticks
from callpulse.wallboard.rows import AXIS
from callpulse.wallboard.shown import Count, Header, Wall
from callpulse.wallboard.tiles import Seen, tiles
from callpulse.wallboard.words import LANGUAGES


def wall(board: Board, state: BoardState, day: Drawn, language: Language, zone: ZoneInfo) -> Wall:
    """Everything, in this language."""
    words, state_words, now_ms = LANGUAGES[language], STATES[language], state.redis_now_ms
    frame = rows.frame_of(state, language, zone)
    said = {each.value: word for each, word in state_words.items()}
    of_strip = strip.Frame(words, language, said, zone, now_ms)  # type: ignore[arg-type]
    no_group = group_unknown(board.group, state, frame)
    seen = Seen(state.total, day.trail, words, said, no_group or _since(state, frame))
    return Wall(
        language=language,
        header=_header(board, state, frame),
        strip=strip.lines(state, board.holds, of_strip),
        calm=strip.calm(state, board.holds, of_strip),
        mutes=strip.mutes(state, of_strip),
        tiles=tiles(seen, board.tiles),
        heads={**words.heads, "queue": (words.heads["queue"][0], _usual(frame))},
        rows={
            each.name: rows.row(each, frame, day.rows.get(each.name, ()), day.bands.get(each.name, ()))
            for each in state.rows
        },
        order=tuple(each.name for each in state.rows),
        total=rows.total(state.total, frame, state.known, len(state.rows), day.total, no_group),
        people=people.people(state, dict(day.since), board.holds, language),
        interval=interval.shown_of(state, day, language, zone),
        words={
            **words.page,
            "stale": state_words[State.STALE],
            "data_old": words.data_old,
            **acting_words.PAGE[language],
            **sharing_words.PAGE[language],
            **desk_words.PAGE[language],
        },
        axes={"waits": AXIS, **({"day": _hours(day.ticks)} if day.ticks else {})},
    )


def changes(before: Wall, after: Wall) -> dict[str, Any] | None:
    """What of it is new, region by region, tile by tile, row by row; None where nothing is. A row that is gone is
    null. Heads are not among them: who has others needs all of the board."""
    found: dict[str, Any] = {
        region: getattr(after, region)
        for region in ("header", "strip", "calm", "mutes", "order", "total", "people", "interval")
        if getattr(after, region) != getattr(before, region)
    }
    old = {tile.id: tile for tile in before.tiles}
    if new_tiles := {tile.id: tile for tile in after.tiles if old.get(tile.id) != tile}:
        found["tiles"] = new_tiles
    gone: dict[str, shown.Row | None] = dict.fromkeys(before.rows.keys() - after.rows.keys())
    if new_rows := gone | {name: each for name, each in after.rows.items() if before.rows.get(name) != each}:
        found["rows"] = new_rows
    return found or None


def _header(board: Board, state: BoardState, frame: rows.Frame) -> Header:
    counts = counted([each.state for each in state.rows], frame.language)
    if state.at_ms is None or state.age_ms is None:
        return Header(
            title=board.title, counts=counts, age=rows.no_data_said(state, frame.words, frame.zone), stale=True
        )
    then = datetime.fromtimestamp(state.at_ms / 1000, UTC).astimezone(frame.zone)
    offset = then.utcoffset()
    return Header(
        title=board.title,
        counts=counts,
        date=f"{DAYS[frame.language][then.weekday()]} {then.day} {frame.words.months[then.month - 1]}",
        at_ms=state.at_ms,
        offset_ms=0 if offset is None else int(offset.total_seconds() * 1000),
        age=frame.words.data_old.format(age=figures.age(state.age_ms)),
        age_ms=state.age_ms // 1000 * 1000,
        stale=state.age_ms > AMBER_MS or state.away_since_ms is not None,
    )


def _since(state: BoardState, frame: rows.Frame) -> str:
    closed = state.total.state is State.CLOSED
    return rows.closed(state.total, frame) if closed else rows.since(state.total, frame)


def group_unknown(group: str | None, state: BoardState, frame: rows.Frame) -> str:
    """Its queues are known and its total was never written: why."""
    total = state.total
    if group is None or total.state is not State.NO_DATA or total.since_ms is not None or not state.known:
        return ""
    return frame.words.no_group.format(group=figures.printable(group))


def _hours(ticks: Ticks) -> Ticks:
    """Narrow: above the days of the rows there is no room for more."""
    return tuple((place, text.removesuffix(":00")) for place, text in ticks)


def counted(states: Sequence[State], language: Language) -> tuple[Count, ...]:
    """How many are in which, worst first."""
    return tuple(Count(each.value, STATES[language][each], states.count(each)) for each in State if each in states)


def _usual(frame: rows.Frame) -> str:
    return frame.words.unless_shown.format(target=rows.target_text(frame.usual))
