"""The books of a partition: what is refused, what is forgotten, who waits, and what it is all kept in."""

from typing import Any

import pytest

from callpulse.newer import NewerError
from callpulse.stream.core import ageing, cells
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.cells import LiveCell, TotalCell
from callpulse.stream.core.contact_cells import Contact, awake, decode_contact, encode_contact
from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.heard import MOST_SOURCES
from callpulse.stream.core.limits import HOUR_MS, MAX_FACTS, Limits
from callpulse.stream.core.schemas import Schema
from callpulse.stream.core.tally import COUNT_KEY, OFFERED, UNMATCHED, Tally, difference
from callpulse.stream.core.waits import NEWEST_MS, RECENT, RECENT_MS
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, PANE_MS

NOON = 1_795_262_400_000  # 2026-11-21T12:00Z
MINUTE = 60_000


class Feed:
    """A book that is fed by hand, one event after the other."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.book = CallBook(limits or Limits(), NOON)
        self.offset = -1

    def take(self, kind: type, at_ms: int, contact: str = "1", queue: str = "sales", **fields: Any) -> Rejected | None:
        self.offset += 1
        recorded = fields.pop("recorded_ms", None)
        event = kind(at=at_ms, queue=queue, contact_id=contact, **fields)
        refused = self.book.take(event, self.offset, recorded)
        self.book.settle(self.offset)
        return refused

    def beat(self, at_ms: int, source: str = "pbx") -> Rejected | None:
        self.offset += 1
        refused = self.book.take(ev.Heartbeat(at=at_ms, source=source), self.offset)
        self.book.settle(self.offset)
        return refused

    def total(self, queue: str = "sales") -> Tally:
        cell = self.book.totals[queue]
        return difference(cell.booked, cell.taken_back)


def test_an_event_older_than_the_horizon_is_too_late() -> None:
    feed = Feed()
    feed.beat(NOON)
    assert feed.take(ev.Enqueued, NOON - 24 * HOUR_MS) is None
    refused = feed.take(ev.Enqueued, NOON - 24 * HOUR_MS - 1, "2")
    assert refused is not None
    assert (refused.reason, refused.field) == (Reason.TOO_LATE, "at")
    assert "86400001 ms behind" in refused.detail
    assert ("sales", "2") not in feed.book.contacts


def test_an_event_from_the_future_is_refused_and_moves_no_clock() -> None:
    feed = Feed()
    assert feed.take(ev.Enqueued, NOON + 300_000, recorded_ms=NOON) is None
    refused = feed.take(ev.Enqueued, NOON + 400_001, "2", recorded_ms=NOON + 100_000)
    assert refused is not None
    assert (refused.reason, feed.book.clock_ms) == (Reason.FUTURE, NOON + 300_000)


def test_event_time_alone_compares_nothing_with_wall_time() -> None:
    feed = Feed(Limits(max_future_ms=None))
    assert feed.take(ev.Enqueued, NOON + 10 * HOUR_MS, recorded_ms=NOON) is None


def test_a_contact_beyond_the_horizon_counts_as_absent_though_it_is_still_there() -> None:
    feed = Feed(Limits(horizon_ms=HOUR_MS))
    feed.take(ev.Connected, NOON, wait_s=5)
    feed.beat(NOON + HOUR_MS)
    assert feed.take(ev.Ended, NOON + HOUR_MS) is None
    assert feed.total()[OFFERED] == 1
    feed.beat(NOON + 2 * HOUR_MS + 1)
    feed.take(ev.Connected, NOON + 2 * HOUR_MS + 1, wait_s=5)
    assert feed.total()[COUNT_KEY[ANSWERED]] == 2
    assert len(awake(feed.book.contacts["sales", "1"]).facts) == 1


def test_one_that_is_forgotten_waits_no_more() -> None:
    feed = Feed(Limits(horizon_ms=HOUR_MS))
    feed.take(ev.Enqueued, NOON)
    feed.take(ev.Held, NOON + HOUR_MS + 1)
    assert feed.book.waits.open == {}


def test_one_that_is_forgotten_within_a_batch_is_settled_first() -> None:
    book = CallBook(Limits(horizon_ms=HOUR_MS), NOON)
    book.take(ev.Enqueued(at=NOON, queue="sales", contact_id="1"), 0)
    book.take(ev.Heartbeat(at=NOON + HOUR_MS + 1), 1)
    book.take(ev.Enqueued(at=NOON + HOUR_MS + 1, queue="sales", contact_id="1"), 2)
    book.settle(2)
    assert book.totals["sales"].booked == {OFFERED: 2}


def test_a_copy_changes_nothing_and_is_counted() -> None:
    feed = Feed()
    for _ in range(3):
        feed.take(ev.Enqueued, NOON)
    assert (feed.total(), feed.book.copies) == ({OFFERED: 1}, 2)


def test_an_offset_that_was_applied_is_skipped() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON)
    feed.book.take(ev.Abandoned(at=NOON + 1, queue="sales", contact_id="1"), 0)
    feed.book.settle(1)
    assert feed.total() == {OFFERED: 1}


def test_a_contact_keeps_so_many_facts_and_no_more() -> None:
    feed = Feed()
    for place in range(MAX_FACTS):
        assert feed.take(ev.Held, NOON + place) is None
    refused = feed.take(ev.Held, NOON + MAX_FACTS)
    assert refused is not None
    assert (refused.reason, refused.field) == (Reason.TOO_MANY_FACTS, "contact_id")
    assert len(awake(feed.book.contacts["sales", "1"]).facts) == MAX_FACTS


def test_who_waits_and_since_when() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON, "1")
    feed.take(ev.Enqueued, NOON + 1, "2")
    assert feed.book.waits.open == {"sales": {"1": NOON, "2": NOON + 1}}
    feed.take(ev.Abandoned, NOON + 9_000, "1")
    assert feed.book.waits.open == {"sales": {"2": NOON + 1}}
    feed.take(ev.Enqueued, NOON + 20_000, "1")
    assert feed.book.waits.open == {"sales": {"2": NOON + 1, "1": NOON + 20_000}}


def test_each_fact_is_in_the_pane_of_its_own_time_and_in_the_interval_of_the_arrival() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON - 1)
    feed.take(ev.Connected, NOON + 20_000)
    live = {pane: tally for cell in feed.book.live.values() for pane, tally in cell.panes.items()}
    assert live[(NOON - 1) // PANE_MS] == {OFFERED: 1}
    assert live[(NOON + 20_000) // PANE_MS][COUNT_KEY[ANSWERED]] == 1
    assert list(feed.book.intervals) == [("sales", NOON - INTERVAL_MS)]
    assert feed.book.intervals["sales", NOON - INTERVAL_MS].tally[COUNT_KEY[ANSWERED]] == 1


def test_what_is_taken_back_leaves_no_trace_but_in_the_counters() -> None:
    feed = Feed()
    feed.take(ev.Abandoned, NOON)
    assert feed.total() == {UNMATCHED: 1}
    feed.take(ev.Enqueued, NOON - 5_000)
    assert UNMATCHED not in feed.total()
    assert feed.book.totals["sales"].taken_back == {UNMATCHED: 1}


def test_a_late_arrival_between_two_that_were_implied_makes_them_one_visit() -> None:
    feed = Feed()
    feed.take(ev.Abandoned, NOON + 850, enqueued_at=NOON - 500)
    feed.take(ev.Connected, NOON + 10_000, enqueued_at=NOON + 900)
    assert feed.total()[OFFERED] == 2
    feed.take(ev.Enqueued, NOON + 200)
    assert (feed.total()[OFFERED], feed.total()[COUNT_KEY[ANSWERED]]) == (1, 1)
    assert COUNT_KEY[ABANDONED] not in feed.total()


def test_a_queue_belongs_to_the_channel_site_and_source_that_were_stated_first() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON, "1", source="pbx")
    feed.take(ev.Enqueued, NOON, "2", channel="chat")
    feed.take(ev.Enqueued, NOON, "3", channel="voice", site="ams")
    feed.take(ev.Enqueued, NOON, "4", channel="chat", site="ams", source="other")
    total = feed.book.totals["sales"]
    assert (total.channel, total.site, total.source, feed.book.conflicts) == ("chat", "ams", "pbx", 1)
    assert feed.total()[OFFERED] == 4


def test_what_a_queue_belongs_to_is_written_even_if_no_figure_changed() -> None:
    feed = Feed()
    feed.take(ev.Held, NOON, channel="chat")
    assert list(feed.book.dirty_totals) == ["sales"]
    feed.book.dirty_totals.clear()
    feed.take(ev.Resumed, NOON, site="ams")
    assert list(feed.book.dirty_totals) == ["sales"]


def test_heartbeats_move_the_clock_and_ringing_changes_no_figure() -> None:
    feed = Feed()
    feed.beat(NOON + 5)
    feed.beat(NOON + 3)
    feed.beat(NOON + 4, "other")
    feed.take(ev.Ringing, NOON + 9, agent="7")
    assert (feed.book.sources, feed.book.clock_ms) == ({"pbx": NOON + 5, "other": NOON + 4}, NOON + 9)
    assert (feed.book.contacts, feed.book.totals) == ({}, {})


def test_a_feed_that_makes_up_sources_fills_no_book_and_moves_the_clock() -> None:
    feed = Feed()
    for number in range(MOST_SOURCES):
        assert feed.beat(NOON + number, f"made up {number}") is None
    refused = feed.beat(NOON + 9_999, "one more")
    assert refused is not None
    assert (refused.reason, refused.field) == (Reason.TOO_MANY_SOURCES, "source")
    assert (len(feed.book.sources), feed.book.clock_ms) == (MOST_SOURCES, NOON + 9_999)
    assert feed.beat(NOON + 10_000, "made up 7") is None
    assert feed.beat(NOON + 24 * HOUR_MS, "one more") is None, "who was silent for a day makes room"
    assert len(feed.book.sources) == MOST_SOURCES


def test_a_source_with_queues_goes_before_names_that_were_made_up_while_nobody_knew_it() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON, source="pbx")
    for number in range(MOST_SOURCES):
        assert feed.beat(NOON + number, f"made up {number}") is None
    assert feed.beat(NOON + 9_999, "pbx") is None
    assert "made up 0" not in feed.book.sources
    assert feed.beat(NOON + 25 * HOUR_MS, "one more") is None
    assert (len(feed.book.sources), feed.book.sources["pbx"]) == (MOST_SOURCES, NOON + 9_999)


def test_a_fact_older_than_the_cells_is_only_in_the_total() -> None:
    feed = Feed(Limits(live_ms=HOUR_MS, interval_ms=2 * HOUR_MS))
    feed.take(ev.Enqueued, NOON - 3 * HOUR_MS)
    assert (dict(feed.book.live), dict(feed.book.intervals), feed.total()) == ({}, {}, {OFFERED: 1})


def test_cells_expire_with_the_clock_and_are_not_written_any_more() -> None:
    feed = Feed(Limits(live_ms=HOUR_MS, interval_ms=2 * HOUR_MS))
    feed.take(ev.Enqueued, NOON)
    feed.beat(NOON + HOUR_MS + LIVE_MS - 1)
    ageing.prune(feed.book)
    assert len(feed.book.live) == 1
    feed.beat(NOON + HOUR_MS + LIVE_MS)
    ageing.prune(feed.book)
    assert (len(feed.book.live), len(feed.book.dirty_live), len(feed.book.intervals)) == (0, 0, 1)
    feed.beat(NOON + 2 * HOUR_MS + INTERVAL_MS)
    ageing.prune(feed.book)
    assert (len(feed.book.intervals), len(feed.book.dirty_intervals), len(feed.book.totals)) == (0, 0, 1)


def test_who_waits_longer_than_anyone_waits_is_lost_at_exactly_that_moment() -> None:
    limits = Limits(max_wait_ms=HOUR_MS, max_wait_by_channel_ms={"chat": 2 * HOUR_MS})
    feed = Feed(limits)
    feed.take(ev.Enqueued, NOON, "1")
    feed.take(ev.Enqueued, NOON, "2", queue="web", channel="chat")
    feed.take(ev.Enqueued, NOON, "3", queue="mail")
    feed.beat(NOON + HOUR_MS - 1)
    configured = {"mail": "chat"}.get
    assert list(ageing.overdue(feed.book, configured)) == []
    feed.beat(NOON + HOUR_MS)
    late = list(ageing.overdue(feed.book, configured))
    assert late == [ev.Lost(at=NOON + HOUR_MS, queue="sales", contact_id="1", why="age", source="callpulse")]
    assert list(ageing.overdue(feed.book, configured)) == late
    feed.take(ev.Lost, late[0].at, why="age")
    assert list(ageing.overdue(feed.book, configured)) == []
    feed.take(ev.Connected, NOON + HOUR_MS + 1)
    assert feed.total()[COUNT_KEY[ANSWERED]] == 1


def test_a_visit_is_lost_by_age_also_when_the_clock_jumps_beyond_the_horizon() -> None:
    feed = Feed(Limits(max_wait_ms=HOUR_MS, horizon_ms=2 * HOUR_MS))
    feed.take(ev.Enqueued, NOON)
    feed.beat(NOON + 60 * HOUR_MS)
    assert ageing.closing(feed.book, 9, feed.book.clock_ms).forgotten == []  # it still waits
    [lost] = list(ageing.overdue(feed.book, lambda _: None))
    assert lost.at == NOON + HOUR_MS
    assert feed.book.take(lost, 10) is None
    feed.book.settle(10)
    assert list(ageing.overdue(feed.book, lambda _: None)) == []
    assert feed.total()[COUNT_KEY[LOST]] == 1
    assert ageing.closing(feed.book, 11, feed.book.clock_ms).forgotten == [("sales", "1")]


def test_a_loss_that_fits_no_open_visit_is_too_late_like_anything_else() -> None:
    feed = Feed(Limits(max_wait_ms=HOUR_MS, horizon_ms=2 * HOUR_MS))
    feed.take(ev.Connected, NOON, wait_s=5)
    feed.beat(NOON + 60 * HOUR_MS)
    for contact in ("1", "2"):
        refused = feed.book.take(ev.Lost(at=NOON + HOUR_MS, queue="sales", contact_id=contact, why="age"), 9)
        assert refused is not None
        assert refused.reason == "too_late"


def test_a_contact_is_emptied_when_its_last_event_is_committed() -> None:
    feed = Feed(Limits(horizon_ms=HOUR_MS))
    feed.take(ev.Connected, NOON, "1", wait_s=1)
    feed.beat(NOON + HOUR_MS + 1)
    clock_ms = feed.book.clock_ms
    assert ageing.closing(feed.book, 0, clock_ms).forgotten == []
    assert ageing.closing(feed.book, 1, clock_ms - 1).forgotten == []  # after a crash it begins with that clock again
    assert ageing.closing(feed.book, 1, clock_ms).forgotten == [("sales", "1")]
    feed.book.dirty_contacts.clear()
    ageing.close(feed.book, ("sales", "1"))
    closed = awake(feed.book.contacts["sales", "1"])
    assert (closed.offset, closed.facts, list(feed.book.dirty_contacts)) == (0, [], [("sales", "1")])
    assert ageing.closing(feed.book, 1, clock_ms).forgotten == []
    ageing.close(feed.book, ("sales", "1"))
    assert awake(decode_contact(encode_contact(closed))).facts == []


def test_closing_a_contact_in_a_queue_where_nobody_waited() -> None:
    feed = Feed()
    feed.take(ev.Connected, NOON, wait_s=1)
    ageing.close(feed.book, ("sales", "1"))
    assert feed.book.waits.open == {}


def test_what_is_not_stored_is_derived_from_what_is() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON, "1")
    feed.take(ev.Connected, NOON, "2", wait_s=3)
    book = CallBook(Limits(), NOON)
    book.contacts.update(feed.book.contacts)
    book.contacts["sales", "closed"] = Contact(0)
    book.totals.update(feed.book.totals)
    ageing.derive(book)
    assert (book.waits.open, book.replayed_until) == ({"sales": {"1": NOON}}, 1)
    assert list(book.waits.recent["sales"]) == ["2"]
    assert list(book.changed) == ["sales"]
    empty = CallBook(Limits())
    ageing.derive(empty)
    assert empty.replayed_until == -1


def test_who_waited_beyond_the_horizon_is_found_again_after_recovery_to_be_told_lost() -> None:
    book = CallBook(Limits(horizon_ms=HOUR_MS), NOON + HOUR_MS + 1)
    book.contacts["sales", "1"] = Contact(0, [(NOON, 1, None, None, None, None)])
    ageing.derive(book)
    assert book.waits.open == {"sales": {"1": NOON}}


def test_of_those_who_left_the_longest_waits_are_remembered() -> None:
    feed = Feed()
    feed.take(ev.Abandoned, NOON, "old", wait_s=5_000)
    feed.beat(NOON + RECENT_MS + 1)
    for place in range(2 * RECENT - 1):
        feed.take(ev.Exited, NOON + RECENT_MS + 1, str(place), wait_s=place)
    feed.beat(NOON + RECENT_MS + NEWEST_MS + 2)
    feed.take(ev.Exited, NOON + RECENT_MS + 1, "last", wait_s=2 * RECENT - 1)
    recent = feed.book.waits.recent["sales"]
    assert len(recent) == RECENT
    assert {o.wait_ms for o in recent.values()} == {place * 1000 for place in range(RECENT, 2 * RECENT)}
    assert {o.kind for o in recent.values()} == {EXITED}


@pytest.mark.parametrize("shape", [LiveCell, cells.IntervalCell, TotalCell])
def test_a_cell_of_another_version_is_refused(shape: Any) -> None:
    with pytest.raises(NewerError, match="version 99"):
        cells.decoder(shape, Schema())(cells.encode(shape(schema=99)))
    with pytest.raises(NewerError, match="version 99"):
        decode_contact(cells.encode((99, 5, [])))


def test_cells_are_read_back_as_they_were() -> None:
    feed = Feed()
    feed.take(ev.Enqueued, NOON, ivr_s=2, customer="k", reason="r", priority="high", channel="chat")
    feed.take(ev.Connected, NOON + 5_000, agent="7")
    book = feed.book
    for table, shape in ((book.live, LiveCell), (book.intervals, cells.IntervalCell), (book.totals, TotalCell)):
        for cell in table.values():
            assert cells.decoder(shape, Schema())(cells.encode(cell)) == cell
    asleep = cells.decoder(cells.IntervalCell, Schema())(cells.encode(next(iter(book.intervals.values()))))
    assert cells.encode(asleep) == cells.encode(next(iter(book.intervals.values())))
    asleep.awake()[99] = 1
    assert asleep.tally[99] == 1
    asleep.sleep()
    assert asleep.tally[99] == 1
    contact = awake(book.contacts["sales", "1"])
    again = awake(decode_contact(encode_contact(contact)))
    assert (again.offset, again.facts, again.last_ms, again.booked) == (1, contact.facts, NOON + 5_000, contact.booked)
