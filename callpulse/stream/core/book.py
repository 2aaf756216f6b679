"""The books of one partition of `callpulse.calls`: what one more event changes in contacts and tallies.

An event adds contribution(after) - contribution(before) of its contact, so order and copies cannot matter. This is the
hot path: private accumulators change in place, and nothing waits.
"""

from collections.abc import MutableMapping
from typing import Any

from callpulse.stream.core import events as ev
from callpulse.stream.core.account import Account, settling
from callpulse.stream.core.cells import IntervalCell, LiveCell, TotalCell
from callpulse.stream.core.contact_cells import Contact, Kept, awake, head
from callpulse.stream.core.contacts import stay
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.facts import FACT_OF, Fact
from callpulse.stream.core.heard import MOST_SOURCES, hear
from callpulse.stream.core.limits import LATE_MS, MAX_FACTS, Limits, ahead_of_time, too_late, too_many
from callpulse.stream.core.tally import Tally
from callpulse.stream.core.waits import Waits


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
        self.nets: dict[str, Tally] = {}  # queue -> its total as windows have it, of those that somebody looked at
        self.disturbed: dict[str, int] = {}  # queue -> how often a pane before the newest two was changed
        self.unsettled: dict[str, int] = {}  # queue -> how often a settled interval was changed
        self.sources: dict[str, int] = {}  # source -> its last heartbeat
        self.conflicts = 0  # events that state another channel or site than their queue's
        self.late = 0  # events accepted more than LATE_MS behind the clock
        self.copies = 0  # facts that were there already
        self.replayed_until = -1  # largest offset that a recovered cell holds
        self._touched: dict[tuple[str, str], Contact] = {}
        self._real: tuple[int, frozenset[str]] = 0, frozenset()

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
            return self._hear(event) if type(event) is ev.Heartbeat else None
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
        if at > contact.last_ms:  # noqa: PLR1730 -- the hot path: a call costs more
            contact.last_ms = at
        return None

    def settle(self, offset: int) -> None:
        """Bring the tallies up to date with everything taken; `offset` = of the last event taken. Until the place where
        an earlier life of this partition stopped (`replayed_until`) it must follow each single event: there a cell
        may hold some of a batch already."""
        now = settling(offset, self.clock_ms, self.limits, replaying=offset <= self.replayed_until)
        accounts: dict[str, Account] = {}
        for key, contact in self._touched.items():
            before, after = contact.booked, stay(contact.facts)
            if before is not after and before != after:
                queue, contact_id = key
                account = accounts.get(queue)
                if account is None:
                    account = accounts[queue] = Account(self, queue, now)
                account.change(before, after)
                contact.booked = after
                self.waits.note(queue, contact_id, after, self.clock_ms)
            self.dirty_contacts[key] = None
        self._touched.clear()
        for queue in accounts:
            self.changed[queue] = None

    def real_sources(self) -> frozenset[str]:
        """Of which there are queues. They are stored; who was heard of is not, and is unknown after a restart."""
        if self._real[0] != len(self.totals):
            self._real = len(self.totals), frozenset(total.source for total in self.totals.values())
        return self._real[1]

    def _hear(self, event: ev.Heartbeat) -> Rejected | None:
        heard = self.sources
        if event.source in heard or len(heard) < MOST_SOURCES:  # without a look at all queues
            return hear(heard, event.source, event.at, self.clock_ms)
        return hear(heard, event.source, event.at, self.clock_ms, real=self.real_sources())

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
        elif (event.channel and event.channel != total.channel) or (event.site and event.site != total.site):
            for name in ("channel", "site"):
                stated, known = getattr(event, name), getattr(total, name)
                if stated and not known:
                    setattr(total, name, stated)
                    self.dirty_totals[event.queue] = None
                elif stated and stated != known:
                    self.conflicts += 1
