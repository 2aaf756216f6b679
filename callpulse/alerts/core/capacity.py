"""Can those on the floor do what is coming? What the ticks of a queue say of its next half hour, and of harm done.

A queue is seen in one of three ways: `agents` (who is signed in: rule D1), `contacts` (how many are in service while
somebody waits says how many can serve: D1h) or, where not even the end of a contact is known, `waits` (N, slow). The
life cycle of an alert is not here: a reading says which conditions hold and which clear.
"""

import enum
from typing import NamedTuple

from msgspec import Struct

from callpulse.alerts.core.estimates import Estimates, Expected, estimated
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.levels import CAPACITY_LASTS, Levels, lowered
from callpulse.alerts.core.watched import Watched
from callpulse.stream.core.ticks import Tick


class Sight(enum.Enum):
    """How the capacity of a queue is seen."""

    AGENTS = "agents"
    CONTACTS = "contacts"
    WAITS = "waits"


class Cause(enum.Enum):
    """Why too few are expected in time."""

    ARRIVALS = "arrivals_above_profile"
    LONG_CALLS = "long_calls"
    AGENTS_MISSING = "agents_missing"


class Condition(NamedTuple):
    """Of one evaluation. Neither may hold: between the levels."""

    holds: bool
    clears: bool


class Live(NamedTuple):
    """What was decided in a window: a contact counts once, when it is answered in time or no longer can be."""

    hits: int
    misses: int

    @property
    def share(self) -> float:
        """Nobody decided is nobody harmed: 1."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0


class Reading(Struct, frozen=True):
    """What a tick says of its queue. None = does not apply, or too little is known."""

    at_ms: int
    sight: Sight
    forecast: float | None  # share expected in time among the arrivals of the next half hour
    per_s: float | None
    aht_s: float | None
    agents: int | None  # the mean of the last minute where agents are seen
    staffed: int | None  # at this moment, where that is seen
    n: int  # contacts in service and waiting
    surge: bool
    slowdown: bool
    cause: Cause | None
    level: float  # below which the forecast is too low here
    capacity: Condition | None  # R1, of the forecast
    lasts_s: int  # how long R1 has to hold
    alarm: Condition | None  # R2, the same while a sequential test is in alarm: it need not last as long
    harm: Condition | None  # R3, of the live service level
    waits: Condition | None  # N, where nothing else is seen
    began_anew: bool  # so many ticks were missing that the sequential tests were restarted
    cold: bool  # without a profile


def read(watched: Watched, tick: Tick, expected: Expected, forecaster: Forecaster, levels: Levels) -> Reading | None:
    """Take in the next tick, in place, and tell what it says; None for a tick that is not later than the last one.
    `levels` that yield are lowered for a queue whose plan is lean."""
    if watched.at_ms is not None and tick.at_ms <= watched.at_ms:
        return None
    anew = watched.note(tick)
    five, fifteen = (Live(*each) for each in zip(watched.hits.sums, watched.misses.sums, strict=True))
    found, sight = estimated(watched, tick, expected, levels.slowdown), _sight(watched, tick)
    n = tick.busy + tick.waiting
    forecast = None if sight is Sight.WAITS else _forecast(forecaster, n, found.agents, found)
    if levels.yields:
        levels = lowered(levels, _planned(expected, forecaster))
    asked, lasts_s = _asked(watched.surge.on, sight, forecast, levels)
    below, clear = _too_low(forecaster, expected, n, found, forecast, levels, asked), levels.capacity[1]
    capacity = None if forecast is None else Condition(forecast < below, forecast >= clear)
    alarmed = watched.surge.on or watched.slowdown.on
    return Reading(
        at_ms=tick.at_ms,
        sight=sight,
        forecast=forecast,
        per_s=found.per_s,
        aht_s=found.aht_s,
        agents=found.agents,
        staffed=tick.staffed,
        n=n,
        surge=watched.surge.on,
        slowdown=watched.slowdown.on,
        cause=None
        if forecast is None or forecast >= clear
        else _cause(watched, expected, forecaster, levels.capacity[0], n, found),
        level=below,
        capacity=capacity,
        lasts_s=lasts_s,
        alarm=None if capacity is None else Condition(capacity.holds and alarmed, capacity.clears),
        harm=None if sight is Sight.WAITS else harmed(five, fifteen, levels),
        waits=_waits(watched, tick, levels) if sight is Sight.WAITS else None,
        began_anew=anew,
        cold=expected.per_s is None or expected.aht_s is None,
    )


def _sight(watched: Watched, tick: Tick) -> Sight:
    if tick.staffed is not None:
        return Sight.AGENTS
    ended_in_an_hour = watched.ended.sums[1]
    return Sight.CONTACTS if ended_in_an_hour else Sight.WAITS


def _forecast(forecaster: Forecaster, n: int, agents: int | None, found: Estimates) -> float | None:
    if agents is None or found.per_s is None or found.aht_s is None:
        return None
    return forecaster.service_level(n, agents, found.per_s, found.aht_s)


def _asked(surge: bool, sight: Sight, forecast: float | None, levels: Levels) -> tuple[float, int]:
    """What R1 asks: below which level, for how many seconds. A surge in alarm has lasted already. Those who serve while
    somebody waits are counted, not averaged over a minute as those signed in are: that need not last as long, at a
    lower level."""
    below = levels.capacity[0]
    if surge and forecast is not None and forecast < below:
        return below, levels.surge_lasts_s
    if sight is Sight.CONTACTS:
        return levels.of_contacts, levels.contacts_last_s
    return below, CAPACITY_LASTS.for_s


def _too_low(
    forecaster: Forecaster,
    expected: Expected,
    n: int,
    found: Estimates,
    forecast: float | None,
    levels: Levels,
    below: float,
) -> float:
    """The level below which the forecast is too low: `below`, or a higher one where those of the plan would do well,
    and those who are there would not even if whoever pauses were back."""
    lost_below = levels.lost_below
    if forecast is None or not below <= forecast < lost_below:
        return below
    if expected.agents is None or found.back is None or found.back >= expected.agents:
        return below
    with_them, planned = (_forecast(forecaster, n, agents, found) for agents in (found.back, expected.agents))
    has_left = with_them is not None and with_them < lost_below and planned is not None and planned >= levels.enough
    return lost_below if has_left else below


def _planned(expected: Expected, forecaster: Forecaster) -> float | None:
    """What the plan itself gives; None without one."""
    if not (expected.per_s and expected.aht_s and expected.agents):
        return None
    return forecaster.usual(expected.agents, expected.per_s, expected.aht_s)


def _cause(
    watched: Watched, expected: Expected, forecaster: Forecaster, enough: float, n: int, found: Estimates
) -> Cause | None:
    if watched.surge.on:
        return Cause.ARRIVALS
    if watched.slowdown.on:
        return Cause.LONG_CALLS
    if expected.agents is None or found.agents is None or expected.agents <= found.agents:
        return None
    planned = _forecast(forecaster, n, expected.agents, found)
    return Cause.AGENTS_MISSING if planned is not None and planned >= enough else None


def harmed(five: Live, fifteen: Live, levels: Levels) -> Condition:
    """R3: far too few in time for a quarter of an hour, and still so in the last five minutes."""
    below, clear = levels.harm
    holds = fifteen.misses >= levels.harm_misses and five.share < below and fifteen.share < below
    return Condition(holds, five.share >= clear)


def _waits(watched: Watched, tick: Tick, levels: Levels) -> Condition:
    below, clear = levels.waits
    holds = (
        watched.ten_minutes.service_level < below
        and tick.oldest_wait_ms >= levels.waits_oldest_ms
        and watched.misses.sums[0] >= levels.waits_misses
    )
    return Condition(holds, watched.five_minutes.service_level >= clear)
