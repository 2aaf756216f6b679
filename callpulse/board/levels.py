"""When a queue is watched and when it needs somebody: levels with a way back, and enough evidence.

A small number of calls must not paint the board: the service level counts as missed when the one-sided 95 % Wilson
upper bound of it is below the target, and a mean or share only with at least 10 contacts behind it. What was entered
is left at a better value than it was entered at, so a value near its level does not blink.
"""

import enum
from collections.abc import Mapping

from msgspec import Struct

from callpulse.alerts.core.evidence import upper
from callpulse.current.fields import TARGET, TARGET_LEVEL, TARGET_THRESHOLD_S, Reading

ENOUGH = 10
FAR_BELOW = 0.20  # this far below the target somebody must act
BACK = 0.05  # and this much better ends it
EASED = 0.9  # a value that should be low has come back at nine tenths of its level

ABANDONED_MOST = 0.05
LONG_WAITS, LONGEST_WAITS = 3, 9  # times T: from then on somebody watches, and has to act

LEVEL = "service_level"
LIVE = "service_level_live"
ASA = "asa_s"
ABANDONMENT = "abandonment_rate"
LONGEST = "longest_wait_s"


class Lamp(enum.IntEnum):
    """How bad one value is; a row is as bad as its worst value."""

    OK = 0
    WATCH = 1
    ACT = 2


class Target(Struct, frozen=True):
    """`level` as a ratio of contacts answered within `threshold_s`."""

    level: float = 0.8
    threshold_s: float = 20


LOWEST, LONGEST_S = 0.01, 86_400  # of a target


def target_of(reading: Reading) -> Target:
    """The queue's own target, 80/20 where it states none that can be."""
    level = reading.number(TARGET, TARGET_LEVEL)
    threshold_s = reading.number(TARGET, TARGET_THRESHOLD_S)
    return Target(
        0.8 if level is None or not LOWEST <= level <= 1 else float(level),
        20 if threshold_s is None or not 0 <= threshold_s <= LONGEST_S else float(threshold_s),
    )


def lamps(reading: Reading, window: str, longest_wait_s: int | None, before: Mapping[str, Lamp]) -> dict[str, Lamp]:
    """The lamp of each value that has one and is not OK. `before` = the same a moment ago."""
    target = target_of(reading)
    t = target.threshold_s
    found = {
        _level_kpi(reading, window): _level(reading, window, target.level, before),
        ASA: _mean(reading, window, ASA, (t, 3 * t), before),
        ABANDONMENT: _mean(reading, window, ABANDONMENT, (ABANDONED_MOST, 2 * ABANDONED_MOST), before),
        LONGEST: of_wait(longest_wait_s, t),
    }
    return {kpi: lamp for kpi, lamp in found.items() if lamp}


def off_target(reading: Reading, window: str) -> frozenset[str]:
    """The values that miss their target, with or without enough evidence to say it aloud."""
    target = target_of(reading)
    level = {kpi for kpi in (LEVEL, LIVE) if (_number(reading, window, kpi, 1.0)) < target.level}
    high = {
        kpi
        for kpi, limit in ((ASA, target.threshold_s), (ABANDONMENT, ABANDONED_MOST))
        if _number(reading, window, kpi, 0.0) > limit
    }
    return frozenset(level | high)


def misses(level: float | None, n: int, target: Target) -> bool:
    """Is a service level below its target, with enough evidence to paint it?"""
    return level is not None and n >= ENOUGH and upper(level, n) < target.level


def _level_kpi(reading: Reading, window: str) -> str:
    return LEVEL if reading.number(window, LIVE) is None else LIVE


def _level(reading: Reading, window: str, target: float, before: Mapping[str, Lamp]) -> Lamp:
    kpi = _level_kpi(reading, window)
    found = reading.value(window, kpi)
    if found is None or not found.n:
        return Lamp.OK
    was = max(before.get(LEVEL, Lamp.OK), before.get(LIVE, Lamp.OK))
    far = target - FAR_BELOW
    if found.n >= ENOUGH and found.value < (far + BACK if was is Lamp.ACT else far):
        return Lamp.ACT
    missed = found.value < target
    return Lamp.WATCH if missed and (was or upper(found.value, found.n) < target) else Lamp.OK


def _mean(reading: Reading, window: str, kpi: str, limits: tuple[float, float], before: Mapping[str, Lamp]) -> Lamp:
    found = reading.value(window, kpi)
    if found is None or (found.n or 0) < ENOUGH:
        return Lamp.OK
    return _above(found.value, limits, before.get(kpi, Lamp.OK))


def _above(value: float, limits: tuple[float, float], was: Lamp) -> Lamp:
    watch, act = (
        limit * (EASED if was >= lamp else 1) for limit, lamp in zip(limits, (Lamp.WATCH, Lamp.ACT), strict=True)
    )
    if value > act:
        return Lamp.ACT
    return Lamp.WATCH if value > watch else Lamp.OK


def of_wait(wait_s: int | None, threshold_s: float) -> Lamp:
    """The lamp of one wait, by T; None = nobody waits."""
    limits = LONG_WAITS * threshold_s, LONGEST_WAITS * threshold_s
    return Lamp.OK if wait_s is None else _above(wait_s, limits, Lamp.OK)


def _number(reading: Reading, window: str, kpi: str, otherwise: float) -> float:
    found = reading.number(window, kpi)
    return otherwise if found is None else found
