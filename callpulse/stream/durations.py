"""How long something took, each time it was done: counted in steps, so that Prometheus can tell its quantiles."""

from bisect import bisect_left
from itertools import accumulate

from msgspec import Struct

EDGES_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Took(Struct, frozen=True):
    """How many took at most each of `EDGES_S`, and last how many there were; `sum_s`: all together."""

    upto: tuple[int, ...] = (0,) * (len(EDGES_S) + 1)
    sum_s: float = 0.0


class Durations:
    """Only grows."""

    def __init__(self) -> None:
        self._counts = [0] * (len(EDGES_S) + 1)
        self._sum_s = 0.0

    def add(self, seconds: float) -> None:
        """Once more."""
        self._counts[bisect_left(EDGES_S, seconds)] += 1
        self._sum_s += seconds

    def took(self) -> Took:
        """What there is until now."""
        return Took(tuple(accumulate(self._counts)), self._sum_s)
