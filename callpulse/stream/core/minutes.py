"""The last minutes of a queue, one by one: what a reader adds to others and divides to a rolling quarter of an hour."""

from typing import Any, NamedTuple

from callpulse.stream.core import kpis, windows
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.kpis import Part, Policy
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.tally import (
    COUNT_KEY,
    HANDLED,
    HOLD_MS,
    OFFERED,
    TALK_MS,
    WAIT_MS_KEY,
    WRAP_UP_MS,
    Tally,
    merge,
)
from callpulse.stream.core.windows import LIVE_MS, MINUTE_MS, PANE_MS

MINUTES = 45  # half an hour of points, each of a quarter of an hour
_ENDED = (ANSWERED, ABANDONED, EXITED, LOST)


class _Minute(NamedTuple):
    """What happened in it. `level`: with its n, by the queue's own formula and T."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    exited: int = 0
    lost: int = 0
    wait_ms: int = 0
    handled: int = 0
    handle_ms: int = 0
    level: float | int | None = None
    n: int = 0


_NOTHING = _Minute()


class MinuteStrip:
    """A minute is kept until the cell that it lies in changes: most never do."""

    def __init__(self, reader: WindowReader) -> None:
        self._book = reader.book
        self._kept: dict[str, dict[int, tuple[int, dict[int, _Minute]]]] = {}  # queue -> start of a cell -> its offset

    def rows(self, queue: str, policy: Policy, as_of_ms: int) -> dict[str, Any]:
        """Lists of one value a minute, the oldest first, the one that is running included. `contacts_waiting`: at its
        end; what went before follows from who came and who left."""
        first = windows.floor(as_of_ms, MINUTE_MS) - (MINUTES - 1) * MINUTE_MS
        kept, now = self._kept.get(queue, {}), dict[int, tuple[int, dict[int, _Minute]]]()
        for start in range(windows.floor(first, LIVE_MS), as_of_ms + 1, LIVE_MS):
            cell = self._book.live.get((queue, start))
            if cell is not None:
                known = kept.get(start)
                now[start] = (
                    known
                    if known and known[0] == cell.offset
                    else (cell.offset, {minute: _minute(tally, policy) for minute, tally in _by_minute(cell.panes)})
                )
        self._kept[queue] = now
        found = {minute: each for _, minutes in now.values() for minute, each in minutes.items()}
        rows = [found.get(first + place * MINUTE_MS, _NOTHING) for place in range(MINUTES)]
        return _listed(first, rows, len(self._book.waits.arrivals(queue)))


def _by_minute(panes: dict[int, Tally]) -> list[tuple[int, Tally]]:
    by_minute: dict[int, list[Tally]] = {}
    for pane, tally in panes.items():
        by_minute.setdefault(windows.floor(pane * PANE_MS, MINUTE_MS), []).append(tally)
    return [(minute, merge(tallies)) for minute, tallies in by_minute.items()]


def _minute(tally: Tally, policy: Policy) -> _Minute:
    level, get = kpis.level(Part(tally, policy)), tally.get
    answered, abandoned, exited, lost = (get(COUNT_KEY[kind], 0) for kind in _ENDED)
    return _Minute(
        offered=get(OFFERED, 0),
        answered=answered,
        abandoned=abandoned,
        exited=exited,
        lost=lost,
        wait_ms=get(WAIT_MS_KEY[ANSWERED], 0),
        handled=get(HANDLED, 0),
        handle_ms=get(TALK_MS, 0) + get(HOLD_MS, 0) + get(WRAP_UP_MS, 0),
        level=level.value,
        n=level.n or 0,
    )


def _listed(first_ms: int, rows: list[_Minute], waiting: int) -> dict[str, Any]:
    at_end: list[int] = []
    for row in reversed(rows):
        at_end.append(waiting)
        waiting += row.answered + row.abandoned + row.exited + row.lost - row.offered
    lists = {name: [getattr(row, name) for row in rows] for name in _Minute._fields if name not in ("level", "n")}
    return {
        "start_ms": first_ms,
        "step_ms": MINUTE_MS,
        "service_level": [row.level for row in rows],
        "service_level.n": [row.n for row in rows],
        "contacts_waiting": at_end[::-1],
        **lists,
    }
