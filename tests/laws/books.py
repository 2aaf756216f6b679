"""Books read back into the words of the oracle, so that the two can be compared."""

from collections.abc import Iterable, Mapping
from typing import Any

from callpulse.stream.core import events as ev
from callpulse.stream.core import tally as t
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.histogram import seconds_of
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.tally import Tally
from callpulse.stream.core.windows import INTERVAL_MS, PANE_MS
from tests.laws.oracle import bookings, of_totals_alone, story

KIND = {ANSWERED: ev.Connected, ABANDONED: ev.Abandoned, EXITED: ev.Exited, LOST: ev.Lost}
Named = dict[tuple[object, ...], int]
Net = dict[tuple[object, ...], Named]


def booked(events: Iterable[Any], together: Iterable[int] = (), limits: Limits | None = None) -> CallBook:
    """The books after these events; after each offset in `together` the tallies are left for later."""
    book = CallBook(limits or Limits())
    waits, last = set(together), -1
    for last, event in enumerate(events):
        book.take(event, last)
        if last not in waits:
            book.settle(last)
    book.settle(last)
    return book


def net(book: CallBook) -> Net:
    """Every tally of the books that is not empty: panes, intervals, totals."""
    out: Net = {}
    for (queue, _), live in book.live.items():
        out.update(((queue, "pane", pane), named(tally)) for pane, tally in live.panes.items())
    for (queue, start), cell in book.intervals.items():
        out[queue, "interval", start] = named(cell.tally)
    for queue, total in book.totals.items():
        out[queue, "total"] = named(t.difference(total.booked, total.taken_back))
    return {place: tally for place, tally in out.items() if tally}


def told(events: Iterable[Any]) -> Net:
    """The same from the slow reading of the text."""
    contacts: dict[tuple[str, str], list[Any]] = {}
    for event in events:
        contacts.setdefault((event.queue, event.contact_id), []).append(event)
    out: Net = {}
    for (queue, _), mine in contacts.items():
        for arrival, at, what, much in bookings(story(mine)):
            interval = arrival // INTERVAL_MS * INTERVAL_MS
            places = ((queue, "total"), (queue, "pane", at // PANE_MS), (queue, "interval", interval))
            for place in places[:1] if of_totals_alone(what) else places:
                tally = out.setdefault(place, {})
                tally[what] = tally.get(what, 0) + much
    return out


def named(tally: Mapping[int, int]) -> Named:
    """A tally in words. Raises KeyError for an entry that has none."""
    words = _words()
    return {words[key] if key in words else _lasted(key): amount for key, amount in tally.items()}


def _words() -> dict[int, tuple[object, ...]]:
    words: dict[int, tuple[object, ...]] = {
        t.OFFERED: ("offered",),
        t.HANDLED: ("handled",),
        t.TRANSFERRED: ("transferred",),
        t.TALK_MS: ("talk",),
        t.HOLD_MS: ("hold",),
        t.WRAP_UP_MS: ("wrap-up",),
        t.HANDLE_MS_SQUARED: ("handled", "ms squared"),
        t.UNMATCHED: ("unmatched",),
        t.CUSTOMER_WAIT_COUNT: ("customer",),
        t.CUSTOMER_WAIT_MS: ("customer", "ms"),
        t.NOT_OFFERED_COUNT: ("not_offered",),
    }
    words.update((t.COUNT_KEY[kind], (cls,)) for kind, cls in KIND.items())
    words.update((t.WAIT_MS_KEY[kind], (cls, "ms")) for kind, cls in KIND.items())
    words.update((t.WAIT_MS_SQUARED_KEY[kind], (cls, "ms squared")) for kind, cls in KIND.items())
    words.update((key, (ev.Exited, cause)) for cause, key in t.EXITED_KEY.items())
    words.update((key, (ev.Lost, why)) for why, key in t.LOST_KEY.items())
    words.update((key, ("not_offered", why)) for why, key in t.NOT_OFFERED_KEY.items())
    return words


def _lasted(key: int) -> tuple[object, ...]:
    single: Tally = {key: 1}
    for kind, what in [*KIND.items(), (t.HANDLE_SERIES, "handled")]:
        for bin_ in t.histogram(single, kind).bins:
            return (what, "lasted", seconds_of(bin_))
    raise KeyError(key)
