"""When a queue is watched and when somebody must act."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.evidence import upper as wilson_upper
from callpulse.board.levels import ABANDONMENT, ASA, LEVEL, LIVE, LONGEST, Lamp, lamps, off_target
from tests.core.readings import reading

NONE: dict[str, Lamp] = {}


@pytest.mark.parametrize(
    ("n", "largest"), [(5, 2), (10, 5), (15, 9), (20, 13), (30, 20), (50, 35), (100, 73), (200, 150), (500, 385)]
)
def test_the_bound_agrees_with_the_published_table_for_a_target_of_80(n: int, largest: int) -> None:
    assert wilson_upper(largest / n, n) < 0.8 <= wilson_upper((largest + 1) / n, n)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_bound_is_never_below_what_was_seen(n: int, share: float) -> None:
    assert share - 1e-9 <= wilson_upper(share, n) <= 1 + 1e-9


def test_six_of_seven_calls_do_not_paint_the_board() -> None:
    assert lamps(reading(5 / 7, 7), "15m", None, NONE) == {}
    assert off_target(reading(5 / 7, 7), "15m") == {LEVEL}


@pytest.mark.parametrize(
    ("level", "n", "lamp"),
    [(0.81, 400, None), (0.70, 100, Lamp.WATCH), (0.70, 20, None), (0.59, 50, Lamp.ACT), (0.2, 9, Lamp.WATCH)],
)
def test_the_level_needs_evidence(level: float, n: int, lamp: Lamp | None) -> None:
    assert lamps(reading(level, n), "15m", None, NONE).get(LEVEL) == lamp


def test_the_live_level_leads() -> None:
    assert lamps(reading(0.85, 40, service_level_live=0.5), "15m", None, NONE) == {LIVE: Lamp.ACT}


def test_a_queue_is_judged_by_its_own_target() -> None:
    strict = reading(0.85, 100, target_service_level=0.95, target_threshold_s=10, asa_s=12)
    assert lamps(strict, "15m", 31, NONE) == {LEVEL: Lamp.WATCH, ASA: Lamp.WATCH, LONGEST: Lamp.WATCH}
    assert lamps(reading(0.85, 100, asa_s=12), "15m", 31, NONE) == {}


@pytest.mark.parametrize(
    ("kpi", "value", "lamp"),
    [
        (ASA, 20, None),
        (ASA, 21, Lamp.WATCH),
        (ASA, 61, Lamp.ACT),
        (ABANDONMENT, 0.05, None),
        (ABANDONMENT, 0.06, Lamp.WATCH),
        (ABANDONMENT, 0.11, Lamp.ACT),
    ],
)
def test_means_and_shares_have_two_levels(kpi: str, value: Any, lamp: Lamp | None) -> None:
    assert lamps(reading(**{kpi: value}), "15m", None, NONE).get(kpi) == lamp
    assert lamps(reading(n=9, **{kpi: value}), "15m", None, NONE).get(kpi) is None


@pytest.mark.parametrize(("wait_s", "lamp"), [(None, None), (60, None), (61, Lamp.WATCH), (181, Lamp.ACT)])
def test_one_contact_that_waits_long_is_enough(wait_s: int | None, lamp: Lamp | None) -> None:
    assert lamps(reading(), "15m", wait_s, NONE).get(LONGEST) == lamp


@pytest.mark.parametrize(
    ("was", "level", "then"),
    [
        (Lamp.WATCH, 0.79, Lamp.WATCH),
        (Lamp.WATCH, 0.80, None),
        (Lamp.ACT, 0.63, Lamp.ACT),
        (Lamp.ACT, 0.66, Lamp.WATCH),
        (Lamp.OK, 0.79, None),
    ],
)
def test_a_level_is_left_at_a_better_value_than_it_was_entered(was: Lamp, level: float, then: Lamp | None) -> None:
    assert lamps(reading(level, 40), "15m", None, {LEVEL: was}).get(LEVEL) == then


@pytest.mark.parametrize(("was", "asa_s", "then"), [(Lamp.WATCH, 19, Lamp.WATCH), (Lamp.WATCH, 17, None)])
def test_a_mean_eases_before_its_lamp_goes_out(was: Lamp, asa_s: int, then: Lamp | None) -> None:
    assert lamps(reading(asa_s=asa_s), "15m", None, {ASA: was}).get(ASA) == then


def test_without_values_there_is_nothing_to_say() -> None:
    assert lamps(reading(None, 0), "15m", None, NONE) == {}
    assert off_target(reading(None, 0), "15m") == frozenset()
