"""How long things lasted, by bin: `<=` and `<` are exact for every whole second, percentiles within a second."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple


def bin_of(duration_ms: int) -> int:
    """2s for exactly s seconds, 2s + 1 for more than s and less than s + 1."""
    return duration_ms // 1000 * 2 + (1 if duration_ms % 1000 else 0)


def seconds_of(bin_: int) -> float:
    """The duration a bin stands for: exact for whole seconds, the middle of the second otherwise."""
    return bin_ / 2


class Histogram(NamedTuple):
    """`bins` in order; `running[i]` = how many lie in the first i bins, so its last is how many there are."""

    bins: Sequence[int]
    running: Sequence[int]

    @property
    def total(self) -> int:
        """How many there are."""
        return self.running[-1]

    def up_to(self, limit_s: int, *, inclusive: bool) -> int:
        """How many lasted at most (or, not inclusive, less than) `limit_s` whole seconds."""
        return self.running[bisect_right(self.bins, 2 * limit_s if inclusive else 2 * limit_s - 1)]

    def percentile(self, share: float) -> float | None:
        """Seconds, nearest rank: the smallest value with at least `share` of the observations at or below it."""
        total = self.running[-1]
        if not total:
            return None
        return seconds_of(self.bins[bisect_left(self.running, max(1, math.ceil(share * total))) - 1])

    def longest(self) -> float | None:
        """Seconds."""
        return seconds_of(self.bins[-1]) if self.bins else None


EMPTY = Histogram((), (0,))


def of(bins: Sequence[int], counts: Iterable[int]) -> Histogram:
    """From bins in order, and how many lie in each."""
    return Histogram(bins, [0, *accumulate(counts)]) if bins else EMPTY
