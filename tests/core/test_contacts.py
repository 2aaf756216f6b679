"""Visits from facts, by example, and the table of the life cycle, pair by pair."""

from typing import Any

import pytest

from callpulse.stream.core import events as ev
from callpulse.stream.core.contacts import NOTHING, Handled, Outcome, Stay, Visit, stay
from callpulse.stream.core.facts import (
    ABANDONED,
    ANSWERED,
    ENDED,
    ENQUEUED,
    EXITED,
    FACT_OF,
    HELD,
    LOST,
    NOT_OFFERED,
    RESUMED,
    WRAPPED_UP,
)
from callpulse.stream.core.life_cycle import LIFE_CYCLE, State, state_of

KINDS: dict[int, type] = {
    ENQUEUED: ev.Enqueued,
    ANSWERED: ev.Connected,
    ABANDONED: ev.Abandoned,
    EXITED: ev.Exited,
    LOST: ev.Lost,
    HELD: ev.Held,
    RESUMED: ev.Resumed,
    ENDED: ev.Ended,
    WRAPPED_UP: ev.WrappedUp,
    NOT_OFFERED: ev.NotOffered,
}
HISTORY: dict[State, list[tuple[type, float]]] = {
    State.NONE: [],
    State.WAITING: [(ev.Enqueued, 0)],
    State.ANSWERED: [(ev.Enqueued, 0), (ev.Connected, 10)],
    State.HANDLED: [(ev.Enqueued, 0), (ev.Connected, 10), (ev.Ended, 20)],
    State.ABANDONED: [(ev.Enqueued, 0), (ev.Abandoned, 10)],
    State.EXITED: [(ev.Enqueued, 0), (ev.Exited, 10)],
    State.LOST: [(ev.Enqueued, 0), (ev.Lost, 10)],
}
PAIRS = [(state, kind) for state in State for kind in KINDS]


def told(*events: Any) -> Stay:
    return stay([FACT_OF[type(event)](event) for event in events])


def event(kind: type, at_s: float, **fields: Any) -> Any:
    return kind(at=round(at_s * 1000), queue="q", contact_id="c", **fields)


def states(*events: Any) -> list[State]:
    return [state_of(visit) for visit in told(*events).visits]


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=[f"{state}-{KINDS[kind].__name__}" for state, kind in PAIRS])
def test_a_fact_moves_a_visit_as_the_table_says_or_not_at_all(state: State, kind: int) -> None:
    """The outcomes state an arrival, so that they belong to this visit and to none before it."""
    history = [event(cls, at_s) for cls, at_s in HISTORY[state]]
    stated = {"enqueued_at": 0} if kind in (ANSWERED, ABANDONED, EXITED) else {}
    at_s = 0 if kind == ENQUEUED else 30
    found = told(*history, event(KINDS[kind], at_s, **stated)).visits
    assert len(found) <= 1
    assert state_of(found[0] if found else None) is LIFE_CYCLE[state].get(kind, state)


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(LIFE_CYCLE) == set(State)
    assert {after for moves in LIFE_CYCLE.values() for after in moves.values()} == set(State) - {State.NONE}


@pytest.mark.parametrize("state", list(State))
def test_the_history_of_a_state_leads_to_it(state: State) -> None:
    found = told(*[event(cls, at_s) for cls, at_s in HISTORY[state]]).visits if HISTORY[state] else []
    assert state_of(found[0] if found else None) is state


def test_a_visit_that_is_answered_and_handled() -> None:
    found = told(
        event(ev.Enqueued, 0, ivr_s=7.5),
        event(ev.Connected, 12, agent="7"),
        event(ev.Held, 20, agent="7"),
        event(ev.Resumed, 25, agent="7"),
        event(ev.Ended, 72, agent="7", by="transfer"),
        event(ev.WrappedUp, 80, agent="7"),
    )
    handled = Handled(72_000, 55_000, 5_000, 8_000, True)
    assert found == Stay((Visit(0, 7_500, Outcome(ANSWERED, 12_000, 12_000, None), handled),), (), ())


def test_seconds_that_are_stated_win_over_subtraction() -> None:
    visit = told(
        event(ev.Enqueued, 0),
        event(ev.Connected, 12, wait_s=11.5, agent="7"),
        event(ev.Ended, 72, talk_s=50, hold_s=4),
        event(ev.WrappedUp, 90, wrap_up_s=9),
    ).visits[0]
    assert visit.outcome == Outcome(ANSWERED, 12_000, 11_500, None)
    assert visit.handled == Handled(72_000, 50_000, 4_000, 9_000, False)


def test_an_outcome_that_states_its_wait_needs_no_arrival() -> None:
    outcome = Outcome(ABANDONED, 30_000, 10_000, None)
    assert told(event(ev.Abandoned, 30, wait_s=10)).visits == (Visit(20_000, None, outcome, None),)


def test_outcomes_that_state_arrivals_within_a_second_imply_one_visit() -> None:
    assert states(event(ev.Abandoned, 0.3, wait_s=0.3), event(ev.Connected, 10, wait_s=9.5)) == [State.ANSWERED]
    assert states(event(ev.Abandoned, 0.3, wait_s=0.3), event(ev.Connected, 10, wait_s=8.5)) == [
        State.ABANDONED,
        State.ANSWERED,
    ]


def test_one_that_states_nothing_matches_no_visit() -> None:
    assert told(event(ev.Abandoned, 30)) == Stay((), (), (30_000,))
    assert told(event(ev.Lost, 30), event(ev.Connected, 20)).unmatched == (20_000, 30_000)


def test_a_late_arrival_changes_no_count_but_adds_what_it_knows() -> None:
    without = told(event(ev.Connected, 30, wait_s=10)).visits
    late = told(event(ev.Connected, 30, wait_s=10), event(ev.Enqueued, 19.4, ivr_s=3)).visits
    assert (len(without), len(late)) == (1, 1)
    assert late[0] == Visit(19_400, 3_000, Outcome(ANSWERED, 30_000, 10_000, None), None)


def test_coming_back_to_the_queue_is_a_new_visit_while_overlapping_waits_are_one() -> None:
    again = [event(ev.Enqueued, 0), event(ev.Exited, 10, cause="key"), event(ev.Enqueued, 20)]
    assert states(*again) == [State.EXITED, State.WAITING]
    assert states(event(ev.Enqueued, 0), event(ev.Enqueued, 5), event(ev.Exited, 10)) == [State.EXITED]


def test_the_latest_answered_visit_by_that_agent_gets_what_follows() -> None:
    visits = told(
        event(ev.Enqueued, 0),
        event(ev.Connected, 10, agent="7"),
        event(ev.Enqueued, 20),
        event(ev.Connected, 30, agent="8"),
        event(ev.Enqueued, 40),
        event(ev.Ended, 50, agent="7"),
        event(ev.Ended, 60),
    ).visits
    assert [state_of(visit) for visit in visits] == [State.HANDLED, State.HANDLED, State.WAITING]
    assert [visit.handled.at_ms for visit in visits if visit.handled] == [50_000, 60_000]


def test_a_visit_of_another_agent_is_not_handled_by_this_one() -> None:
    facts = [event(ev.Enqueued, 0), event(ev.Connected, 10, agent="7"), event(ev.Ended, 50, agent="8")]
    assert states(*facts) == [State.ANSWERED]


@pytest.mark.parametrize(
    ("kinds", "wins"),
    [
        ([EXITED, ANSWERED], (ANSWERED, 20_000)),
        ([ABANDONED, ANSWERED, ANSWERED], (ANSWERED, 20_000)),
        ([EXITED, ABANDONED], (ABANDONED, 20_000)),
        ([LOST, EXITED], (EXITED, 20_000)),
        ([LOST, LOST], (LOST, 10_000)),
    ],
)
def test_outcomes_that_disagree(kinds: list[int], wins: tuple[int, int]) -> None:
    outcomes = [event(KINDS[kind], 10 * place) for place, kind in enumerate(kinds, start=1)]
    visit = told(event(ev.Enqueued, 0), *outcomes).visits[0]
    assert visit.outcome is not None
    assert (visit.outcome.kind, visit.outcome.at_ms) == wins


def test_among_equal_outcomes_the_smaller_bytes_decide() -> None:
    exits = [event(ev.Exited, 10, cause=cause) for cause in ("voicemail", "key")]
    for pair in (exits, exits[::-1]):
        outcome = told(event(ev.Enqueued, 0), *pair).visits[0].outcome
        assert outcome is not None
        assert outcome.word == "key"


def test_of_several_ends_and_wrap_ups_the_longest_counts() -> None:
    visit = told(
        event(ev.Enqueued, 0),
        event(ev.Connected, 10),
        event(ev.Ended, 40),
        event(ev.Ended, 30, talk_s=99, by="transfer"),
        event(ev.WrappedUp, 50, wrap_up_s=2),
        event(ev.WrappedUp, 41),
    ).visits[0]
    assert visit.handled == Handled(30_000, 99_000, 0, 11_000, True)


def test_a_hold_that_never_ends_lasts_until_the_end() -> None:
    visit = told(
        event(ev.Enqueued, 0), event(ev.Connected, 10), event(ev.Held, 20), event(ev.Held, 25), event(ev.Ended, 50)
    ).visits[0]
    assert visit.handled == Handled(50_000, 10_000, 30_000, 0, False)


def test_within_a_second_the_arrival_comes_first_whatever_the_clocks_say() -> None:
    assert states(event(ev.Enqueued, 10.8), event(ev.Connected, 10, wait_s=0)) == [State.ANSWERED]


def test_at_one_moment_the_open_visit_ends_before_the_next_begins() -> None:
    assert states(event(ev.Enqueued, 0), event(ev.Enqueued, 10), event(ev.Abandoned, 10)) == [
        State.ABANDONED,
        State.WAITING,
    ]
    assert states(event(ev.Enqueued, 0), event(ev.Enqueued, 10), event(ev.Connected, 10, wait_s=0)) == [State.ANSWERED]
    earlier = told(event(ev.Enqueued, 10), event(ev.Abandoned, 10, wait_s=5)).visits
    assert [state_of(visit) for visit in earlier] == [State.ABANDONED, State.WAITING]


def test_who_never_entered_the_queue_makes_no_visit() -> None:
    assert told(event(ev.NotOffered, 3, why="menu"), event(ev.NotOffered, 2, why="rain")) == Stay(
        (), ((2_000, "other"), (3_000, "menu")), ()
    )


def test_words_from_outside_are_other() -> None:
    visit = told(event(ev.Enqueued, 0), event(ev.Exited, 10, cause="<script>")).visits[0]
    assert visit.outcome is not None
    assert visit.outcome.word == "other"


def test_service_without_an_answer_says_nothing() -> None:
    assert told(event(ev.Held, 3), event(ev.WrappedUp, 5)) == NOTHING
