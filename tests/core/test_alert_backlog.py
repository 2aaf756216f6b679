"""What waits on a channel, what takes its place, what is given up."""

from typing import Any

from callpulse.alerts.core.backlog import Backlog, End, Pace
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, GivenUp, Permanent, Temporary
from tests.notices import notice

DOWN = Temporary("down")
REPLACED = GivenUp("replaced")


def backlog(**pace: Any) -> Backlog:
    return Backlog(Pace(**pace))


def told_in_turn(waiting: Backlog, now_s: float = 0.0) -> list[Notice]:
    """Everything there is, each delivered at once."""
    told = []
    while taken := waiting.take(now_s):
        told.append(taken)
        assert waiting.ended(Delivered(), now_s, 0.0) == [End(taken, Delivered())]
    return told


def test_what_is_delivered_waits_no_longer() -> None:
    waiting = backlog()
    assert waiting.add(notice(), 0.0) == []
    assert waiting.wait_s(0.0) == 0.0
    assert told_in_turn(waiting) == [notice()]
    assert waiting.wait_s(0.0) is None


def test_what_is_permanent_is_not_tried_again() -> None:
    waiting = backlog()
    waiting.add(notice(), 0.0)
    waiting.take(0.0)
    assert waiting.ended(Permanent("400"), 0.0, 0.0) == [End(notice(), Permanent("400"))]
    assert waiting.take(1e9) is None


def test_what_is_temporary_is_tried_again_after_longer_and_longer_waits() -> None:
    waiting, now_s, waits = backlog(first_s=1.0, longest_s=20.0), 0.0, []
    waiting.add(notice(), now_s)
    for _ in range(7):
        assert waiting.take(now_s) == notice()
        assert waiting.ended(DOWN, now_s, 0.999999) == []
        waits.append(round(waiting.wait_s(now_s) or 0.0, 3))
        assert waiting.take(now_s + waits[-1] * 0.99) is None
        now_s += waits[-1] + 1e-3
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]


def test_chance_spreads_the_waits_over_their_upper_half() -> None:
    assert [Pace(first_s=8.0).wait_s(1, chance) for chance in (0.0, 0.5)] == [4.0, 6.0]


def test_a_pause_that_was_asked_for_is_kept_for_all_that_waits() -> None:
    waiting = backlog()
    waiting.add(notice(), 0.0)
    waiting.take(0.0)
    waiting.ended(Temporary("429", 30.0), 0.0, 0.0)
    waiting.add(notice(queue="care"), 1.0)
    assert waiting.take(29.9) is None
    assert waiting.wait_s(1.0) == 29.0
    assert waiting.take(30.0) is not None


def test_a_resolve_takes_the_place_of_its_own_firing_and_is_told() -> None:
    waiting, over = backlog(), notice("resolved", minutes=20)
    waiting.add(notice(), 0.0)
    assert waiting.add(over, 1.0) == [End(notice(), REPLACED)]
    assert told_in_turn(waiting, 1.0) == [over]


def test_news_that_comes_while_older_news_is_being_told_waits_for_it() -> None:
    waiting, over = backlog(), notice("resolved", minutes=20)
    waiting.add(notice(), 0.0)
    waiting.take(0.0)
    assert waiting.add(over, 1.0) == []
    assert waiting.ended(Delivered(), 2.0, 0.0) == [End(notice(), Delivered())]
    assert told_in_turn(waiting, 2.0) == [over]


def test_news_that_was_replaced_while_it_was_told_in_vain_is_not_told_again() -> None:
    waiting, over = backlog(), notice("resolved", minutes=20)
    waiting.add(notice(), 0.0)
    waiting.take(0.0)
    waiting.add(over, 1.0)
    assert waiting.ended(DOWN, 2.0, 0.0) == [End(notice(), REPLACED)]
    assert told_in_turn(waiting, 100.0) == [over]


def test_what_was_replaced_twice_while_the_first_was_told_ends_once_each() -> None:
    waiting, worse, over = backlog(), notice("repeat", minutes=15), notice("resolved", minutes=20)
    waiting.add(notice(), 0.0)
    waiting.take(0.0)
    assert waiting.add(worse, 1.0) == []
    assert waiting.add(over, 1.0) == [End(worse, REPLACED)]
    assert waiting.ended(Delivered(), 2.0, 0.0) == [End(notice(), Delivered())]
    assert waiting.notices() == [over]


def test_what_is_given_twice_is_told_once() -> None:
    waiting = backlog()
    assert [waiting.add(notice(), 0.0) for _ in range(3)] == [[], [], []]
    assert told_in_turn(waiting) == [notice()]


def test_older_news_given_after_newer_is_not_told() -> None:
    waiting, over = backlog(), notice("resolved", minutes=20)
    waiting.add(over, 0.0)
    assert waiting.add(notice(), 0.0) == [End(notice(), REPLACED)]
    assert told_in_turn(waiting) == [over]


def test_critical_comes_before_warning_and_what_is_over_comes_last() -> None:
    waiting = backlog()
    over, warning = notice("resolved", queue="a"), notice(queue="b", severity="warning")
    for each in (over, warning, notice()):
        waiting.add(each, 0.0)
    assert told_in_turn(waiting) == [notice(), warning, over]


def test_a_notice_that_always_fails_does_not_stop_the_others() -> None:
    waiting, now_s, told = backlog(), 0.0, []
    poison, others = notice(queue="poison"), [notice(queue=str(number), severity="warning") for number in range(5)]
    for each in (poison, *others):
        waiting.add(each, 0.0)
    while len(told) < 5:
        taken = waiting.take(now_s)
        if taken is not None:
            told += [taken] if taken != poison else []
            waiting.ended(DOWN if taken == poison else Delivered(), now_s, 0.5)
        now_s += 0.1
    assert told == others
    assert now_s < 2.0


def test_what_has_waited_for_a_day_is_given_up_at_its_next_failure() -> None:
    waiting = backlog(keep_s=86_400.0)
    waiting.add(notice(), 0.0)
    waiting.take(86_399.0)
    assert waiting.ended(DOWN, 86_399.0, 0.0) == []
    waiting.take(86_401.0)
    assert waiting.ended(DOWN, 86_401.0, 0.0) == [End(notice(), GivenUp("too_old"))]


def test_when_too_much_waits_the_oldest_of_the_least_important_gives_way() -> None:
    waiting = backlog(most=2)
    over, warning = notice("resolved", queue="a"), notice(queue="b", severity="warning")
    for each in (over, warning):
        waiting.add(each, 0.0)
    assert waiting.add(notice(), 0.0) == [End(over, GivenUp("too_many"))]
    late = notice("resolved", queue="c")
    assert waiting.add(late, 0.0) == [End(late, GivenUp("too_many"))]


def test_what_is_being_told_is_not_crowded_out() -> None:
    waiting = backlog(most=1)
    over = notice("resolved", queue="a")
    waiting.add(over, 0.0)
    waiting.take(0.0)
    warning = notice(queue="b", severity="warning")
    assert waiting.add(warning, 0.0) == [End(warning, GivenUp("too_many"))]
    assert waiting.ended(Delivered(), 0.0, 0.0) == [End(over, Delivered())]


def test_the_place_of_an_alert_that_is_being_told_is_kept_when_newer_news_of_it_waits() -> None:
    waiting, warning = backlog(most=1), notice(queue="b", severity="warning")
    calmer = notice("de_escalated", minutes=15, severity="warning")
    waiting.add(notice(), 0.0)
    waiting.take(0.0)
    waiting.add(calmer, 0.0)
    assert waiting.add(warning, 0.0) == [End(warning, GivenUp("too_many"))]
    waiting.ended(Delivered(), 0.0, 0.0)
    assert waiting.notices() == [calmer]


def test_nothing_ends_where_nothing_was_taken() -> None:
    waiting = backlog()
    waiting.add(notice(), 0.0)
    assert waiting.ended(Delivered(), 0.0, 0.0) == []
    assert waiting.notices() == [notice()]
