"""Can the target of an interval or a day still be met, and what would it take?"""

import math
from typing import NamedTuple

ROUNDING = 1e-9  # 0.8 · 5 is a little more than 4


class Recovery(NamedTuple):
    """`needed`: the share of those still expected that must be in time; 0 or less = the target is safe, more than 1 =
    lost; None = nobody is expected. `next_in_time`: so many in a row bring the target back; 0 = it is met now, None =
    no number does (a target of 100 %)."""

    needed: float | None
    next_in_time: int | None
    lost: bool


def recovery(met: int, decided: int, still_expected: float, target: float) -> Recovery | None:
    """`met` of the `decided` contacts of the interval were in time. None where nobody came and nobody is expected, or
    the counts make no sense."""
    if not (
        0 <= met <= decided and 0 <= still_expected < math.inf and 0 < target <= 1 and decided + still_expected > 0
    ):
        return None
    short = target * decided - met
    needed = None if still_expected == 0 else target + short / still_expected
    lost = short > ROUNDING if needed is None else needed > 1 + ROUNDING
    return Recovery(needed, _next_in_time(short, target), lost)


def _next_in_time(short: float, target: float) -> int | None:
    if short <= ROUNDING:
        return 0
    return None if target >= 1 else math.ceil(short / (1 - target) - ROUNDING)
