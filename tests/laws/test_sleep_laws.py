"""A contact that sleeps as stored bytes is the same contact: nothing that is counted, shown, stored or refused depends
on who sleeps and when."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core import ageing, cells
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.contact_cells import at_offset, awake, decode_contact, encode_contact, head
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.limits import Limits
from tests.laws.made import calls, feeds, moments

NARROW = Limits(horizon_ms=3_000, max_future_ms=None)  # contacts are forgotten while the feed runs
WIDE = Limits(max_future_ms=None)
Logs = st.tuples(feeds(), st.just(WIDE)) | st.tuples(
    st.lists(calls(moments(20_000), contacts=("1", "2", "3")), min_size=3, max_size=20), st.just(NARROW)
)
Sleeps = Callable[[CallBook], CallBook]


def after(log: list[ev.Call], limits: Limits, sleeps: Sleeps) -> tuple[Any, ...]:
    """All that is stored, to the byte, who waits and waited, losses by age, who is forgotten, and what was refused."""
    book, refused, losses = CallBook(limits), [], []
    for offset, event in enumerate(log):
        if isinstance(book.take(event, offset), Rejected):
            refused.append(offset)
        book.settle(offset)
        book = sleeps(book)
        losses.append(list(ageing.overdue(book, lambda _: None)))
        for key in ageing.closing(book, offset, book.clock_ms).forgotten:
            ageing.close(book, key)
    tables = (book.live, book.intervals, book.totals)
    stored = [{key: cells.encode(cell) for key, cell in table.items()} for table in tables]
    contacts = {key: encode_contact(contact) for key, contact in book.contacts.items()}
    return stored, contacts, book.waits.open, book.waits.recent, refused, losses, book.copies, book.late


def never(book: CallBook) -> CallBook:
    return book


def at_any_time(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Sleeps:
    def sleeps(book: CallBook) -> CallBook:
        for key in draw(st.sets(st.sampled_from(sorted(book.contacts)))) if book.contacts else ():
            book.contacts[key] = encode_contact(book.contacts[key])
        return book

    return sleeps


@given(Logs, st.data())
def test_who_sleeps_and_when_changes_nothing(log: tuple[list[ev.Call], Limits], data: st.DataObject) -> None:
    assert after(*log, at_any_time(data.draw)) == after(*log, never)


def stored(book: CallBook) -> CallBook:
    """Every contact as recovery finds it."""
    for key, contact in book.contacts.items():
        book.contacts[key] = decode_contact(encode_contact(contact))
    return book


def stored_by_an_earlier_program(book: CallBook) -> CallBook:
    for key, contact in book.contacts.items():
        book.contacts[key] = decode_contact(cells.encode((1, head(contact).offset, awake(contact).facts)))
    return book


@given(Logs, st.sampled_from([stored, stored_by_an_earlier_program]))
def test_what_is_stored_and_read_again_after_each_event_changes_nothing(
    log: tuple[list[ev.Call], Limits], again: Sleeps
) -> None:
    assert after(*log, again) == after(*log, never)


@given(feeds(), st.integers(0, 99))
def test_one_that_sleeps_moves_to_another_log_as_it_would_awake(log: list[ev.Call], offset: int) -> None:
    book = CallBook(WIDE)
    for at, event in enumerate(log):
        book.take(event, at)
        book.settle(at)
    for contact in book.contacts.values():
        there = encode_contact(at_offset(contact, offset))
        assert there == encode_contact(at_offset(decode_contact(encode_contact(contact)), offset))
        assert (head(there).offset, awake(there).facts) == (offset, awake(contact).facts)
        assert head(contact).offset != offset or there == encode_contact(contact)
