"""The service level of the near future, exactly, of a queue with n contacts now that keeps its agents and rates.

Contacts in the system are a birth-death chain X (arrivals `per_s`, departures min(X, agents)/aht + waiting/patience). A
caller who finds X others is answered in time with chance g(X) (`erlang.answered_within`). Wanted for every n at once:

* the mean of E[g(X_t) | X_0 = n] over the coming `horizon_s` (whoever calls then), and
* E[g(X_t) | X_0 = n] at one time t.

Their Laplace transforms are (s - Q)⁻¹g / s and (s - Q)⁻¹g with Q tridiagonal: one sweep each. They are inverted along
Talbot's contour with the constants of Weideman (2006), Optimizing Talbot's contours for the inversion of the Laplace
transform: twelve nodes, of which half are mirror images, leave an error of 2e-5.
"""

import cmath
import math
from collections.abc import Sequence
from typing import NamedTuple

from callpulse.alerts.core.erlang import answered_within

NODES = 12


class Floor(NamedTuple):
    """What the future of a queue depends on, apart from how many are in it now."""

    agents: int
    per_s: float
    aht_s: float
    patience_s: float
    threshold_s: float


class _Node(NamedTuple):
    place: complex  # times the time gives a point of the contour
    weight: complex


def mean_service_level(floor: Floor, room: int, horizon_s: float) -> list[float]:
    """Expected share answered in time among the arrivals of the next `horizon_s`, for n = 0, 1, … `agents + room` in
    the system now. Nobody enters beyond `agents + room`: `room` must leave that far from being reached."""
    return _inverted(floor, room, horizon_s, mean=True)


def service_level_at(floor: Floor, room: int, after_s: float) -> list[float]:
    """Expected share answered in time among those who arrive `after_s` from now, for the same n."""
    return _in_time(floor, room) if after_s <= 0 else _inverted(floor, room, after_s, mean=False)


def _inverted(floor: Floor, room: int, time_s: float, mean: bool) -> list[float]:
    in_time, leaving = _in_time(floor, room), _leaving(floor, room)
    found = [0.0] * len(in_time)
    for place, weight in CONTOUR:
        s = place / time_s
        factor = weight / time_s / (s * time_s if mean else 1)
        solved = _resolved(s, floor.per_s, leaving, in_time)
        found = [sofar + (factor * each).imag for sofar, each in zip(found, solved, strict=True)]
    return [min(1.0, max(0.0, each)) for each in found]


def _resolved(s: complex, per_s: float, leaving: Sequence[float], given: Sequence[float]) -> list[complex]:
    """(s - Q)⁻¹ given: elimination upwards, substitution downwards. No pivoting is needed: s is not real, the
    eigenvalues of Q are."""
    slopes: list[complex] = []
    rests: list[complex] = []
    slope = rest = 0j
    s_and_arrivals = s + per_s
    for out, value in zip(leaving, given, strict=True):
        pivot = 1 / (s_and_arrivals + out * (1 - slope))
        slope, rest = per_s * pivot, (value + out * rest) * pivot
        slopes.append(slope)
        rests.append(rest)
    last = (given[-1] + leaving[-1] * rests[-2]) / (s + leaving[-1] * (1 - slopes[-2]))  # nobody enters the full room
    found = [last]
    for slope, rest in zip(reversed(slopes[:-1]), reversed(rests[:-1]), strict=True):
        last = rest + slope * last
        found.append(last)
    found.reverse()
    return found


def _in_time(floor: Floor, room: int) -> list[float]:
    waiting = answered_within(room + 1, floor.agents / floor.aht_s, floor.patience_s, floor.threshold_s)
    return [1.0] * floor.agents + waiting


def _leaving(floor: Floor, room: int) -> list[float]:
    served = [n / floor.aht_s for n in range(floor.agents + 1)]
    return served + [served[-1] + n / floor.patience_s for n in range(1, room + 1)]


def _node(number: int) -> _Node:
    angle = (2 * number + 1) * math.pi / NODES
    turn = 0.6407 * angle
    cot = 1 / math.tan(turn)
    place = NODES * (0.5017 * angle * cot - 0.6122 + 0.2645j * angle)
    slope = NODES * (0.5017 * cot - 0.5017 * turn / math.sin(turn) ** 2 + 0.2645j)
    return _Node(place, 2 / NODES * cmath.exp(place) * slope)


CONTOUR = tuple(_node(number) for number in range(NODES // 2))
