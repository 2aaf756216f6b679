"""The board as values: states, ages, order."""

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.hours import Hours
from callpulse.board.closed import called_said, closed_said
from callpulse.board.order import LOOK_MS, MOVE_MS, Key, Order, arrange
from callpulse.board.row import UNKNOWN, State
from callpulse.board.view import FORGOTTEN_MS, BoardState, board
from callpulse.current.reader import Picture
from tests.core.readings import AT, picture, reading

ZONE = ZoneInfo("Europe/Amsterdam")


def states(shown: BoardState) -> dict[str, State]:
    return {row.name: row.state for row in shown.rows}


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


class TestOrder:
    """Names are single letters; a key is (rank, distance, volume, name)."""

    def keys(self, **ranks: int) -> dict[str, Key]:
        return {name: (rank, 0, 0, name) for name, rank in ranks.items()}

    def names(self, order: Order) -> str:
        return "".join(order.names)

    def test_who_starts_to_need_somebody_goes_up_at_once(self) -> None:
        first = arrange(None, self.keys(a=1, b=4, c=4), 0)
        assert self.names(arrange(first, self.keys(a=1, b=4, c=0), 1_000)) == "cab"

    def test_who_was_urgent_already_waits_its_turn_however_bad_it_gets(self) -> None:
        first = arrange(None, {"a": (0, -3, 0, "a"), "b": (0, 0, 0, "b")}, 0)
        after = arrange(first, {"a": (0, -3, 0, "a"), "b": (0, -9, 0, "b")}, 1_000)
        assert self.names(after) == "ab"

    def test_becoming_urgent_never_moves_a_row_down(self) -> None:
        order = arrange(None, {"a": (0, -3, 0, "a"), "b": (0, 0, 0, "b")}, 0)
        order = arrange(order, {"a": (1, 0, 0, "a"), "b": (0, -9, 0, "b")}, 1_000)
        order = arrange(order, {"a": (0, 0, 0, "a"), "b": (0, -9, 0, "b")}, 2_000)
        assert self.names(order) == "ab"

    def test_who_gets_better_stays_for_a_while(self) -> None:
        order = arrange(None, self.keys(a=0, b=4), 0)
        for now_ms in range(1_000, MOVE_MS, 1_000):
            order = arrange(order, self.keys(a=5, b=4), now_ms)
            assert self.names(order) == "ab"
        assert self.names(arrange(order, self.keys(a=5, b=4), MOVE_MS)) == "ba"

    def test_being_worse_at_one_look_is_not_enough(self) -> None:
        order = arrange(None, self.keys(a=3, b=4), 0)
        order = arrange(order, self.keys(a=3, b=4), MOVE_MS - 1)
        assert self.names(arrange(order, self.keys(a=3, b=1), MOVE_MS)) == "ab"

    def test_a_new_queue_takes_its_place_and_a_gone_one_leaves(self) -> None:
        order = arrange(None, self.keys(a=1, c=4, d=4), 0)
        assert self.names(arrange(order, self.keys(a=1, b=2, d=4), 1)) == "abd"


names = st.text("abcdefgh", min_size=1, max_size=1)
all_keys = st.dictionaries(names, st.integers(0, 4), max_size=8).map(
    lambda ranks: {name: (rank, 0, 0, name) for name, rank in ranks.items()}
)
steps = st.lists(st.tuples(all_keys, st.integers(0, 40_000)), min_size=1, max_size=8)


@given(steps)
def test_every_order_holds_each_name_once(changes: list[tuple[dict[str, Key], int]]) -> None:
    order, now_ms = None, 0
    for keys, passed_ms in changes:
        now_ms += passed_ms
        order = arrange(order, keys, now_ms)
        assert sorted(order.names) == sorted(keys)


@given(steps)
def test_an_order_comes_to_rest_worst_first(changes: list[tuple[dict[str, Key], int]]) -> None:
    order, now_ms = None, 0
    for keys, passed_ms in changes:
        now_ms += passed_ms
        order = arrange(order, keys, now_ms)
    last = changes[-1][0]
    for _ in range(3):
        now_ms += MOVE_MS
        order = arrange(order, last, now_ms)
    assert order is not None
    assert list(order.names) == sorted(last, key=last.__getitem__)


@given(steps, all_keys, st.integers(0, MOVE_MS - 1))
def test_between_two_moves_nobody_passes_anybody_unless_it_became_urgent(
    changes: list[tuple[dict[str, Key], int]], keys: dict[str, Key], soon_ms: int
) -> None:
    order, now_ms = None, 0
    for then, passed_ms in changes:
        now_ms += passed_ms
        order = arrange(order, then, now_ms)
    assert order is not None
    order = msgspec.structs.replace(order, moved_at_ms=now_ms)
    after = arrange(order, keys, now_ms + soon_ms)
    calm = [n for n in after.names if n in order.names and not (n in after.urgent and n not in order.urgent)]
    assert calm == [n for n in order.names if n in calm]


@given(steps)
def test_the_same_readings_move_nothing(changes: list[tuple[dict[str, Key], int]]) -> None:
    keys = changes[0][0]
    order, now_ms = arrange(None, keys, 0), 0
    for _, passed_ms in changes:
        now_ms += passed_ms
        assert arrange(order, keys, now_ms + LOOK_MS).names == order.names
        order = arrange(order, keys, now_ms)


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
    st.dictionaries(names, readings, max_size=6),
    now_ms=st.just(AT),
    gone=st.dictionaries(names.map(str.upper), st.integers(AT - 2 * FORGOTTEN_MS, AT), max_size=3),
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


OPEN = Hours(zone="Europe/Amsterdam", mon=("08:00-16:00",), tue=("09:00-18:00",))  # AT is a Monday, 17:00 there


class TestClosed:
    def test_outside_its_hours_a_queue_is_closed_not_blind_nor_without_data(self) -> None:
        day = {"day_service_level": 0.84, "day_service_level.n": 312}
        seen = picture(
            {"quiet": reading(0.2, offered=0, **day), "silent": reading(age_ms=31_000)}, gone={"gone": AT - 60_000}
        )
        shown = board(seen, hours=lambda _: OPEN)
        assert set(states(shown).values()) == {State.CLOSED}
        quiet = next(row for row in shown.rows if row.name == "quiet")
        assert (quiet.since_ms, quiet.opens_ms, quiet.lamps) == (AT - 3_600_000, AT + 16 * 3_600_000, {})
        assert closed_said(quiet, AT, ZONE, "en") == "closed since 16:00 · day 84 %, n 312 · opens Tue 09:00"
        assert closed_said(quiet, AT, ZONE, "nl") == "gesloten sinds 16:00 · dag 84 %, n 312 · opent di 09:00"
        assert (shown.total.state, shown.known) == (State.CLOSED, 3)

    def test_calls_after_hours_are_seen_and_turn_nothing_over(self) -> None:
        """A call that comes, waits and goes: the queue is closed before, meanwhile and after."""
        before = None
        for waiting, offered in ((0, 0), (1, 1), (0, 1), (2, 3), (0, 3)):
            seen = reading(0.0, 20, offered=offered, asa_s=90.0, now_contacts_waiting=waiting)
            before = board(picture({"late": seen}, total=seen), before, hours=lambda _: OPEN)
            assert (states(before), before.total.state) == ({"late": State.CLOSED}, State.CLOSED)
            figures = [row.waiting for row in (before.rows[0], before.total)]
            assert figures == ([waiting] * 2 if offered else [None] * 2)
        assert before is not None
        assert (before.rows[0].since_ms, before.rows[0].lamps) == (AT - 3_600_000, {})
        assert called_said(before.rows[0], AT, ZONE, "nl") == "gesloten sinds 16:00, nog bellers"

    def test_who_waits_long_after_hours_makes_it_another_state_and_the_board_stays_closed(self) -> None:
        long = {"now_contacts_waiting": 1, "now_longest_wait_start_ms": AT - 90_000}
        shown = board(picture({"late": reading(0.0, **long)}, total=reading(0.0, **long)), hours=lambda _: OPEN)
        assert states(shown) == {"late": State.WATCH}
        assert (shown.total.state, shown.total.lamps) == (State.CLOSED, {"longest_wait_s": 1})

    @pytest.mark.parametrize("waiting", [0, 1])
    def test_after_hours_a_silent_source_is_closed_unless_somebody_waited(self, waiting: int) -> None:
        of = reading(now_contacts_waiting=waiting, age_ms=31_000, written_ago_ms=1_000)
        shown = board(picture({"late": of}, total=of), hours=lambda _: OPEN)
        state = State.BLIND if waiting else State.CLOSED
        assert (states(shown), shown.total.state, shown.rows[0].waiting) == ({"late": state}, state, None)

    def test_who_waits_long_after_hours_does_not_become_calm_when_the_data_ends(self) -> None:
        """Needs somebody, then its source is silent, then Redis has forgotten it; until the queue opens."""
        long = {"now_contacts_waiting": 1, "now_longest_wait_start_ms": AT - 300_000}
        late, beats = reading(0.0, written_ago_ms=0, **long), {"pbx": AT - 6_000}
        seen = [
            picture({"late": reading(0.0, **long)}),
            picture({"late": late}, total=late, beats=beats),
            picture(gone={"late": AT}, now_ms=AT + 60_000),
            picture(gone={"late": AT}, now_ms=AT + 120_000),
        ]
        before, found = None, []
        for each in seen:
            before = board(each, before, hours=lambda _: OPEN)
            found.append((before.rows[0].state, before.total.state))
        assert [state for state, _ in found] == [State.ACT, State.BLIND, State.NO_DATA, State.NO_DATA]
        assert [total for _, total in found[1:]] == [State.BLIND, State.NO_DATA, State.NO_DATA]
        came = board(picture({"late": reading(now_contacts_waiting=0, offered=0)}), before, hours=lambda _: OPEN)
        assert states(came) == {"late": State.CLOSED}

    def test_what_is_too_old_to_be_shown_and_in_which_somebody_waits_is_no_data(self) -> None:
        of = reading(now_contacts_waiting=1, age_ms=31_000, written_ago_ms=12_000)
        (row,) = board(picture({"late": of}), hours=lambda _: OPEN).rows
        assert (row.state, row.since_ms, row.waiting, row.after_hours) == (State.NO_DATA, AT - 31_000, None, True)

    def test_a_total_is_known_where_a_closed_queue_is_called_and_an_open_one_has_no_data(self) -> None:
        late = reading(0.5, 4, now_contacts_waiting=1)
        seen = picture({"late": late}, gone={"open": AT - 60_000}, total=late)
        shown = board(seen, hours=lambda queue: OPEN if queue == "late" else None)
        assert states(shown) == {"open": State.NO_DATA, "late": State.CLOSED}
        assert (shown.total.state, shown.total.waiting) == (State.OK, 1)

    def test_what_is_open_stands_above_what_is_closed_and_makes_the_total(self) -> None:
        seen = picture({"a": reading(0.9), "b": reading(0.9)}, total=reading(0.9))
        shown = board(seen, hours=lambda queue: OPEN if queue == "a" else None)
        assert list(states(shown).items()) == [("b", State.OK), ("a", State.CLOSED)]
        assert shown.total.state is State.OK

    def test_a_replay_is_open_by_its_own_time(self) -> None:
        morning = reading(age_ms=4 * 3_600_000, written_ago_ms=1_000, clock="event")
        assert states(board(picture({"a": morning}), hours=lambda _: OPEN)) == {"a": State.OK}
