"""Queues outside their opening hours."""

from zoneinfo import ZoneInfo

import pytest

from callpulse.board.closed import called_said, closed_said
from callpulse.board.row import State
from callpulse.board.view import board
from tests.core.readings import AT, OPEN, picture, reading, states

ZONE = ZoneInfo("Europe/Amsterdam")


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
