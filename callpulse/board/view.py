"""The board as values: what was read and Redis's time in, rows worst first out. Nothing here draws or waits."""

import enum
import math
from collections.abc import Mapping

from msgspec import Struct

from callpulse.board.levels import ABANDONMENT, ASA, LEVEL, LIVE, Lamp, Target, lamps, off_target, target_of
from callpulse.board.order import Key, Order, arrange
from callpulse.board.silence import Beat, listened, lives_from_another, silent_since
from callpulse.current.alerts import Alerts
from callpulse.current.fields import (
    AGENT_STATES,
    AMBER_MS,
    LONGEST_WAIT_START,
    NOW,
    TARGET,
    TARGET_LEVEL,
    TARGET_THRESHOLD_S,
    TTL_MS,
    WAITING,
    Number,
    Reading,
    Value,
    field,
)
from callpulse.current.reader import Picture

WINDOW = "15m"
FORGOTTEN_MS = 24 * 3_600_000  # a queue without data for a day is counted, no longer shown

_RATIOS = (LEVEL, LIVE, ASA, ABANDONMENT)
_COUNTS = ("offered", "answered", "wait_p90_s")
FIELDS: tuple[str, ...] = (
    *(field(WINDOW, kpi) for kpi in (*_RATIOS, *_COUNTS)),
    *(field(WINDOW, kpi, "n") for kpi in _RATIOS),
    *(field("day", LEVEL, *more) for more in ((), ("n",))),
    *(field(NOW, kpi) for kpi in (WAITING, LONGEST_WAIT_START)),
    *(field(NOW, "agents", state) for state in AGENT_STATES),
    *(field(TARGET, kpi) for kpi in (TARGET_LEVEL, TARGET_THRESHOLD_S)),
)  # all that the board reads


class State(enum.StrEnum):
    """Of a row, worst first. `blind`: written, but its source is silent; `stale`: too old to be called OK."""

    ACT = "act"
    WATCH = "watch"
    BLIND = "blind"
    NO_DATA = "no_data"
    STALE = "stale"
    OK = "ok"


_RANK = {State.ACT: 0, State.WATCH: 1, State.BLIND: 2, State.NO_DATA: 2, State.STALE: 3, State.OK: 4}
UNKNOWN = frozenset({State.BLIND, State.NO_DATA})


class Row(Struct, frozen=True, kw_only=True):
    """One queue, or the total. None = no value. `since_ms`: until when there was data, where there is none now."""

    name: str
    state: State
    target: Target = Target()
    waiting: Number | None = None
    longest_wait_s: int | None = None
    level: Value | None = None
    level_live: Value | None = None
    level_day: Value | None = None
    asa_s: Number | None = None
    wait_p90_s: Number | None = None
    abandonment: Number | None = None
    offered: Number | None = None
    answered: Number | None = None
    agents: dict[str, Number] = {}
    lamps: dict[str, Lamp] = {}
    off_target: frozenset[str] = frozenset()
    age_ms: int | None = None
    since_ms: int | None = None

    @property
    def stale(self) -> bool:
        """Older than two cadences, whatever its state."""
        return self.age_ms is not None and self.age_ms > AMBER_MS


class BoardState(Struct, frozen=True, kw_only=True):
    """All that is drawn. `at_ms` = how far the data reaches (None: there is none), `away_since_ms` = Redis does not
    answer since then, `forgotten` = queues without data for more than a day, `beats` = heartbeats by their source.
    `alerts` None: no alerts worker has written of late."""

    rows: tuple[Row, ...]
    total: Row
    target: Target
    at_ms: int | None
    age_ms: int | None
    redis_now_ms: int
    order: Order
    forgotten: int = 0
    away_since_ms: int | None = None
    beats: dict[str, Beat] = {}
    other_sites: tuple[str, ...] = ()
    alerts: Alerts | None = None

    @property
    def known(self) -> int:
        """How many rows have data."""
        return sum(row.state not in UNKNOWN for row in self.rows)


def board(picture: Picture, before: BoardState | None = None, away_since_ms: int | None = None) -> BoardState:
    """The board of this moment. `before` = the last one: it keeps the order calm and the states from blinking."""
    now_ms = picture.redis_now_ms
    shown = {n: at for n, at in picture.written_ms.items() if now_ms - at < FORGOTTEN_MS or n in picture.queues}
    earlier = {row.name: row for row in before.rows} if before else {}
    beats = listened(picture, before.beats if before else {})
    silent = silent_since(picture, beats)
    rows = {
        name: _row(name, picture.queues.get(name), now_ms, earlier.get(name), silent, written_ms)
        for name, written_ms in shown.items()
    }
    order = arrange(before.order if before else None, {name: _key(row) for name, row in rows.items()}, now_ms)
    newest = max(picture.queues.values(), key=lambda r: r.event_time_ms, default=None)
    return BoardState(
        rows=tuple(rows[name] for name in order.names),
        total=_row("", picture.total, now_ms, before.total if before else None),
        target=_usual(list(rows.values())),
        at_ms=newest.event_time_ms if newest else None,
        age_ms=age_ms(newest, now_ms) if newest else None,
        redis_now_ms=now_ms,
        order=order,
        forgotten=len(picture.written_ms) - len(shown),
        away_since_ms=away_since_ms,
        beats=beats,
        other_sites=picture.other_sites,
        alerts=picture.alerts,
    )


def age_ms(reading: Reading, now_ms: int) -> int:
    """How old a reading is: since its last event or heartbeat; for a replay in its own time, since it was written."""
    written = now_ms - reading.stored_at_ms
    data = now_ms - reading.event_time_ms if reading.clock == "wall" else written
    return max(0, written, data)


def _row(
    name: str,
    reading: Reading | None,
    now_ms: int,
    before: Row | None,
    silent: Mapping[str, int] = {},
    written_ms: int | None = None,
) -> Row:
    """`silent`: source -> its last heartbeat, where it is silent; `written_ms`: the queue's last write."""
    if reading is None:
        return Row(name=name, state=State.NO_DATA, since_ms=written_ms)
    age = age_ms(reading, now_ms)
    since_ms = _blind_since_ms(reading, now_ms, before, silent)
    if since_ms is not None:
        return Row(name=name, state=State.BLIND, target=target_of(reading), age_ms=age, since_ms=since_ms)
    return _row_with_values(name, reading, now_ms, age, before)


def _blind_since_ms(reading: Reading, now_ms: int, before: Row | None, silent: Mapping[str, int]) -> int | None:
    """Since when nothing is known of what happens, by the heartbeats of the queue's source; of one that sends none, by
    the age of the data while a worker writes. None = it is seen, or a replay is played in its own time."""
    if reading.clock != "wall":
        return None
    told_ms = silent.get(reading.source)
    if told_ms is not None and not lives_from_another(reading, told_ms, now_ms):
        return told_ms
    was_blind = before is not None and before.state is State.BLIND
    written = was_blind or now_ms - reading.stored_at_ms <= AMBER_MS
    return reading.event_time_ms if age_ms(reading, now_ms) > TTL_MS and written else None


def _row_with_values(name: str, reading: Reading, now_ms: int, age: int, before: Row | None) -> Row:
    longest_s = _longest_wait_s(reading, age)
    lit = lamps(reading, WINDOW, longest_s, before.lamps if before else {})
    agents = {state: reading.number(NOW, f"agents.{state}") for state in AGENT_STATES}
    return Row(
        name=name,
        state=_state(lit, age, before),
        target=target_of(reading),
        waiting=reading.number(NOW, WAITING),
        longest_wait_s=longest_s,
        level=reading.value(WINDOW, LEVEL),
        level_live=reading.value(WINDOW, LIVE),
        level_day=reading.value("day", LEVEL),
        asa_s=reading.number(WINDOW, ASA),
        wait_p90_s=reading.number(WINDOW, "wait_p90_s"),
        abandonment=reading.number(WINDOW, ABANDONMENT),
        offered=reading.number(WINDOW, "offered"),
        answered=reading.number(WINDOW, "answered"),
        agents={state: number for state, number in agents.items() if number is not None},
        lamps=lit,
        off_target=off_target(reading, WINDOW),
        age_ms=age,
    )


def _state(lit: Mapping[str, Lamp], age: int, before: Row | None) -> State:
    """Old data may make a state worse, never better."""
    worst = max(lit.values(), default=Lamp.OK)
    state = (State.OK, State.WATCH, State.ACT)[worst]
    if age <= AMBER_MS:
        return state
    if before is not None and before.state in (State.ACT, State.WATCH) and _RANK[before.state] < _RANK[state]:
        return before.state
    return State.STALE if state is State.OK else state


def _longest_wait_s(reading: Reading, age: int) -> int | None:
    """Ticks with the data's own time, and stands still when the data is stale."""
    start_ms = reading.number(NOW, LONGEST_WAIT_START)
    if start_ms is None:
        return None
    return max(0, int(reading.event_time_ms + min(age, AMBER_MS) - start_ms) // 1000)


def _key(row: Row) -> Key:
    """Worst first. Distance in steps of 10 points below target and volume in powers of two: less would be restless."""
    level = row.level_live or row.level
    below = max(0.0, row.target.level - level.value) if level else 0.0
    volume = int(math.log2(1 + max(0, row.offered or 0)))
    return _RANK[row.state], -int(below * 10), -volume, row.name


def _usual(rows: list[Row]) -> Target:
    """The target that most queues with data have."""
    targets = [row.target for row in rows if row.state not in UNKNOWN]
    return max(sorted(set(targets), key=lambda t: (t.level, t.threshold_s)), key=targets.count, default=Target())
