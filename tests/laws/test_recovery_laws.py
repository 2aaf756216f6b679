"""At-least-once delivery, exactly-once numbers: whatever a worker had written when it died, the next one ends with the
same cells (docs/ARCHITECTURE.md, state).

One feed is read by a row of short lives. Each recovers what the store holds, reads on from the last commit, and dies at
any moment of a flush: between two tallies, between tallies and contacts, before the commit. Cells go through the bytes
they are stored as.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.stream import codecs
from callpulse.stream.core import ageing, cells
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.contact_cells import awake, decode_contact, encode_contact, head
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.tally import difference, without_handle_bins
from callpulse.stream.core.windows import Calendar
from tests.laws.books import Net, booked, net
from tests.laws.made import calls, feeds, moments

TALLIES = ("live", "intervals", "totals")
ENCODE: dict[str, Callable[[Any], bytes]] = {"contacts": encode_contact} | dict.fromkeys(TALLIES, cells.encode)
DECODE: dict[str, Callable[[bytes], Any]] = {
    "contacts": decode_contact,
    "live": codecs.LIVE.decode_value,
    "intervals": codecs.INTERVALS.decode_value,
    "totals": codecs.TOTALS.decode_value,
}
OFFSET_OF: dict[str, Callable[[Any], int]] = {"contacts": lambda kept: head(kept).offset}
WIDE = Limits()
NARROW = Limits(horizon_ms=3_000)  # most contacts are forgotten, many events too late
SHORT = Limits(live_ms=300_000, interval_ms=900_000)  # cells expire while the feed runs
LARGEST_BATCH = 6


class Store:
    """What outlives a worker: changelogs, the committed offset, and the clock as it stood there."""

    def __init__(self) -> None:
        self.records: dict[str, dict[Any, list[bytes]]] = {name: {} for name in DECODE}
        self.next = 0
        self.clock_ms = 0

    def recovered(self, name: str) -> dict[Any, Any]:
        """Of the records of a key the one with the largest offset, whichever was written last."""
        decode = DECODE[name]
        offset_of = OFFSET_OF.get(name, lambda cell: cell.offset)
        return {key: max(map(decode, found), key=offset_of) for key, found in self.records[name].items()}


def recover(store: Store, limits: Limits) -> CallBook:
    book = CallBook(limits, store.clock_ms)
    for name in DECODE:
        getattr(book, name).update(store.recovered(name))
    ageing.derive(book)
    return book


def live(store: Store, log: list[ev.Call], limits: Limits, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    """One life, from the last commit to a crash or to the end of the feed."""
    book = recover(store, limits)
    at = store.next
    while at < len(log):
        size = 1 if at <= book.replayed_until else draw(st.integers(1, LARGEST_BATCH))
        for event in log[at : at + size]:
            book.take(event, at)
            at += 1
        book.settle(at - 1)
        if draw(st.booleans()) and not flush(store, book, at, draw):
            return


def flush(store: Store, book: CallBook, at: int, draw: Callable[[st.SearchStrategy[Any]], Any]) -> bool:
    """One cut: tallies first, then contacts, then the commit. False if the worker died on the way."""
    cut = {name: encoded(book, name) for name in DECODE}
    tallies = [(name, key) for name in TALLIES for key in cut[name]]
    for keys in (tallies, [("contacts", key) for key in cut["contacts"]]):
        done = draw(st.sampled_from([len(keys), len(keys), len(keys) // 2, max(0, len(keys) - 1)]))
        for name, key in draw(st.permutations(keys))[:done]:
            store.records[name].setdefault(key, []).append(cut[name][key])
        if done < len(keys):
            return False
    if draw(st.integers(0, 3)) == 0:
        return False
    store.next, store.clock_ms = at, book.clock_ms
    return True


def encoded(book: CallBook, name: str) -> dict[Any, bytes]:
    dirty, table = getattr(book, f"dirty_{name}"), getattr(book, name)
    found = {key: ENCODE[name](table[key]) for key in dirty}
    dirty.clear()
    return found


def after_crashes(log: list[ev.Call], limits: Limits, data: st.DataObject) -> CallBook:
    store = Store()
    for _ in range(data.draw(st.integers(1, 4))):
        live(store, log, limits, data.draw)
    book = recover(store, limits)
    reader = WindowReader(book, Calendar())
    for offset in range(store.next, len(log)):
        for queue in book.totals:  # what is read meanwhile, and kept, must not hold anything twice
            reader.total(queue)
        book.take(log[offset], offset)
        book.settle(offset)
    return book


def kept(book: CallBook) -> Net:
    """What no clock has expired."""
    ageing.prune(book)
    return net(book)


def facts(book: CallBook) -> dict[tuple[str, str], frozenset[tuple[Any, ...]]]:
    oldest = book.clock_ms - book.limits.horizon_ms
    return {key: frozenset(awake(kept).facts) for key, kept in book.contacts.items() if head(kept).last_ms >= oldest}


def waiting(book: CallBook) -> dict[str, dict[str, int]]:
    return {queue: contacts for queue, contacts in book.waits.open.items() if contacts}


@given(feeds(), st.data())
@settings(max_examples=200)
def test_whatever_was_written_when_it_died_the_cells_come_out_right(log: list[ev.Call], data: st.DataObject) -> None:
    again, straight = after_crashes(log, WIDE, data), booked(log)
    assert kept(again) == kept(straight)
    assert facts(again) == facts(straight)
    assert waiting(again) == waiting(straight)


@given(st.lists(calls(moments(20_000), contacts=("1", "2")), min_size=4, max_size=16), st.data())
@settings(max_examples=150)
def test_so_they_do_where_contacts_are_forgotten_and_events_too_late(log: list[ev.Call], data: st.DataObject) -> None:
    again, straight = after_crashes(log, NARROW, data), booked(log, limits=NARROW)
    assert kept(again) == kept(straight)
    assert facts(again) == facts(straight)


@given(feeds(), st.data())
def test_so_they_do_where_cells_expire(log: list[ev.Call], data: st.DataObject) -> None:
    assert kept(after_crashes(log, SHORT, data)) == kept(booked(log, limits=SHORT))


@given(feeds(), st.data())
def test_a_counter_after_a_crash_nets_what_it_nets_without(log: list[ev.Call], data: st.DataObject) -> None:
    again, straight = after_crashes(log, WIDE, data), booked(log)
    for queue, total in straight.totals.items():
        cell = again.totals[queue]
        net = difference(cell.booked, cell.taken_back)
        assert net == difference(total.booked, total.taken_back)
        assert WindowReader(again, Calendar()).total(queue) == without_handle_bins(net)
        assert (cell.channel, cell.site, cell.source) == (total.channel, total.site, total.source)
