"""Arrival rate, handle time and agents of a queue, from its last ticks and what its profile says.

The profile counts as so many contacts seen: 100 for the arrivals (it is off by about a tenth), 60 for the handle time.
Without a profile the ticks must do alone, and few contacts are no estimate. A test in alarm lifts its estimate at once.
"""

import math
from typing import NamedTuple

from callpulse.alerts.core.levels import Slowdown, Surge
from callpulse.alerts.core.sequential import PANE_S, QUIET, slowdown, surge
from callpulse.alerts.core.watched import Watched
from callpulse.stream.core.ticks import Tick

PROFILE_ARRIVALS = 100
PROFILE_ENDED = 60
LEAST_ARRIVALS = 5  # without a profile, in half an hour
LEAST_ENDED = 10  # without a profile, in an hour
REVEALED_FROM_MS = 5_000  # who has waited so long was not served because nobody was free
SURGE = Surge()


class Expected(NamedTuple):
    """What the profile says of this moment; None = not known (yet)."""

    per_s: float | None = None
    aht_s: float | None = None
    agents: int | None = None


class Estimates(NamedTuple):
    """None = too little seen. `back`: agents signed in, with those who paused for a moment counted as there."""

    per_s: float | None
    aht_s: float | None
    agents: int | None
    back: int | None


def estimated(watched: Watched, tick: Tick, expected: Expected, slow: Slowdown) -> Estimates:
    """After `watched.note(tick)`. The sequential tests and who is there go one pane further, in place."""
    agents = _agents(watched, tick, expected.agents)
    return Estimates(
        _per_s(watched, tick, expected.per_s),
        _aht_s(watched, tick, expected.aht_s, slow),
        agents,
        watched.note_there(None if tick.staffed is None else agents),
    )


def _per_s(watched: Watched, tick: Tick, profile: float | None) -> float | None:
    recent, half_hour, _ = watched.arrivals.sums
    _, half_hour_seen, _ = watched.seen.sums
    if not profile:
        watched.surge = QUIET
        return None if half_hour < LEAST_ARRIVALS else half_hour / (half_hour_seen * PANE_S)
    usual = _usual_per_s(watched, profile)
    ratio = recent / (usual * watched.seen.sums[0] * PANE_S)
    watched.surge = surge(watched.surge, tick.arrivals, usual, ratio, SURGE)
    found = (PROFILE_ARRIVALS + half_hour) / (PROFILE_ARRIVALS / profile + half_hour_seen * PANE_S)
    return max(found, SURGE.factor * usual) if watched.surge.on else found


def _usual_per_s(watched: Watched, profile: float) -> float:
    """The rate of the hour that ended ten minutes ago: a surge of now is not in it."""
    arrivals = watched.arrivals.sums[2] - watched.arrivals.sums[0]
    seen_s = (watched.seen.sums[2] - watched.seen.sums[0]) * PANE_S
    return (PROFILE_ARRIVALS + arrivals) / (PROFILE_ARRIVALS / profile + seen_s)


def _aht_s(watched: Watched, tick: Tick, profile: float | None, slow: Slowdown) -> float | None:
    (recent_ms, hour_ms), (recent_ended, hour_ended) = watched.busy_ms.sums, watched.ended.sums
    if not profile:
        watched.slowdown = QUIET
        return None if hour_ended < LEAST_ENDED else hour_ms / 1000 / hour_ended
    usual_s = profile * recent_ended
    ratio = recent_ms / 1000 / usual_s if usual_s else math.inf
    watched.slowdown = slowdown(watched.slowdown, tick.busy_ms, tick.ended, profile, ratio, slow)
    found = (PROFILE_ENDED * profile + hour_ms / 1000) / (PROFILE_ENDED + hour_ended)
    return max(found, slow.factor * profile) if watched.slowdown.on else found


def _agents(watched: Watched, tick: Tick, planned: int | None) -> int | None:
    """Signed in, the mean of a minute; where that is not known: in service while somebody waits, and at least as many
    as are in service. None while nobody has waited yet and no plan is known: few in service says that few call."""
    if watched.staffed:
        return math.floor(sum(watched.staffed) / len(watched.staffed) + 0.5)
    if tick.oldest_wait_ms >= REVEALED_FROM_MS:
        watched.serving = tick.busy
    else:
        before = watched.serving if watched.serving is not None else planned
        watched.serving = None if before is None else max(before, tick.busy)
    return watched.serving
