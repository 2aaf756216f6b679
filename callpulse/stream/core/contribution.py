"""What one stay of a contact adds to the tallies: to the pane of each fact's time, to the interval of each arrival, and
to the total."""

from collections.abc import Iterator

from callpulse.stream.core.contacts import Stay, Visit
from callpulse.stream.core.tally import (
    OFFERED_ITEMS,
    UNMATCHED_ITEMS,
    Items,
    add,
    handle_bin_items,
    handled_items,
    not_offered_items,
    outcome_items,
)

Booking = tuple[int, Items, Items]  # when, what it adds everywhere, and what to the total alone


def bookings(visit: Visit) -> Iterator[Booking]:
    yield visit.arrival_ms, OFFERED_ITEMS, ()
    for booking in (outcome_booking(visit), handled_booking(visit)):
        if booking is not None:
            yield booking


def outcome_booking(visit: Visit) -> Booking | None:
    outcome = visit.outcome
    if outcome is None:
        return None
    return outcome.at_ms, outcome_items(outcome.kind, outcome.wait_ms, outcome.word, visit.ivr_ms), ()


def handled_booking(visit: Visit) -> Booking | None:
    handled = visit.handled
    if handled is None:
        return None
    talk_ms, hold_ms, wrap_up_ms = handled.talk_ms, handled.hold_ms, handled.wrap_up_ms
    items = handled_items(talk_ms, hold_ms, wrap_up_ms, handled.transferred)
    return handled.at_ms, items, handle_bin_items(talk_ms + hold_ms + wrap_up_ms)


def others(state: Stay) -> Iterator[tuple[int, Items]]:
    for at, why in state.not_offered:
        yield at, not_offered_items(why)
    for at in state.unmatched:
        yield at, UNMATCHED_ITEMS


def contribution(state: Stay) -> dict[tuple[int, int], dict[int, int]]:
    """The definition that the increments must agree with: {(arrival, at): items summed} of one contact."""
    booked: dict[tuple[int, int], dict[int, int]] = {}
    for visit in state.visits:
        for at, items, of_total in bookings(visit):
            add(booked.setdefault((visit.arrival_ms, at), {}), items + of_total)
    for at, items in others(state):
        add(booked.setdefault((at, at), {}), items)
    return booked
