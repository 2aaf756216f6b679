"""Sequential tests (Page's cumulative sums) for more arrivals than the profile says and for longer handling.

Each adds the logarithm of how much likelier the pane is under trouble than under the profile, never below 0; a test in
alarm stays so until its sum is back at 0 or a plain ratio says that it is over.
"""

import math

from msgspec import Struct

from callpulse.alerts.core.levels import Slowdown, Surge
from callpulse.stream.core.windows import PANE_MS

PANE_S = PANE_MS / 1000


class Watch(Struct, frozen=True):
    """The sum of one test, and whether it is in alarm."""

    score: float = 0.0
    on: bool = False


QUIET = Watch()


def surge(watch: Watch, arrivals: int, usual_per_s: float, recent_ratio: float, rule: Surge) -> Watch:
    """One pane more. `recent_ratio`: arrivals of the last ten minutes to the usual ones."""
    gain = math.log(rule.factor) * arrivals - (rule.factor - 1) * usual_per_s * PANE_S
    return _next(watch, gain, recent_ratio < rule.still, rule.alarm, rule.most)


def slowdown(watch: Watch, busy_ms: int, ended: int, usual_s: float, recent_ratio: float, rule: Slowdown) -> Watch:
    """One pane more. `recent_ratio`: time worked in the last twenty minutes to what the contacts ended then usually
    take."""
    gain = (1 - 1 / rule.factor) * busy_ms / 1000 / usual_s - math.log(rule.factor) * ended
    return _next(watch, gain, recent_ratio < rule.still, rule.alarm, rule.most)


def _next(watch: Watch, gain: float, over: bool, alarm: float, most: float) -> Watch:
    score = min(most, max(0.0, watch.score + gain))
    if score <= 0 or over:
        return Watch(score, False)
    return Watch(score, watch.on or score > alarm)
