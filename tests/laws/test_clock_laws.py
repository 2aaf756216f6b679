"""What a figure is depends on the feed alone: not on the wall clock of the worker that forgets and prunes, not on when
it does so, and not on records whose times cannot be believed."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callpulse.stream.core import ageing
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.contact_cells import awake, head
from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.core.limits import Limits
from tests.laws.books import Net, net
from tests.laws.made import START, calls, feeds, moments

IN_2099 = 4_070_908_800_000
NARROW = Limits(horizon_ms=3_000, max_future_ms=None)  # most contacts are forgotten, many events too late
SHORT = Limits(live_ms=300_000, interval_ms=900_000, max_future_ms=None)  # cells expire while the feed runs
Chores = Callable[[CallBook, int], None]
Seen = tuple[Net, dict[Any, Any], list[int], int]


def nothing(book: CallBook, offset: int) -> None:
    """A worker whose wall clock stands still."""


def after(log: list[ev.Call], limits: Limits, chores: Chores) -> Seen:
    """Figures, facts within the horizon, offsets refused and clock; `chores` are done after each event."""
    book, refused = CallBook(limits), []
    for offset, event in enumerate(log):
        if isinstance(book.take(event, offset), Rejected):
            refused.append(offset)
        book.settle(offset)
        chores(book, offset)
    ageing.prune(book)
    oldest = book.clock_ms - limits.horizon_ms
    facts = {key: frozenset(awake(kept).facts) for key, kept in book.contacts.items() if head(kept).last_ms >= oldest}
    return net(book), facts, refused, book.clock_ms


def at_any_time(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Chores:
    """Prunes, forgets and buries whenever its wall clock says so. What is committed lies behind what is applied by any
    stretch, and is committed together with the clock as it stood there."""
    clocks: list[int] = []

    def chores(book: CallBook, offset: int) -> None:
        clocks.append(book.clock_ms)
        due = draw(st.sets(st.sampled_from(["prune", "forget", "bury"])))
        if "prune" in due:
            ageing.prune(book)
        if "forget" in due:
            committed = draw(st.integers(0, offset + 1))
            for key in ageing.closing(book, committed, clocks[committed - 1] if committed else 0).forgotten:
                ageing.close(book, key)
        if "bury" in due:
            for key in [key for key, contact in book.contacts.items() if head(contact).last_ms < 0]:
                del book.contacts[key]

    return chores


@given(st.lists(calls(moments(20_000), contacts=("1", "2")), min_size=4, max_size=16), st.data())
def test_when_a_worker_forgets_and_buries_changes_nothing(log: list[ev.Call], data: st.DataObject) -> None:
    assert after(log, NARROW, at_any_time(data.draw)) == after(log, NARROW, nothing)


@given(feeds(), st.data())
def test_when_a_worker_prunes_changes_nothing(log: list[ev.Call], data: st.DataObject) -> None:
    assert after(log, SHORT, at_any_time(data.draw)) == after(log, SHORT, nothing)


@given(feeds(), st.data())
def test_a_record_from_2099_is_refused_wherever_it_comes_and_changes_nothing(
    log: list[ev.Call], data: st.DataObject
) -> None:
    """The broker took each event as soon as it had happened, and the record from 2099 among them."""
    plain, disturbed, offset = CallBook(Limits()), CallBook(Limits()), 0
    for event in log:
        if data.draw(st.booleans()):
            strange = replace(event, at=IN_2099) if data.draw(st.booleans()) else ev.Heartbeat(at=IN_2099, source="x")
            refused = disturbed.take(strange, offset, event.at)
            assert isinstance(refused, Rejected)
            assert refused.reason is Reason.FUTURE
            disturbed.settle(offset)
        for book in (plain, disturbed):
            book.take(event, offset + 1, event.at)
            book.settle(offset + 1)
        offset += 2
    assert (net(disturbed), disturbed.clock_ms) == (net(plain), plain.clock_ms)


@given(feeds(), feeds())
def test_heartbeats_of_today_during_a_replay_of_old_data_refuse_what_follows_and_change_nothing(
    before: list[ev.Call], following: list[ev.Call]
) -> None:
    """A source that is alive vouches for the present in the partition that an old day is replayed into: from there on
    the old day is too late, each event of it is refused with that reason, and what was booked stays as it was."""
    limits = Limits(live_ms=1 << 50, interval_ms=1 << 50)
    book, today = CallBook(limits), START + 400 * 86_400_000
    for offset, event in enumerate(before):
        book.take(event, offset, today)
        book.settle(offset)
    figures = net(book)
    assert book.take(ev.Heartbeat(at=today, source="pbx"), len(before), today) is None
    for offset, event in enumerate(following, len(before) + 1):
        if not _ends_by_age(event):
            refused = book.take(event, offset, today)
            assert isinstance(refused, Rejected)
            assert refused.reason is Reason.TOO_LATE
            book.settle(offset)
    assert net(book) == figures


@given(feeds(), st.data())
def test_heartbeats_of_the_day_that_is_replayed_change_nothing(log: list[ev.Call], data: st.DataObject) -> None:
    """They say what the events before them have said already: that time has come so far."""
    book, clock, offset = CallBook(Limits()), 0, 0
    for event in log:
        clock = max(clock, event.at)
        book.take(event, offset)
        if data.draw(st.booleans()):
            offset += 1
            book.take(ev.Heartbeat(at=data.draw(st.integers(clock - 1_000, clock)), source="replay"), offset)
        book.settle(offset)
        offset += 1
    assert net(book) == after(log, Limits(), nothing)[0]


def _ends_by_age(event: ev.Call) -> bool:
    """The one event that is accepted however old it is."""
    return isinstance(event, ev.Lost) and event.why == "age"
