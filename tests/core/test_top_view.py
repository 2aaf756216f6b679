"""The board as values: states and ages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.board.row import UNKNOWN, State
from callpulse.board.view import FORGOTTEN_MS, BoardState, board
from callpulse.current.reader import Picture
from tests.core.readings import AT, NAMES, picture, reading, states


class TestStates:
    def test_rows_stand_worst_first(self) -> None:
        queues = {
            "fine": reading(0.95),
            "watched": reading(0.70, 100),
            "burning": reading(0.20),
            "old": reading(age_ms=12_000),
        }
        shown = board(picture(queues, gone={"silent": AT - 60_000}))
        assert list(states(shown).items()) == [
            ("burning", State.ACT),
            ("watched", State.WATCH),
            ("silent", State.NO_DATA),
            ("old", State.STALE),
            ("fine", State.OK),
        ]
        assert shown.known == 4

    def test_a_queue_that_is_listed_but_gone_has_no_data_since_its_last_write(self) -> None:
        (row,) = board(picture(gone={"sales": AT - 60_000})).rows
        assert (row.state, row.since_ms) == (State.NO_DATA, AT - 60_000)

    def test_a_source_that_is_silent_while_the_worker_writes_makes_the_queue_blind(self) -> None:
        (row,) = board(picture({"sales": reading(0.2, age_ms=31_000)})).rows
        assert (row.state, row.since_ms, row.level) == (State.BLIND, AT - 31_000, None)

    def test_a_blind_queue_stays_blind_when_redis_is_away(self) -> None:
        blind = {"sales": reading(age_ms=31_000)}
        shown = board(picture(blind, now_ms=AT + 20_000), board(picture(blind)), away_since_ms=AT)
        assert states(shown) == {"sales": State.BLIND}

    @pytest.mark.parametrize(("age_ms", "state"), [(10_000, State.OK), (10_001, State.STALE)])
    def test_after_two_cadences_nothing_is_called_ok(self, age_ms: int, state: State) -> None:
        shown = board(picture({"sales": reading(age_ms=age_ms)}))
        assert states(shown) == {"sales": state}

    def test_a_state_does_not_improve_from_old_data(self) -> None:
        before = board(picture({"sales": reading(0.2)}))
        after = board(picture({"sales": reading(0.95, age_ms=12_000)}), before)
        assert states(after) == {"sales": State.ACT}

    def test_old_data_may_be_bad_news(self) -> None:
        assert states(board(picture({"sales": reading(0.2, age_ms=12_000)}))) == {"sales": State.ACT}

    def test_a_replay_in_its_own_time_is_as_old_as_its_last_write(self) -> None:
        past = reading(age_ms=10**11, written_ago_ms=2_000, clock="event")
        shown = board(picture({"sales": past}))
        assert (states(shown), shown.age_ms) == ({"sales": State.OK}, 2_000)

    def test_a_source_whose_clock_is_ahead_does_not_look_younger_than_its_last_write(self) -> None:
        assert board(picture({"q": reading(age_ms=-90_000, written_ago_ms=3_000)})).rows[0].age_ms == 3_000

    def test_a_queue_forgotten_for_a_day_is_counted_and_not_shown(self) -> None:
        shown = board(picture({"sales": reading()}, gone={"old line": AT - FORGOTTEN_MS}))
        assert (list(states(shown)), shown.forgotten) == (["sales"], 1)


class Watched:
    """A board that looks once a second at a queue of `pbx`, which a worker writes each time."""

    def __init__(self) -> None:
        self.shown: BoardState | None = None

    def look(self, at_s: float, beat_s: float, *, written_s: float | None = None, away: bool = False) -> State:
        now_ms = AT + round(at_s * 1000)
        written_ms = round((at_s - (at_s if written_s is None else written_s)) * 1000)
        seen = reading(age_ms=1_000, written_ago_ms=written_ms, now_ms=now_ms)
        found = picture({"sales": seen}, now_ms=now_ms, beats={"pbx": AT + round(beat_s * 1000)})
        self.shown = board(found, self.shown, now_ms if away else None)
        return states(self.shown)["sales"]


class TestSilence:
    def test_a_source_is_blind_after_three_seconds_without_a_heartbeat_and_sees_with_the_next(self) -> None:
        watched = Watched()
        assert [watched.look(s, min(s, 2) - 1) for s in (0, 1, 2, 3, 4, 5)] == [State.OK] * 6
        assert watched.look(5.1, 1) is State.BLIND
        assert watched.shown is not None
        (row,) = watched.shown.rows
        assert (row.since_ms, row.level) == (AT + 1_000, None)
        assert watched.look(6, 5) is State.OK

    def test_a_source_whose_clock_is_wrong_is_not_silent_while_it_beats(self) -> None:
        watched = Watched()
        watched.look(0, -60)
        assert [watched.look(s, s - 60) for s in range(1, 10)] == [State.OK] * 9

    def test_at_first_sight_a_heartbeat_counts_by_its_own_time_and_some_for_its_way(self) -> None:
        assert Watched().look(0, -5) is State.OK
        assert Watched().look(0, -5.1) is State.BLIND

    def test_a_worker_that_is_silent_itself_does_not_make_its_sources_so(self) -> None:
        watched = Watched()
        watched.look(0, 0)
        assert [watched.look(s, 0, written_s=0) for s in (4, 9)] == [State.OK] * 2
        assert watched.look(11, 0, written_s=0) is State.STALE

    def test_while_redis_is_away_nothing_is_learned_about_a_source(self) -> None:
        watched = Watched()
        watched.look(0, 0)
        assert watched.look(4, 0, written_s=0, away=True) is State.OK
        blind = Watched()
        blind.look(0, -60)
        assert [blind.look(s, -60, written_s=0, away=True) for s in (1, 20)] == [State.BLIND] * 2

    def test_another_source_s_heartbeat_does_not_help(self) -> None:
        seen = reading(written_ago_ms=0)
        shown = board(picture({"sales": seen}, beats={"pbx": AT - 60_000, "chat": AT}))
        assert states(shown) == {"sales": State.BLIND}

    def test_a_replay_in_its_own_time_is_never_blind(self) -> None:
        past = reading(age_ms=10**11, written_ago_ms=0, clock="event")
        assert states(board(picture({"sales": past}, beats={"pbx": AT - 10**11}))) == {"sales": State.OK}

    def test_a_queue_that_another_source_feeds_by_now_is_seen(self) -> None:
        for offered, state in ((40, State.OK), (0, State.BLIND)):
            seen = reading(0.9, offered, written_ago_ms=0)
            shown = board(picture({"sales": seen}, beats={"pbx": AT - 1_000_000}))
            assert states(shown) == {"sales": state}


class TestValues:
    def test_the_longest_wait_ticks_with_time_and_stops_when_the_data_is_stale(self) -> None:
        waiting = {"sales": reading(age_ms=0, now_longest_wait_start_ms=AT - 41_000)}
        ticks = [board(picture(waiting, now_ms=AT + s * 1000)).rows[0].longest_wait_s for s in (0, 1, 9, 10, 25)]
        assert ticks == [41, 42, 50, 51, 51]

    def test_nobody_waiting_is_no_wait(self) -> None:
        assert board(picture({"sales": reading()})).rows[0].longest_wait_s is None

    def test_what_is_missing_is_none_and_never_zero(self) -> None:
        row = board(picture({"sales": reading(None, 0)})).rows[0]
        missing = (row.level, row.level_live, row.asa_s, row.abandonment, row.waiting, row.answered, row.agents)
        assert missing == (None, None, None, None, None, None, {})

    def test_the_usual_target_is_what_most_queues_have(self) -> None:
        strict = {"a": reading(target_service_level=0.9, target_threshold_s=10)}
        shown = board(picture({**strict, "b": reading(), "c": reading()}))
        assert (shown.target.level, shown.target.threshold_s) == (0.8, 20)

    def test_without_a_total_in_redis_there_is_no_total(self) -> None:
        assert board(picture({"sales": reading()})).total.state is State.NO_DATA

    def test_an_empty_redis_is_an_empty_board(self) -> None:
        shown = board(picture())
        assert (shown.rows, shown.at_ms, shown.age_ms) == ((), None, None)


readings = st.builds(
    reading,
    level=st.none() | st.floats(0, 1),
    n=st.integers(0, 500),
    age_ms=st.integers(-5_000, 60_000),
    written_ago_ms=st.integers(0, 40_000),
    asa_s=st.none() | st.floats(0, 500),
    abandonment_rate=st.none() | st.floats(0, 1),
    now_contacts_waiting=st.none() | st.integers(0, 99),
    now_longest_wait_start_ms=st.none() | st.integers(AT - 10**6, AT + 10**4),
)
pictures = st.builds(
    picture,
    st.dictionaries(NAMES, readings, max_size=6),
    now_ms=st.just(AT),
    gone=st.dictionaries(NAMES.map(str.upper), st.integers(AT - 2 * FORGOTTEN_MS, AT), max_size=3),
    total=st.none() | readings,
)


@given(pictures, pictures)
def test_old_data_is_never_called_ok(one: Picture, other: Picture) -> None:
    before = board(one)
    for row in (*before.rows, *board(other, before).rows):
        assert row.state is not State.OK or (row.age_ms is not None and not row.stale)


@given(pictures)
def test_every_queue_is_shown_or_counted_as_forgotten(one: Picture) -> None:
    shown = board(one)
    assert len(shown.rows) + shown.forgotten == len(one.written_ms)


@given(pictures)
def test_a_row_without_data_has_no_values(one: Picture) -> None:
    for row in board(one).rows:
        if row.state in UNKNOWN:
            assert (row.level, row.waiting, row.longest_wait_s, row.asa_s) == (None, None, None, None)
            assert row.since_ms is not None
