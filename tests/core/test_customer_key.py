"""The key of the customers' hashes becomes another: no figure changes, whatever is sent again with the new one."""

from itertools import chain

import pytest

from callpulse.sources.names import CustomerKey
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import AgentState, Rejected
from callpulse.stream.core.limits import Limits
from tests.figures import ASTERISK

OLD, NEW = CustomerKey(b"old"), CustomerKey(b"new", "2026b")


def events(key: CustomerKey) -> list[object]:
    reading = open_source("queue_log", ASTERISK, SourceOptions(log=QueueLogOptions(customer_key=key)))
    found = [event for _, several in reading for event in several]
    return [event for event in found if not isinstance(event, Rejected | AgentState)]


def totals(sent: list[object]) -> dict[str, dict[object, int]]:
    book = CallBook(Limits(horizon_ms=10**12, interval_ms=10**12, live_ms=10**12, max_future_ms=None))
    for offset, event in enumerate(sent):
        book.take(event, offset)  # type: ignore[arg-type]  # a call event
    book.settle(len(sent))
    net = {
        queue: {key: count - cell.taken_back.get(key, 0) for key, count in cell.booked.items()}
        for queue, cell in book.totals.items()
    }
    return {queue: {key: count for key, count in cell.items() if count} for queue, cell in net.items()}


@pytest.mark.parametrize("order", ["after", "between"])
def test_a_log_sent_again_with_a_new_key_changes_no_figure(order: str) -> None:
    old, new = events(OLD), events(NEW)
    assert {event.customer for event in old if hasattr(event, "customer")}.isdisjoint(
        {event.customer for event in new if hasattr(event, "customer")} - {None}
    )
    both = old + new if order == "after" else list(chain.from_iterable(zip(new, old, strict=True)))
    assert totals(both) == totals(old)
