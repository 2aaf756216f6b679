"""What one visit adds to a tally, by example."""

from callpulse.stream.core import tally as t
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST


def test_an_answer_adds_its_wait_and_what_the_customer_waited() -> None:
    tally: t.Tally = {}
    t.add(tally, t.outcome_items(ANSWERED, 2_500, None, 1_000))
    assert t.histogram(tally, ANSWERED) == ([5], [0, 1])
    assert {key: tally[key] for key in tally if key < 128} == {
        t.COUNT_KEY[ANSWERED]: 1,
        t.WAIT_MS_KEY[ANSWERED]: 2_500,
        t.WAIT_MS_SQUARED_KEY[ANSWERED]: 6_250_000,
        t.CUSTOMER_WAIT_COUNT: 1,
        t.CUSTOMER_WAIT_MS: 3_500,
    }


def test_a_customer_who_waited_nowhere_is_still_counted() -> None:
    items = dict(t.outcome_items(ANSWERED, 0, None, 0))
    assert items[t.CUSTOMER_WAIT_COUNT] == 1
    assert t.CUSTOMER_WAIT_MS not in items


def test_exits_and_losses_say_why() -> None:
    assert (t.EXITED_KEY["voicemail"], 1) in t.outcome_items(EXITED, 0, "voicemail", None)
    assert (t.EXITED_KEY["other"], 1) in t.outcome_items(EXITED, 0, None, None)
    assert (t.LOST_KEY["age"], 1) in t.outcome_items(LOST, 7_200_000, "age", None)
    assert {key for key, _ in t.outcome_items(ABANDONED, 0, None, 5)} == {t.COUNT_KEY[ABANDONED], 128 + ABANDONED}


def test_a_handled_visit_adds_its_parts_and_its_whole() -> None:
    tally: t.Tally = {}
    t.add(tally, t.handled_items(60_000, 0, 3_000, True))
    assert tally[t.HANDLED] == tally[t.TRANSFERRED] == 1
    assert (tally[t.TALK_MS], tally[t.WRAP_UP_MS], tally[t.HANDLE_MS_SQUARED]) == (60_000, 3_000, 63_000**2)
    assert t.HOLD_MS not in tally
    assert t.histogram(tally, t.HANDLE_SERIES).total == 0  # no window's figure asks for it
    t.add(tally, t.handle_bin_items(63_000))
    assert t.histogram(tally, t.HANDLE_SERIES) == ([126], [0, 1])


def test_waits_of_answered_and_abandoned_are_told_from_all_else() -> None:
    tally: t.Tally = {}
    for kind, wait_ms in ((ANSWERED, 1_500), (ANSWERED, 0), (ABANDONED, 7_000), (EXITED, 2_500), (LOST, 9_000)):
        t.add(tally, t.outcome_items(kind, wait_ms, None, 500))
    t.add(tally, t.handled_items(60_000, 2_000, 3_000, True))
    t.add(tally, t.handle_bin_items(65_000))
    assert t.wait_histograms(tally) == (([0, 3], [0, 1, 2]), ([14], [0, 1]))


def test_no_two_entries_share_a_key() -> None:
    keys = [t.OFFERED, t.HANDLED, t.TRANSFERRED, t.TALK_MS, t.HOLD_MS, t.WRAP_UP_MS, t.HANDLE_MS_SQUARED, t.UNMATCHED]
    keys += [t.CUSTOMER_WAIT_COUNT, t.CUSTOMER_WAIT_MS, t.NOT_OFFERED_COUNT]
    for named in (t.COUNT_KEY, t.WAIT_MS_KEY, t.WAIT_MS_SQUARED_KEY):
        keys += named.values()
    for words in (t.EXITED_KEY, t.LOST_KEY, t.NOT_OFFERED_KEY, t.AGENT_MS_KEY):
        keys += words.values()
    assert len(set(keys)) == len(keys)
    assert max(keys) < 128
