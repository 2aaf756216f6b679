"""Can the target still be met: the words of the floor as arithmetic."""

import math

import pytest

from callpulse.alerts.core.recovery import Recovery, recovery


@pytest.mark.parametrize(
    ("met", "decided", "expected", "found"),
    [
        (8, 10, 10, Recovery(0.8, 0, lost=False)),
        (4, 5, 5, Recovery(0.8, 0, lost=False)),  # 0.8 · 5 is 4, whatever the rounding
        (7, 10, 10, Recovery(0.9, 5, lost=False)),
        (5, 10, 15, Recovery(1.0, 15, lost=False)),  # all of them, and it is met
        (5, 10, 14, Recovery(0.8 + 3 / 14, 15, lost=True)),
        (10, 10, 40, Recovery(0.75, 0, lost=False)),
        (10, 10, 2, Recovery(-0.2, 0, lost=False)),  # safe, whatever comes
        (0, 0, 10, Recovery(0.8, 0, lost=False)),
        (8, 10, 0, Recovery(None, 0, lost=False)),
        (7, 10, 0, Recovery(None, 5, lost=True)),
    ],
)
def test_an_interval_can_be_brought_back_or_is_lost(met: int, decided: int, expected: float, found: Recovery) -> None:
    there = recovery(met, decided, expected, 0.8)
    assert there is not None
    assert there.needed == (None if found.needed is None else pytest.approx(found.needed))
    assert there[1:] == found[1:]


def test_a_target_of_everybody_is_lost_with_the_first_miss() -> None:
    assert recovery(9, 10, 90, 1.0) == Recovery(1 + 1 / 90, None, lost=True)


@pytest.mark.parametrize(
    ("met", "decided", "expected", "target"),
    [
        (0, 0, 0, 0.8),
        (5, 4, 3, 0.8),
        (-1, 4, 3, 0.8),
        (1, 4, -3, 0.8),
        (1, 4, math.inf, 0.8),
        (1, 4, math.nan, 0.8),
        (1, 4, 3, 0.0),
        (1, 4, 3, 1.1),
        (1, 4, 3, math.nan),
    ],
)
def test_what_makes_no_sense_cannot_be_recovered(met: int, decided: int, expected: float, target: float) -> None:
    assert recovery(met, decided, expected, target) is None
