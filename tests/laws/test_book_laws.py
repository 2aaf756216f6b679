"""The books hold what the facts say, whatever their order, their copies, and how often the tallies are brought up to
date."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.contact_cells import awake
from callpulse.stream.core.contacts import stay
from callpulse.stream.core.contribution import contribution
from callpulse.stream.core.kpis import residual
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.tally import Tally, difference, merge, without_handle_bins
from callpulse.stream.core.windows import INTERVAL_MS, PANE_MS
from tests.laws.books import booked, named, net, told
from tests.laws.made import feeds

CHANCE = st.randoms(use_true_random=False)
POSTPONED = st.sets(st.integers(0, 40))


@given(feeds(), POSTPONED)
@settings(max_examples=200)
def test_the_books_are_what_the_text_says_of_the_facts(events: list[ev.Call], together: set[int]) -> None:
    assert net(booked(events, together)) == told(events)


@given(feeds(), CHANCE, POSTPONED)
def test_order_and_copies_and_the_grouping_of_settles_do_not_matter(
    events: list[ev.Call], chance: random.Random, together: set[int]
) -> None:
    delivered = events + chance.choices(events, k=len(events))
    chance.shuffle(delivered)
    assert net(booked(delivered, together)) == net(booked(events))


@given(feeds(), POSTPONED)
def test_the_increments_add_up_to_the_contributions(events: list[ev.Call], together: set[int]) -> None:
    book = booked(events, together)
    expected: dict[tuple[object, ...], list[dict[int, int]]] = {}
    for (queue, _), contact in book.contacts.items():
        for (arrival, at), items in contribution(stay(awake(contact).facts)).items():
            expected.setdefault((queue, "total"), []).append(items)
            for place in ((queue, "pane", at // PANE_MS), (queue, "interval", arrival // INTERVAL_MS * INTERVAL_MS)):
                expected.setdefault(place, []).append(without_handle_bins(items))
    assert net(book) == {place: named(merge(items)) for place, items in expected.items()}


@given(feeds(), POSTPONED)
def test_the_ledger_balances_in_every_cohort_and_in_all(events: list[ev.Call], together: set[int]) -> None:
    book = booked(events, together)
    for (queue, start), cell in book.intervals.items():
        waiting = [at for at in book.waits.arrivals(queue) if start <= at < start + INTERVAL_MS]
        assert residual(cell.tally, len(waiting)) == 0
    for queue, total in book.totals.items():
        assert residual(difference(total.booked, total.taken_back), len(book.waits.arrivals(queue))) == 0


@given(feeds())
def test_booked_and_taken_back_only_grow(events: list[ev.Call]) -> None:
    book = CallBook(Limits())
    before: dict[str, tuple[Tally, Tally]] = {}
    for offset, event in enumerate(events):
        book.take(event, offset)
        book.settle(offset)
        now = {q: (dict(cell.booked), dict(cell.taken_back)) for q, cell in book.totals.items()}
        for queue, (gave, took) in before.items():
            assert all(now[queue][0][key] >= amount for key, amount in gave.items())
            assert all(now[queue][1][key] >= amount for key, amount in took.items())
        before = now
