"""An alert that comes and goes tells nobody anything. Percent state change over the last evaluations, with a way back:
the method of Nagios, newer changes weighing more."""

import itertools
from collections.abc import Sequence

LOOKED_AT = 21  # evaluations: twenty pairs of neighbours
STARTS, ENDS = 0.50, 0.25  # of all neighbours differ, weighted
OLDEST_WEIGHT, NEWEST_WEIGHT = 0.8, 1.2


def share_changed(firing: Sequence[bool]) -> float:
    """0 to 1: how many of the neighbours among the last evaluations differ, the newest pair weighing half as much again
    as the oldest."""
    last = firing[-LOOKED_AT:]
    pairs = LOOKED_AT - 1
    step = (NEWEST_WEIGHT - OLDEST_WEIGHT) / (pairs - 1)
    missing = LOOKED_AT - len(last)
    return (
        sum(
            OLDEST_WEIGHT + step * (missing + place)
            for place, (one, other) in enumerate(itertools.pairwise(last))
            if one != other
        )
        / pairs
    )


def is_flapping(was: bool, firing: Sequence[bool]) -> bool:
    """Whether it flaps now: from STARTS on, until it is below ENDS."""
    share = share_changed(firing)
    return share >= STARTS or (was and share >= ENDS)
