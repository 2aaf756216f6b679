"""Publishing slows down for a backlog, and for nothing else."""

import pytest

from callpulse.stream.pace import BEHIND_MS, CATCHING_UP_PACE_S, FAST, PACE_S, Pace

NOW = 1_800_000_000_000


def pace_s(*, behind_ms: int, advanced_ms: int, elapsed_ms: int = 100, wall: bool = True) -> float:
    pace = Pace(wall=wall)
    pace.pace_s(NOW - elapsed_ms, NOW - behind_ms - advanced_ms)
    return pace.pace_s(NOW, NOW - behind_ms)


@pytest.mark.parametrize(
    ("wanted", "behind_ms", "advanced_ms"),
    [
        (PACE_S, 50, 100),  # live
        (PACE_S, BEHIND_MS, 60_000),  # nearly there
        (CATCHING_UP_PACE_S, BEHIND_MS + 1, FAST * 100 + 1),
        (PACE_S, BEHIND_MS + 1, FAST * 100),
        (PACE_S, 3_600_000, 100),  # a feed that is an hour late, and stays so
        (PACE_S, 3_600_000, 0),  # a feed that is silent
    ],
)
def test_a_second_between_rounds_only_while_old_events_come_faster_than_time_goes(
    wanted: float, behind_ms: int, advanced_ms: int
) -> None:
    assert pace_s(behind_ms=behind_ms, advanced_ms=advanced_ms) == wanted


def test_the_first_event_after_a_silence_is_published_at_once() -> None:
    pace = Pace(wall=True)
    pace.pace_s(NOW - 100, NOW - 3_600_000)
    assert pace.pace_s(NOW, NOW - 20) == PACE_S


def test_a_replay_of_the_past_is_never_behind() -> None:
    assert pace_s(behind_ms=86_400_000, advanced_ms=60_000, wall=False) == PACE_S


def test_the_first_round_knows_no_speed_and_does_not_wait() -> None:
    assert Pace(wall=True).pace_s(NOW, NOW - 3_600_000) == PACE_S
