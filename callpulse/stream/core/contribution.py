"""What one stay of a contact adds to the tallies: to the pane of each fact's time, to the interval of each arrival."""

from collections.abc import Iterator

from callpulse.stream.core.contacts import Stay, Visit
from callpulse.stream.core.tally import (
    OFFERED_ITEMS,
    UNMATCHED_ITEMS,
    Items,
    add,
    handled_items,
    not_offered_items,
    outcome_items,
)

Booking = tuple[int, Items]  # when, and what it adds


def bookings(visit: Visit) -> Iterator[Booking]:
    yield visit.arrival_ms, OFFERED_ITEMS
    for booking in (outcome_booking(visit), handled_booking(visit)):
        if booking is not None:
            yield booking


def outcome_booking(visit: Visit) -> Booking | None:
    outcome = visit.outcome
    if outcome is None:
        return None
    return outcome.at_ms, outcome_items(outcome.kind, outcome.wait_ms, outcome.word, visit.ivr_ms)


def handled_booking(visit: Visit) -> Booking | None:
    handled = visit.handled
    if handled is None:
        return None
    items = handled_items(handled.talk_ms, handled.hold_ms, handled.wrap_up_ms, handled.transferred)
    return handled.at_ms, items


def others(state: Stay) -> Iterator[tuple[int, Items]]:
    for at, why in state.not_offered:
        yield at, not_offered_items(why)
    for at in state.unmatched:
        yield at, UNMATCHED_ITEMS


def contribution(state: Stay) -> dict[tuple[int, int], dict[int, int]]:
    """The definition that the increments must agree with: {(arrival, at): items summed} of one contact."""
    booked: dict[tuple[int, int], dict[int, int]] = {}
    for visit in state.visits:
        for at, items in bookings(visit):
            add(booked.setdefault((visit.arrival_ms, at), {}), items)
    for at, items in others(state):
        add(booked.setdefault((at, at), {}), items)
    return booked
