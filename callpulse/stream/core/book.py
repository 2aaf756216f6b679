"""The books of one partition of `callpulse.calls`: what one more event changes in contacts and tallies.

An event adds contribution(after) - contribution(before) of its contact, so order and copies cannot matter. This is the
hot path: private accumulators change in place, and nothing waits.
"""

from collections.abc import MutableMapping
from itertools import zip_longest
from typing import Any

from callpulse.stream.core import events as ev
from callpulse.stream.core.cells import IntervalCell, LiveCell, TotalCell
from callpulse.stream.core.contact_cells import Contact, Kept, awake, head
from callpulse.stream.core.contacts import Stay, Visit, stay
from callpulse.stream.core.contribution import Booking, bookings, handled_booking, others, outcome_booking
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.facts import FACT_OF, Fact
from callpulse.stream.core.heard import hear
from callpulse.stream.core.limits import LATE_MS, MAX_FACTS, Limits, ahead_of_time, too_late, too_many
from callpulse.stream.core.tally import Change, Items, add, subtract
from callpulse.stream.core.waits import Waits
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, NEWEST_PANES, PANE_MS, settled_until


class CallBook:
    """Tables of one partition and what is derived from them: contacts {(queue, contact_id): Kept} · live {(queue, start
    of 600 s): LiveCell} · intervals {(queue, start of 15 min): IntervalCell} · totals {queue: TotalCell}; the `dirty_*`
    collect the keys that changed since the last cut."""

    def __init__(self, limits: Limits, clock_ms: int = 0) -> None:
        self.limits = limits
        self.clock_ms = clock_ms
        self.contacts: MutableMapping[tuple[str, str], Kept] = {}
        self.live: MutableMapping[tuple[str, int], LiveCell] = {}
        self.intervals: MutableMapping[tuple[str, int], IntervalCell] = {}
        self.totals: MutableMapping[str, TotalCell] = {}
        self.dirty_contacts: MutableMapping[tuple[str, str], None] = {}
        self.dirty_live: MutableMapping[tuple[str, int], None] = {}
        self.dirty_intervals: MutableMapping[tuple[str, int], None] = {}
        self.dirty_totals: MutableMapping[str, None] = {}
        self.waits = Waits()
        self.changed: dict[str, None] = {}  # queues whose figures changed since someone looked
        self.disturbed: dict[str, int] = {}  # queue -> how often a pane before the newest two was changed
        self.unsettled: dict[str, int] = {}  # queue -> how often a settled interval was changed
        self.sources: dict[str, int] = {}  # source -> its last heartbeat
        self.conflicts = 0  # events that state another channel or site than their queue's
        self.late = 0  # events accepted more than LATE_MS behind the clock
        self.copies = 0  # facts that were there already
        self.replayed_until = -1  # largest offset that a recovered cell holds
        self._touched: dict[tuple[str, str], Contact] = {}
        self._fresh: set[int] = set()  # cells this very event has touched already
        self._replaying = False
        self._live_gone = self._intervals_gone = self._newest_from = self._settled_to = 0

    def take(  # noqa: C901, PLR0912, PLR0915 -- the hot path: calls cost more than branches
        self, event: ev.Call, offset: int, recorded_ms: int | None = None
    ) -> Rejected | None:
        """Keep what one event says. `offset` = its place in the source; `recorded_ms` = when the broker took it.
        Figures follow at `settle`."""
        at = event.at
        future_ms = self.limits.max_future_ms
        if recorded_ms is not None and future_ms is not None and at - recorded_ms > future_ms:
            return ahead_of_time(at - recorded_ms, future_ms)
        if at > self.clock_ms:
            self.clock_ms = at
        elif at < self.clock_ms - LATE_MS:
            if at < self.clock_ms - self.limits.horizon_ms and not self._ends_by_age(event):
                return too_late(self.clock_ms - at, self.limits.horizon_ms)
            self.late += 1
        to_fact = FACT_OF.get(type(event))
        if to_fact is None:
            # ringing and snapshots change no figure
            return hear(self.sources, event.source, at, self.clock_ms) if type(event) is ev.Heartbeat else None
        key = (event.queue, event.contact_id)  # type: ignore[union-attr]  # every type with a fact has both
        contact = self.contacts.get(key)
        if contact is None:
            contact = self.contacts[key] = Contact()
        else:
            if isinstance(contact, bytes):
                contact = self.contacts[key] = awake(contact)
            if offset <= contact.offset:
                return None
        fact = to_fact(event)
        facts = contact.facts
        if facts:
            if contact.last_ms < self.clock_ms - self.limits.horizon_ms and not self._ends_by_age(event):
                contact, facts = self._forget(key, offset)
            elif fact in facts:
                self.copies += 1
                return None
            elif len(facts) >= MAX_FACTS:
                return too_many(len(facts))
        if key not in self._touched:
            self._touched[key] = contact
            self._place(event)
        elif event.channel or event.site:  # type: ignore[union-attr]
            self._place(event)
        facts.append(fact)
        contact.offset = offset
        contact.last_ms = max(contact.last_ms, at)
        return None

    def settle(self, offset: int) -> None:
        """Bring the tallies up to date with everything taken; `offset` = of the last event taken. Until the place where
        an earlier life of this partition stopped (`replayed_until`) it must follow each single event: there a cell
        may hold some of a batch already."""
        self._replaying = offset <= self.replayed_until
        self._fresh.clear()
        self._live_gone = self.limits.live_gone_ms(self.clock_ms)
        self._newest_from = (self.clock_ms // PANE_MS + 1 - NEWEST_PANES) * PANE_MS
        self._settled_to = settled_until(self.clock_ms)
        self._intervals_gone = self.limits.intervals_gone_ms(self.clock_ms)
        for key, contact in self._touched.items():
            before, after = contact.booked, stay(contact.facts)
            if before is not after and before != after:
                queue, contact_id = key
                self._change(queue, self.totals[queue], offset, before, after)
                contact.booked = after
                self.waits.note(queue, contact_id, after, self.clock_ms)
                self.changed[queue] = None
            self.dirty_contacts[key] = None
        self._touched.clear()

    def _ends_by_age(self, event: ev.Call) -> bool:
        """A visit that is still open gets its `lost`, however far the clock has jumped."""
        if type(event) is not ev.Lost or event.why != "age":
            return False
        kept = self.contacts.get((event.queue, event.contact_id))
        facts = [] if kept is None else awake(kept).facts
        last = stay(facts).visits[-1:] if facts else ()
        return bool(last) and last[0].outcome is None and last[0].arrival_ms <= event.at

    def _forget(self, key: tuple[str, str], offset: int) -> tuple[Contact, list[Fact]]:
        """A contact whose last fact lies beyond the horizon counts as absent, whether or not it was removed."""
        if key in self._touched:
            self.settle(offset - 1)
        fresh = self.contacts[key] = Contact(head(self.contacts[key]).offset)
        self.waits.gone(*key)
        return fresh, fresh.facts

    def _place(self, event: Any) -> None:
        """A queue belongs to the source, channel and site that its first event states."""
        total = self.totals.get(event.queue)
        if total is None:
            self.totals[event.queue] = TotalCell(channel=event.channel, site=event.site, source=event.source)
            self.dirty_totals[event.queue] = None
        elif event.channel or event.site:
            for name in ("channel", "site"):
                stated, known = getattr(event, name), getattr(total, name)
                if stated and not known:
                    setattr(total, name, stated)
                    self.dirty_totals[event.queue] = None
                elif stated and stated != known:
                    self.conflicts += 1

    def _change(  # noqa: C901 -- six ways in which a visit can change
        self, queue: str, total: TotalCell, offset: int, before: Stay, after: Stay
    ) -> None:
        for old, new in zip_longest(before.visits, after.visits):
            if old is None:
                self._book_visit(queue, total, offset, new, add)
            elif new is None:
                self._book_visit(queue, total, offset, old, subtract)
            elif old.arrival_ms != new.arrival_ms:
                self._book_visit(queue, total, offset, new, add)
                self._book_visit(queue, total, offset, old, subtract)
            elif old != new:
                self._progress(queue, total, offset, old, new)
        if before.not_offered != after.not_offered or before.unmatched != after.unmatched:
            for state, change in ((after, add), (before, subtract)):
                for at, items in others(state):
                    self._book(queue, total, offset, at, at, items, change)

    def _book_visit(self, queue: str, total: TotalCell, offset: int, visit: Visit, change: Change) -> None:
        everything: Items = ()
        for at, items in bookings(visit):
            self._book_pane(queue, offset, at, items, change)
            everything += items
        self._book_sums(queue, total, offset, visit.arrival_ms, everything, change)

    def _progress(self, queue: str, total: TotalCell, offset: int, old: Visit, new: Visit) -> None:
        if old.outcome != new.outcome or old.ivr_ms != new.ivr_ms:
            self._replace(queue, total, offset, new.arrival_ms, outcome_booking(old), outcome_booking(new))
        if old.handled != new.handled:
            self._replace(queue, total, offset, new.arrival_ms, handled_booking(old), handled_booking(new))

    def _replace(
        self, queue: str, total: TotalCell, offset: int, arrival: int, was: Booking | None, now: Booking | None
    ) -> None:
        if was != now:
            for booking, change in ((now, add), (was, subtract)):
                if booking is not None:
                    self._book(queue, total, offset, arrival, booking[0], booking[1], change)

    def _book(
        self, queue: str, total: TotalCell, offset: int, arrival: int, at: int, items: Items, change: Change
    ) -> None:
        """Add or take back in the pane of `at`, the interval of `arrival` and the total."""
        self._book_pane(queue, offset, at, items, change)
        self._book_sums(queue, total, offset, arrival, items, change)

    def _book_pane(self, queue: str, offset: int, at: int, items: Items, change: Change) -> None:
        start = at // LIVE_MS * LIVE_MS
        if start <= self._live_gone:
            return
        key = (queue, start)
        live = self.live.get(key)
        if live is None:
            live = self.live[key] = LiveCell()
        if not self._replaying or self._is_new(live, offset):
            live.offset = offset
            self.dirty_live[key] = None
            if at < self._newest_from:
                self.disturbed[queue] = self.disturbed.get(queue, 0) + 1
            pane = at // PANE_MS
            tally = live.panes.get(pane)
            if tally is None:
                tally = live.panes[pane] = {}
            change(tally, items)
            if not tally:
                del live.panes[pane]

    def _book_sums(self, queue: str, total: TotalCell, offset: int, arrival: int, items: Items, change: Change) -> None:
        start = arrival // INTERVAL_MS * INTERVAL_MS
        if start > self._intervals_gone:
            key = (queue, start)
            cell = self.intervals.get(key)
            if cell is None:
                cell = self.intervals[key] = IntervalCell()
            if not self._replaying or self._is_new(cell, offset):
                cell.offset = offset
                self.dirty_intervals[key] = None
                if start < self._settled_to:
                    self.unsettled[queue] = self.unsettled.get(queue, 0) + 1
                change(cell.awake(), items)
        if not self._replaying or self._is_new(total, offset):
            total.offset = offset
            self.dirty_totals[queue] = None
            add(total.booked if change is add else total.taken_back, items)

    def _is_new(self, cell: LiveCell | IntervalCell | TotalCell, offset: int) -> bool:
        """One decision per cell and event: an event may touch a cell more than once."""
        if cell.offset < offset:
            self._fresh.add(id(cell))
            return True
        return id(cell) in self._fresh
