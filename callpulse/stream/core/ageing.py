"""What follows from nothing having happened: visits that waited longer than anyone waits are lost, old contacts and
cells are forgotten. Always by the clock of the partition, never by the wall."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from callpulse.stream.core.book import CallBook
from callpulse.stream.core.cells import drop_gone
from callpulse.stream.core.contact_cells import Contact, awake, encode_contact, head
from callpulse.stream.core.events import Lost
from callpulse.stream.core.waits import RECENT_MS
from callpulse.stream.core.windows import settled_until

DEFAULT_CHANNEL = "voice"
ASLEEP_AT_ONCE = 20_000  # a tenth of a second: nothing else goes on meanwhile


def channel_of(book: CallBook, queue: str, configured: str | None) -> str:
    """A queue's channel: configuration, else the first event that stated it, else voice."""
    total = book.totals.get(queue)
    return configured or (total.channel if total is not None else "") or DEFAULT_CHANNEL


def overdue(book: CallBook, configured_channel: Callable[[str], str | None]) -> Iterator[Lost]:
    """A `lost` for every visit that waits longer than its channel's max_wait, at exactly arrival + max_wait, so that
    repeats are identical. Nothing is marked: the event itself does that when it is read back, also when the clock has
    jumped beyond the horizon meanwhile (a weekend without heartbeats)."""
    limits = book.limits
    for queue, waiting in book.waits.open.items():
        channel = channel_of(book, queue, configured_channel(queue))
        longest = limits.max_wait_by_channel_ms.get(channel, limits.max_wait_ms)
        for contact_id, arrival in waiting.items():
            if arrival + longest <= book.clock_ms:
                yield Lost(at=arrival + longest, queue=queue, contact_id=contact_id, why="age", source="callpulse")


class Closing(NamedTuple):
    """Contacts that nobody can add to any more: `forgotten`, to be closed now, and `closed` before."""

    forgotten: list[tuple[str, str]]
    closed: list[tuple[str, str]]


def closing(book: CallBook, committed_offset: int, committed_clock_ms: int) -> Closing:
    """Forgotten: contacts without an open visit that count as absent and whose last event is committed. By the clock
    that is committed: after a crash the feed is read again from there, and must find who was present then."""
    oldest, found = committed_clock_ms - book.limits.horizon_ms, Closing([], [])
    for key, contact in book.contacts.items():
        said = head(contact)
        if said.last_ms < 0:
            found.closed.append(key)
        elif said.last_ms < oldest and said.offset < committed_offset and key[1] not in book.waits.open.get(key[0], ()):
            found.forgotten.append(key)
    return found


def put_to_sleep(book: CallBook, at_most: int = ASLEEP_AT_ONCE) -> None:
    """Those of whom nothing was heard for a while; the rest of them at the next call."""
    quiet_ms = book.clock_ms - RECENT_MS
    quiet = ((key, each) for key, each in book.contacts.items() if type(each) is Contact and each.last_ms < quiet_ms)
    for key, contact in islice(quiet, at_most):
        book.contacts[key] = encode_contact(contact)  # in place: the dictionary keeps its keys


def close(book: CallBook, key: tuple[str, str]) -> None:
    """Empty a forgotten contact; its record still beats an older one that a zombie may write."""
    book.contacts[key] = Contact(head(book.contacts[key]).offset)
    book.dirty_contacts[key] = None
    book.waits.gone(*key)


def prune(book: CallBook) -> None:
    """Drop cells that no fact can reach any more; let those sleep that hardly change."""
    drop_gone(book.live, book.dirty_live, book.limits.live_gone_ms(book.clock_ms))
    drop_gone(book.intervals, book.dirty_intervals, book.limits.intervals_gone_ms(book.clock_ms))
    settled_ms = settled_until(book.clock_ms)
    for (_, start), cell in book.intervals.items():
        if start < settled_ms:
            cell.sleep()


def derive(book: CallBook) -> None:
    """Rebuild what is never stored from what was recovered, and drop what the clock has passed."""
    prune(book)
    cells = (book.live, book.intervals, book.totals)
    newest = max((cell.offset for table in cells for cell in table.values()), default=-1)
    recent_ms = book.clock_ms - RECENT_MS
    for (queue, contact_id), contact in book.contacts.items():
        said = head(contact)
        newest = max(newest, said.offset)
        if said.waits or said.last_ms >= recent_ms:
            book.waits.note(queue, contact_id, awake(contact).booked, book.clock_ms)
    book.replayed_until = newest
    book.changed.update(dict.fromkeys(book.totals))
