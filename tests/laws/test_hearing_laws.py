"""Who is silent: nothing new while a worker writes, by the clock of who listens."""

from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.hearing import Heard, by_news, listened
from callpulse.alerts.core.site_alert import Limits, Place

LIMITS = Limits()
NOON = 1_795_348_800_000
LAGS_MS = st.integers(0, 86_400_000)


def after(looks: list[tuple[int, int]]) -> tuple[dict[str, Heard], dict[str, Place]]:
    """Of one queue; a look: (when, newest moment told). Its worker writes at each."""
    heard: dict[str, Heard] = {}
    for now_ms, told_ms in looks:
        places = {"q": Place(now_ms, told_ms, busy=True, onset_ms=None, at_ms=told_ms)}
        heard = listened(places, heard, LIMITS, now_ms)
    return heard, by_news(places, heard)


@given(LAGS_MS, st.lists(st.tuples(st.integers(1, 20_000), st.integers(1, 600_000)), min_size=1))
def test_whoever_tells_something_new_at_each_look_is_heard_now_however_old_it_is(
    lag_ms: int, steps: list[tuple[int, int]]
) -> None:
    looks = [(NOON, NOON - lag_ms)]
    for wall_ms, told_ms in steps:
        looks.append((looks[-1][0] + wall_ms, looks[-1][1] + told_ms))
    _, places = after(looks)
    assert places["q"].heard_ms == max(looks[-1])  # a source whose clock is fast is heard at its own moment


@given(LAGS_MS, st.lists(st.integers(1, LIMITS.no_data_ms), min_size=1), st.integers(1, 60_000))
def test_whoever_says_nothing_new_while_a_worker_writes_was_heard_when_the_last_news_came(
    lag_ms: int, steps: list[int], news_ms: int
) -> None:
    looks = [(NOON, NOON - lag_ms - news_ms), (NOON + 1, NOON - lag_ms)]
    for wall_ms in steps:
        looks.append((looks[-1][0] + wall_ms, NOON - lag_ms))
    _, places = after(looks)
    assert places["q"].heard_ms == NOON + 1


@given(st.integers(LIMITS.no_data_ms + 1, 86_400_000), st.integers(0, LIMITS.blind_ms))
def test_who_was_not_silent_when_its_worker_went_away_is_not_when_it_comes_back(away_ms: int, quiet_ms: int) -> None:
    back_ms = NOON + quiet_ms + away_ms
    _, places = after([(NOON - 1, NOON - 2), (NOON, NOON), (NOON + quiet_ms, NOON), (back_ms, NOON)])
    expected = back_ms if quiet_ms <= LIMITS.blind_ms else NOON
    assert places["q"].heard_ms == expected
