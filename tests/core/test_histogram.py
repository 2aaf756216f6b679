"""How long things lasted, by example."""

import pytest

from callpulse.stream.core.histogram import EMPTY, bin_of, of, seconds_of


@pytest.mark.parametrize(
    ("wait_ms", "bin_", "seconds"),
    [(0, 0, 0.0), (1, 1, 0.5), (999, 1, 0.5), (20_000, 40, 20.0), (20_001, 41, 20.5)],
)
def test_whole_seconds_have_bins_of_their_own(wait_ms: int, bin_: int, seconds: float) -> None:
    assert bin_of(wait_ms) == bin_
    assert seconds_of(bin_) == seconds


def test_t_of_zero_seconds() -> None:
    lasted = of([0, 1], [2, 3])
    assert lasted.up_to(0, inclusive=True) == 2
    assert lasted.up_to(0, inclusive=False) == 0


def test_nothing_has_no_percentile_and_no_longest() -> None:
    assert (EMPTY.total, EMPTY.percentile(0.9), EMPTY.longest()) == (0, None, None)
    assert EMPTY.up_to(20, inclusive=True) == 0


def test_the_nearest_rank() -> None:
    lasted = of([2, 4, 60], [1, 8, 1])  # 1 s, eight times 2 s, 30 s
    assert [lasted.percentile(share) for share in (0.1, 0.5, 0.9, 0.91)] == [1.0, 2.0, 2.0, 30.0]
    assert lasted.longest() == 30.0
