"""The day of a board as bars, one an interval, and how its figures moved: of each queue, and of all that are known.
Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from callpulse.board import figures
from callpulse.board.adding import added, has_sums
from callpulse.board.bands import bands
from callpulse.board.levels import Target, misses
from callpulse.board.row import SEVERITY_STATES, UNKNOWN
from callpulse.board.view import BoardState
from callpulse.current.parts import Interval, Parts
from callpulse.current.transitions import Move
from callpulse.wallboard.people import longest_since
from callpulse.wallboard.shown import Bar
from callpulse.wallboard.trail import Trail, trail

Day = tuple[Bar, ...]
Ticks = tuple[tuple[float, str], ...]
Bands = tuple[tuple[float, float, Literal["watch", "act"], str], ...]
HOUR_MS = 3_600_000
MOST_TICKS = 6


class Drawn(NamedTuple):
    """`rows`: the bars of each queue, all from the board's first call on; `total`: of the `known` queues, `added`;
    `since`: state of agents -> since when the longest is in it; `bands`: when alerts of a queue stood. `slots`: start
    and end of each bar; `sites`: the bars of each site."""

    rows: Mapping[str, Day] = {}
    total: Day = ()
    ticks: Ticks = ()
    added: tuple[Interval, ...] = ()
    known: int = 0
    trail: Trail = Trail()
    since: Mapping[str, int] = {}
    bands: Mapping[str, Bands] = {}
    slots: Sequence[tuple[int, int]] = ()
    sites: Mapping[str, Day] = {}


def drawn(
    parts: Parts, state: BoardState, zone: ZoneInfo, until_ms: int | None = None, moves: Sequence[Move] = ()
) -> Drawn:
    """`until_ms`: the end of the day, where that is known; otherwise that of the interval that runs."""
    targets = {row.name: row.target for row in state.rows}
    days = {name: parts.intervals[name] for name in targets if parts.intervals.get(name)}
    known = [row.name for row in state.rows if row.state not in UNKNOWN]
    sums = [days[name] for name in known if name in days and has_sums(days[name])]
    slots = _slots(days, until_ms)
    whole = added(sums)
    return Drawn(
        rows={name: bars(day, slots, targets[name], zone) for name, day in days.items()},
        total=bars(whole, slots, state.target if state.total.state in UNKNOWN else state.total.target, zone),
        ticks=_ticks(slots, zone),
        added=whole,
        known=len(sums),
        since=longest_since(parts, state),
        bands=_bands(moves, state, slots, zone),
        slots=slots,
        trail=trail((parts.minutes[name] for name in known if name in parts.minutes), state.at_ms),
    )


def _slots(days: Mapping[str, Sequence[Interval]], until_ms: int | None) -> tuple[tuple[int, int], ...]:
    """Start and end of each interval of the newest day, from the first in which anybody called."""
    newest = max(days.values(), key=lambda day: day[-1].start_ms, default=())
    begins = max((day[0].start_ms for day in days.values()), default=0)
    called = [each.start_ms for day in days.values() for each in day if each.offered and each.start_ms >= begins]
    slots = [(each.start_ms, each.end_ms) for each in newest if called and each.start_ms >= min(called)]
    if slots and until_ms is not None:
        start, end = slots[-1]
        step = (newest[1].end_ms - newest[1].start_ms) if len(newest) > 1 else end - start
        slots += [(at, at + step) for at in range(end, until_ms, step)] if step > 0 else []
    return tuple(slots)


def bars(day: Sequence[Interval], slots: Sequence[tuple[int, int]], target: Target, zone: ZoneInfo) -> Day:
    """One a slot; of what has not come yet, a place."""
    by_start = {each.start_ms: each for each in day}
    return tuple(_bar(by_start.get(start), start, target, zone) for start, _ in slots)


def _bar(interval: Interval | None, start_ms: int, target: Target, zone: ZoneInfo) -> Bar:
    if interval is None:
        return Bar(None, "ahead")
    level, clock = interval.level, hours(start_ms, zone)
    n = "" if interval.level_n is None else f", n {interval.level_n}"
    said = f"{clock}: {figures.level(level)} %{n}" if level is not None else f"{clock}: {figures.NOTHING}"
    if interval.provisional:
        return Bar(level, "running", said, start_ms, misses(level, interval.level_n or 0, target))
    return Bar(level, "none" if level is None else "missed" if level < target.level else "met", said, start_ms)


def _bands(
    moves: Sequence[Move], state: BoardState, slots: Sequence[tuple[int, int]], zone: ZoneInfo
) -> dict[str, Bands]:
    """Places on the axis of the bars, from 0 to 1, with what stood and when; what goes on ends with the data, or with
    the last that was heard of a worker for alerts, where none is there any more."""
    by_queue: defaultdict[str, list[Move]] = defaultdict(list)
    for move in moves if slots else ():
        by_queue[move.queue].append(move)
    heard_ms = max((move.at_ms for move in moves), default=0)
    end_ms = heard_ms if state.alerts is None else state.at_ms or state.redis_now_ms
    found = {}
    for name in by_queue.keys() & {row.name for row in state.rows}:
        places = [(_place(b.from_ms, slots), _place(b.until_ms or end_ms, slots), b) for b in bands(by_queue[name])]
        found[name] = tuple(
            (
                start,
                end,
                SEVERITY_STATES[b.severity],
                f"{hours(b.from_ms, zone)}–{hours(b.until_ms, zone) if b.until_ms else ''}",
            )
            for start, end, b in places
            if end > start
        )
    return {name: each for name, each in found.items() if each}


def _place(at_ms: int, slots: Sequence[tuple[int, int]]) -> float:
    """Each interval has the same width, however long it is."""
    for place, (start, end) in enumerate(slots):
        if at_ms < end:
            return round((place + max(0, at_ms - start) / (end - start)) / len(slots), 4)
    return 1.0


def _ticks(slots: Sequence[tuple[int, int]], zone: ZoneInfo) -> Ticks:
    """Full hours, few enough to be read; where a slot begins with one."""
    if not slots:
        return ()
    starts = [(at, start) for at, (start, _) in enumerate(slots) if hours(start, zone).endswith(":00")]
    every = next((step for step in (1, 2, 3, 4, 6, 8) if len(starts) <= step * MOST_TICKS), 12)
    chosen = [(at, start) for at, start in starts if int(hours(start, zone)[:2]) % every == 0]
    return tuple((round(at / len(slots), 4), f"{int(hours(start, zone)[:2])}:00") for at, start in chosen)


def hours(at_ms: int, zone: ZoneInfo) -> str:
    """`14:30`"""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).strftime("%H:%M")
