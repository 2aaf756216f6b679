"""Tallies: sums that do not care in which order they are made, and histograms that count exactly."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core import tally as t
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXIT_CAUSES, EXITED, LOST, LOST_WHYS, NOT_OFFERED_WHYS
from callpulse.stream.core.histogram import bin_of, seconds_of
from callpulse.stream.core.tally import Items, Tally, add, difference, merge, subtract

WAITS = st.integers(0, 7_200_000) | st.integers(0, 60).map(lambda s: s * 1000)
TALLIES = st.dictionaries(st.integers(0, 300), st.integers(1, 10**12), max_size=8)
ITEMS = st.one_of(
    st.builds(t.outcome_items, st.just(ANSWERED), WAITS, st.none(), st.none() | WAITS),
    st.builds(t.outcome_items, st.just(ABANDONED), WAITS, st.none(), st.none()),
    st.builds(t.outcome_items, st.just(EXITED), WAITS, st.none() | st.sampled_from(EXIT_CAUSES), st.none()),
    st.builds(t.outcome_items, st.just(LOST), WAITS, st.none() | st.sampled_from(LOST_WHYS), st.none()),
    st.builds(t.handled_items, WAITS, WAITS, WAITS, st.booleans()),
    st.builds(t.not_offered_items, st.sampled_from(NOT_OFFERED_WHYS)),
    st.just(t.OFFERED_ITEMS),
)


@given(TALLIES, TALLIES, TALLIES)
def test_merging_is_associative_and_order_free(a: Tally, b: Tally, c: Tally) -> None:
    assert merge((merge((a, b)), c)) == merge((a, merge((b, c)))) == merge((c, b, a))


@given(TALLIES, TALLIES)
def test_what_is_added_and_taken_away_leaves_nothing(a: Tally, b: Tally) -> None:
    assert difference(merge((a, b)), b) == a
    assert difference(a, a) == merge(()) == {}


@given(st.lists(ITEMS), st.randoms(use_true_random=False))
def test_items_booked_and_taken_back_in_any_order_leave_nothing(many: list[Items], chance: random.Random) -> None:
    tally: Tally = {}
    for items in many:
        add(tally, items)
    assert 0 not in tally.values()
    for items in chance.sample(many, len(many)):
        subtract(tally, items)
    assert tally == {}


@given(st.lists(ITEMS))
def test_no_item_adds_nothing(many: list[Items]) -> None:
    assert all(amount > 0 for items in many for _, amount in items)


@given(st.lists(WAITS), st.integers(0, 7_200), st.sampled_from([ANSWERED, ABANDONED, EXITED, LOST]))
def test_within_t_is_exact_for_every_whole_second(waits: list[int], limit_s: int, kind: int) -> None:
    tally: Tally = {}
    for wait in waits:
        add(tally, t.outcome_items(kind, wait, None, None))
    lasted = t.histogram(tally, kind)
    assert lasted.up_to(limit_s, inclusive=True) == sum(wait <= limit_s * 1000 for wait in waits)
    assert lasted.up_to(limit_s, inclusive=False) == sum(wait < limit_s * 1000 for wait in waits)


@given(st.lists(WAITS, max_size=60), st.sampled_from([(1, 2), (9, 10)]))
def test_a_percentile_is_within_a_second_of_the_sorted_list(waits: list[int], share: tuple[int, int]) -> None:
    tally: Tally = {}
    for wait in waits:
        add(tally, t.outcome_items(ANSWERED, wait, None, None))
    found = t.histogram(tally, ANSWERED).percentile(share[0] / share[1])
    if not waits:
        assert found is None
        return
    rank = -(-len(waits) * share[0] // share[1])  # nearest rank, in whole numbers
    exact = sorted(waits)[rank - 1]
    assert found is not None
    assert abs(found * 1000 - exact) < 1000
    assert found * 1000 == exact or exact % 1000


def test_the_rank_of_a_percentile_is_right_for_any_number_of_visits() -> None:
    for n in range(1, 200_000):
        assert math.ceil(0.9 * n) == -(-9 * n // 10)


@given(WAITS)
def test_a_bin_stands_for_its_duration(wait: int) -> None:
    exact = seconds_of(bin_of(wait)) * 1000
    assert exact == wait if wait % 1000 == 0 else abs(exact - wait) <= 500
