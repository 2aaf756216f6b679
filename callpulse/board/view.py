"""The board as values: what was read and Redis's time in, rows worst first out. Nothing here draws or waits."""

import math
from collections.abc import Callable

import msgspec
from msgspec import Struct

from callpulse.alerts.core.hours import Hours
from callpulse.board.after_hours import in_hours, together
from callpulse.board.levels import Target
from callpulse.board.order import Key, Order, arrange
from callpulse.board.row import RANK, UNKNOWN, Row, State, age_ms, row_of
from callpulse.board.silence import Beat, listened, silent_since
from callpulse.current.alerts import Alerts
from callpulse.current.fields import TTL_MS, Reading
from callpulse.current.reader import Picture

FORGOTTEN_MS = 24 * 3_600_000  # a queue without data for a day is counted, no longer shown


class BoardState(Struct, frozen=True, kw_only=True):
    """All that is drawn. `at_ms` = how far the data reaches (None: there is none), `written_ms` = the last write of any
    queue that is shown, also where its data is gone, `away_since_ms` = Redis does not answer since then, `forgotten` =
    queues without data for more than a day, `beats` = heartbeats by their source. `alerts` None: no alerts worker has
    written of late."""

    rows: tuple[Row, ...]
    total: Row
    target: Target
    at_ms: int | None
    age_ms: int | None
    redis_now_ms: int
    order: Order
    forgotten: int = 0
    written_ms: int | None = None
    away_since_ms: int | None = None
    beats: dict[str, Beat] = {}
    other_sites: tuple[str, ...] = ()
    alerts: Alerts | None = None

    @property
    def known(self) -> int:
        """How many rows have data, or are closed."""
        return sum(row.state not in UNKNOWN for row in self.rows)


HoursOf = Callable[[str], Hours | None]
"""When a queue is open; None = always."""


def always_open(_: str) -> Hours | None:
    """Where nobody told of opening hours."""
    return None


def of_group(picture: Picture, group: str, holds: Callable[[str], bool]) -> Picture:
    """The same with the queues that a group `holds` alone, and its total."""
    return _with(picture, set(filter(holds, picture.written_ms)), picture.groups.get(group))


def of_queue(picture: Picture, queue: str) -> Picture:
    """The same with one queue alone, which is its own total."""
    return _with(picture, {queue}, picture.queues.get(queue))


def _with(picture: Picture, ours: set[str], total: Reading | None) -> Picture:
    return msgspec.structs.replace(
        picture,
        written_ms={name: at_ms for name, at_ms in picture.written_ms.items() if name in ours},
        queues={name: reading for name, reading in picture.queues.items() if name in ours},
        total=total,
    )


def board(
    picture: Picture,
    before: BoardState | None = None,
    away_since_ms: int | None = None,
    hours: HoursOf = always_open,
) -> BoardState:
    """The board of this moment. `before` = the last one: it keeps the order calm and the states from blinking."""
    now_ms = picture.redis_now_ms
    shown = with_a_row(picture)
    earlier = {row.name: row for row in before.rows} if before else {}
    beats = listened(picture, before.beats if before else {})
    silent = silent_since(picture, beats)
    seen = picture if away_since_ms is None else _outlived(picture)
    rows = {}
    for name, written_ms in shown.items():
        reading = seen.queues.get(name)
        row = row_of(name, reading, now_ms, earlier.get(name), silent, written_ms)
        rows[name] = in_hours(row, reading, now_ms, hours(name), earlier.get(name))
    order = arrange(before.order if before else None, {name: key_of(row) for name, row in rows.items()}, now_ms)
    newest = max(picture.queues.values(), key=lambda r: r.event_time_ms, default=None)
    total = row_of("", seen.total, now_ms, before.total if before else None)
    return BoardState(
        rows=tuple(rows[name] for name in order.names),
        total=_together(total, list(rows.values())),
        target=_usual(list(rows.values())),
        at_ms=newest.event_time_ms if newest else None,
        age_ms=age_ms(newest, now_ms) if newest else None,
        redis_now_ms=now_ms,
        order=order,
        written_ms=max(shown.values(), default=None),
        forgotten=len(picture.written_ms) - len(shown),
        away_since_ms=away_since_ms,
        beats=beats,
        other_sites=picture.other_sites,
        alerts=picture.alerts,
    )


def with_a_row(picture: Picture) -> dict[str, int]:
    """The queues that are shown, with or without data: name -> its last write (ms)."""
    oldest_ms = picture.redis_now_ms - FORGOTTEN_MS
    return {name: at_ms for name, at_ms in picture.written_ms.items() if at_ms > oldest_ms or name in picture.queues}


def _outlived(picture: Picture) -> Picture:
    """Of a Redis that does not answer: what it would have forgotten by now."""
    now_ms = picture.redis_now_ms
    lives = {name: each for name, each in picture.queues.items() if now_ms - each.stored_at_ms <= TTL_MS}
    total = picture.total if picture.total and now_ms - picture.total.stored_at_ms <= TTL_MS else None
    return msgspec.structs.replace(picture, queues=lives, total=total)


def _together(total: Row, rows: list[Row]) -> Row:
    """The total: closed where all are closed; where nothing is known of any that is open or called, unknown as they
    are."""
    unknown = [row for row in rows if row.state in UNKNOWN]
    if not unknown or len(unknown) < sum(not row.day_alone for row in rows):
        return together(total, rows) if rows and all(row.after_hours for row in rows) else total
    states = {row.state for row in unknown}
    since = [row.since_ms for row in unknown if row.since_ms is not None]
    state = State.BLIND if states == {State.BLIND} else State.NO_DATA
    first = min(since, default=None)
    return Row(name=total.name, state=state, target=total.target, age_ms=total.age_ms, since_ms=first)


def key_of(row: Row) -> Key:
    """Worst first. Distance in steps of 10 points below target and volume in powers of two: less would be restless."""
    level = row.level_live or row.level
    below = max(0.0, row.target.level - level.value) if level else 0.0
    volume = int(math.log2(1 + max(0, row.offered or 0)))
    return RANK[row.state], -int(below * 10), -volume, row.name


def _usual(rows: list[Row]) -> Target:
    """The target that most queues with data have."""
    targets = [row.target for row in rows if row.state not in UNKNOWN and row.age_ms is not None]
    return max(sorted(set(targets), key=lambda t: (t.level, t.threshold_s)), key=targets.count, default=Target())
