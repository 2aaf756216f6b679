"""Rows of queues outside their opening hours. Pure.

A queue that is closed shows its day. As long as anybody called it in the last 15 minutes it shows its figures too, and
stays closed: no single call turns the row over. Nobody has promised a service level then; only who waits long makes
it another state. Where somebody waited when the data ended, nobody knows whether they still do: that stays unknown,
and is not calm. A replay is judged by its own time.
"""

from collections.abc import Iterable

from msgspec import structs

from callpulse.alerts.core.hours import Hours
from callpulse.board.levels import LEVEL, LONGEST, Lamp, target_of
from callpulse.board.row import UNKNOWN, Row, State, age_ms, day_of
from callpulse.current.fields import NOW, TTL_MS, WAITING, Reading

STATES = {Lamp.OK: State.CLOSED, Lamp.WATCH: State.WATCH, Lamp.ACT: State.ACT}


def in_hours(row: Row, reading: Reading | None, now_ms: int, hours: Hours | None, before: Row | None = None) -> Row:
    """The row as it is, or closed. `hours`: when it is open, None = always; `before`: the row of a moment ago. Who is
    closed is neither silent nor without data, unless somebody was waiting when it became so."""
    at_ms = now_ms if reading is None or reading.clock == "wall" else reading.event_time_ms
    if hours is None or hours.is_open(at_ms):
        return row
    since_ms, opens_ms = hours.closed_since(at_ms), hours.opens(at_ms)
    if reading is not None and row.called and age_ms(reading, now_ms) <= TTL_MS:
        return _with_figures(row, since_ms, opens_ms)
    if _left_waiting(reading, before):
        return _unknown(row, reading, opens_ms)
    closed = Row(name=row.name, state=State.CLOSED, since_ms=since_ms, opens_ms=opens_ms, after_hours=True)
    if reading is None:
        return closed
    return structs.replace(
        closed,
        target=target_of(reading),
        level_day=reading.value("day", LEVEL),
        day=day_of(reading),
        age_ms=age_ms(reading, now_ms),
    )


def _left_waiting(reading: Reading | None, before: Row | None) -> bool:
    """Did somebody wait when last anything was known? What Redis still has says it, then what was shown."""
    if reading is not None:
        return bool(reading.number(NOW, WAITING))
    return before is not None and (bool(before.waiting) or (before.after_hours and before.state in UNKNOWN))


def _unknown(row: Row, reading: Reading | None, opens_ms: int | None) -> Row:
    """Without figures, as it is in its hours; what is too old to be shown is no data."""
    if row.state in UNKNOWN or reading is None:
        return structs.replace(row, opens_ms=opens_ms, after_hours=True)
    return Row(
        name=row.name,
        state=State.NO_DATA,
        target=row.target,
        age_ms=row.age_ms,
        since_ms=reading.event_time_ms,
        opens_ms=opens_ms,
        after_hours=True,
    )


def together(total: Row, rows: Iterable[Row]) -> Row:
    """The total of queues that are all outside their hours: of the day, until the first of them opens; with figures of
    now where one of them has such."""
    rows = list(rows)
    closed_ms = [row.since_ms for row in rows if row.since_ms is not None and row.state not in UNKNOWN]
    since_ms = max(closed_ms, default=None)
    opens_ms = min((row.opens_ms for row in rows if row.opens_ms is not None), default=None)
    if total.state not in UNKNOWN and any(row.called for row in rows):
        return structs.replace(_with_figures(total, since_ms, opens_ms), state=State.CLOSED)
    return Row(
        name=total.name,
        state=State.CLOSED,
        target=total.target,
        level_day=total.level_day,
        day=total.day,
        age_ms=total.age_ms,
        since_ms=since_ms,
        opens_ms=opens_ms,
        after_hours=True,
    )


def _with_figures(row: Row, since_ms: int | None, opens_ms: int | None) -> Row:
    lit = {kpi: lamp for kpi, lamp in row.lamps.items() if kpi == LONGEST}
    return structs.replace(
        row,
        state=STATES[lit.get(LONGEST, Lamp.OK)],
        lamps=lit,
        since_ms=since_ms,
        opens_ms=opens_ms,
        after_hours=True,
    )
