"""A queue as every board shows it: figures, lamps, and a state that old data cannot better."""

import enum
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from callpulse.board.levels import ABANDONMENT, ASA, LEVEL, LIVE, Lamp, Target, lamps, off_target, target_of
from callpulse.board.silence import lives_from_another
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

WINDOW = "15m"

_RATIOS = (LEVEL, LIVE, ASA, ABANDONMENT)
AHT, OCCUPANCY = "aht_s", "occupancy"
_COUNTS = ("offered", "answered", "wait_p50_s", "wait_p90_s", "wait_max_s", AHT, OCCUPANCY)
DAY = (ASA, ABANDONMENT, AHT)
FIELDS: tuple[str, ...] = (
    *(field(WINDOW, kpi) for kpi in (*_RATIOS, *_COUNTS)),
    *(field(WINDOW, kpi, "n") for kpi in (*_RATIOS, AHT)),
    *(field(window, LEVEL, *more) for window in ("day", "interval") for more in ((), ("n",))),
    *(field("day", kpi, *more) for kpi in DAY for more in ((), ("n",))),
    *(field(NOW, kpi) for kpi in (WAITING, LONGEST_WAIT_START)),
    *(field(NOW, "agents", state) for state in AGENT_STATES),
    *(field(TARGET, kpi) for kpi in (TARGET_LEVEL, TARGET_THRESHOLD_S)),
)  # all that the board reads


class State(enum.StrEnum):
    """Of a row, worst first. `blind`: written, but its source is silent; `stale`: too old to be called OK;
    `closed`: outside its opening hours, and nobody waits long."""

    ACT = "act"
    WATCH = "watch"
    BLIND = "blind"
    NO_DATA = "no_data"
    STALE = "stale"
    OK = "ok"
    CLOSED = "closed"


RANK = {State.ACT: 0, State.WATCH: 1, State.BLIND: 2, State.NO_DATA: 2, State.STALE: 3, State.OK: 4, State.CLOSED: 5}
UNKNOWN = frozenset({State.BLIND, State.NO_DATA})
TROUBLE = (State.ACT, State.WATCH)
SEVERITY_STATES: dict[str, Literal["act", "watch"]] = {"critical": "act", "warning": "watch"}  # values of State


class Row(Struct, frozen=True, kw_only=True):
    """One queue, or the total. None = no value. `since_ms`: until when there was data, where there is none now; since
    when it is closed, where it is. `after_hours`: outside its opening hours.
    `behind`: KPI -> its n."""

    name: str
    state: State
    target: Target = Target()
    waiting: Number | None = None
    longest_wait_s: int | None = None
    level: Value | None = None
    level_live: Value | None = None
    level_day: Value | None = None
    level_interval: Value | None = None
    day: dict[str, Value] = {}
    longest_start_ms: int | None = None
    asa_s: Number | None = None
    wait_p50_s: Number | None = None
    wait_p90_s: Number | None = None
    wait_max_s: Number | None = None
    abandonment: Number | None = None
    aht_s: Number | None = None
    occupancy: Number | None = None
    behind: dict[str, Number] = {}
    offered: Number | None = None
    answered: Number | None = None
    agents: dict[str, Number] = {}
    lamps: dict[str, Lamp] = {}
    off_target: frozenset[str] = frozenset()
    age_ms: int | None = None
    since_ms: int | None = None
    opens_ms: int | None = None
    after_hours: bool = False

    @property
    def stale(self) -> bool:
        """Older than two cadences, whatever its state."""
        return self.age_ms is not None and self.age_ms > AMBER_MS

    @property
    def called(self) -> bool:
        """Did anybody call in the last 15 minutes, or wait? False where nothing is known."""
        return bool(self.offered) or bool(self.waiting)

    @property
    def day_alone(self) -> bool:
        """Closed, and nobody calls: it shows its day, and nothing of now."""
        return self.state is State.CLOSED and not self.called


def age_ms(reading: Reading, now_ms: int) -> int:
    """How old a reading is: since its last event or heartbeat; for a replay in its own time, since it was written."""
    written = now_ms - reading.stored_at_ms
    data = now_ms - reading.event_time_ms if reading.clock == "wall" else written
    return max(0, written, data)


def row_of(
    name: str,
    reading: Reading | None,
    now_ms: int,
    before: Row | None,
    silent: Mapping[str, int] = {},
    written_ms: int | None = None,
) -> Row:
    """The row of a reading, or of none. `silent`: source -> its last heartbeat, where it is silent; `written_ms`: the
    queue's last write."""
    if reading is None:
        return Row(name=name, state=State.NO_DATA, since_ms=written_ms)
    age = age_ms(reading, now_ms)
    since_ms = _blind_since_ms(reading, now_ms, before, silent)
    if since_ms is not None:
        return Row(name=name, state=State.BLIND, target=target_of(reading), age_ms=age, since_ms=since_ms)
    return _row_with_values(name, reading, now_ms, age, before)


def day_of(reading: Reading) -> dict[str, Value]:
    """The figures of the day so far."""
    return {kpi: found for kpi in DAY if (found := reading.value("day", kpi)) is not None}


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
        longest_start_ms=_start_ms(reading),
        level=reading.value(WINDOW, LEVEL),
        level_live=reading.value(WINDOW, LIVE),
        level_day=reading.value("day", LEVEL),
        level_interval=reading.value("interval", LEVEL),
        day=day_of(reading),
        asa_s=reading.number(WINDOW, ASA),
        wait_p50_s=reading.number(WINDOW, "wait_p50_s"),
        wait_p90_s=reading.number(WINDOW, "wait_p90_s"),
        wait_max_s=reading.number(WINDOW, "wait_max_s"),
        abandonment=reading.number(WINDOW, ABANDONMENT),
        aht_s=reading.number(WINDOW, AHT),
        occupancy=reading.number(WINDOW, OCCUPANCY),
        behind={kpi: n for kpi in (*_RATIOS, AHT) if (n := reading.number(WINDOW, f"{kpi}.n")) is not None},
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
    if before is not None and before.state in (State.ACT, State.WATCH) and RANK[before.state] < RANK[state]:
        return before.state
    return State.STALE if state is State.OK else state


def _longest_wait_s(reading: Reading, age: int) -> int | None:
    """Ticks with the data's own time, and stands still when the data is stale."""
    start_ms = _start_ms(reading)
    if start_ms is None:
        return None
    return max(0, int(reading.event_time_ms + min(age, AMBER_MS) - start_ms) // 1000)


def _start_ms(reading: Reading) -> int | None:
    found = reading.number(NOW, LONGEST_WAIT_START)
    return None if found is None else int(found)
