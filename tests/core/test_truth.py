"""The judge itself, on a story short enough to count by hand."""

from callpulse.simulator.truth import QueueTruth, truth, truth_between
from callpulse.stream.core.events import Abandoned, Connected, Ended, Enqueued, Event, Exited, NotOffered, WrappedUp

STORY: list[Event] = [
    Enqueued(at=0, queue="a", contact_id="1"),
    Connected(at=20_000, queue="a", contact_id="1", agent="x", wait_s=20.0),
    Enqueued(at=30_000, queue="a", contact_id="2"),
    Connected(at=50_001, queue="a", contact_id="2", agent="y", wait_s=20.001),
    Enqueued(at=60_000, queue="a", contact_id="3"),
    Abandoned(at=64_999, queue="a", contact_id="3", wait_s=4.999),
    Enqueued(at=61_000, queue="a", contact_id="4"),
    Exited(at=71_000, queue="a", contact_id="4", cause="key", wait_s=10.0),
    Ended(at=80_000, queue="a", contact_id="1", agent="x", talk_s=50.0, hold_s=10.0, by="transfer"),
    Enqueued(at=80_000, queue="b", contact_id="1"),
    WrappedUp(at=95_000, queue="a", contact_id="1", agent="x", wrap_up_s=15.0),
    NotOffered(at=96_000, queue="b", contact_id="5", why="menu"),
]
A = QueueTruth(
    offered=4,
    answered=2,
    answered_within=1,
    abandoned=1,
    abandoned_short=1,
    exited=1,
    wait_ms=40_001,
    longest_wait_ms=20_001,
    handled=1,
    transferred=1,
    talk_ms=50_000,
    hold_ms=10_000,
    wrap_up_ms=15_000,
)


def test_a_short_story_is_counted_as_by_hand() -> None:
    assert truth(STORY) == {"a": A, "b": QueueTruth(offered=1, waiting=1, not_offered=1)}
    assert truth(STORY)["a"].service_level == 0.25
    assert truth(STORY)["b"].service_level is None


def test_order_and_copies_change_nothing() -> None:
    assert truth(STORY[::-1] + STORY[3:7]) == truth(STORY)


def test_a_cohort_is_of_those_who_arrived_in_it() -> None:
    cohort = truth(STORY, arrived=(30_000, 61_000))["a"]
    assert (cohort.offered, cohort.answered, cohort.answered_within, cohort.abandoned) == (2, 1, 0, 1)
    assert cohort.exited == cohort.handled == 0


def test_between_two_moments_each_fact_counts_at_its_own_time() -> None:
    between = truth_between(STORY, 50_000, 80_001)["a"]
    assert (between.offered, between.answered, between.abandoned, between.exited, between.handled) == (2, 1, 1, 1, 1)


def test_a_contact_that_comes_back_to_a_queue_makes_a_second_visit_there() -> None:
    again: list[Event] = [
        Enqueued(at=100_000, queue="a", contact_id="1"),
        Connected(at=101_000, queue="a", contact_id="1", agent="y", wait_s=1.0),
        Ended(at=103_000, queue="a", contact_id="1", agent="y", talk_s=2.0, hold_s=0.0, by="agent"),
        WrappedUp(at=104_000, queue="a", contact_id="1", agent="y", wrap_up_s=1.0),
    ]
    total = truth(STORY + again)["a"]
    assert (total.offered, total.answered, total.handled, total.wrap_up_ms) == (5, 3, 2, 16_000)
