"""A contact sleeps as the bytes of its facts; whoever asks for them finds what an awake one would have said."""

import msgspec
import pytest

from callpulse.stream.core import ageing
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.contact_cells import Contact, awake, decode_contact, encode_contact, head
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.waits import RECENT_MS

NOON = 1_795_348_800_000
KEY = ("sales", "1")
ARRIVED = (NOON, 1, None, None, None, None)
ANSWERED = (NOON + 5_000, 2, "7", None, None)


def asleep(*facts: tuple[object, ...]) -> bytes:
    return encode_contact(Contact(3, list(facts)))


def test_one_that_sleeps_says_what_it_says_awake() -> None:
    waits, served, closed = asleep(ARRIVED), asleep(ARRIVED, ANSWERED), asleep()
    said = [(3, NOON, True), (3, NOON + 5_000, False), (3, -1, False)]
    assert [(head(each).offset, head(each).last_ms, head(each).waits) for each in (waits, served, closed)] == said
    there = [awake(each) for each in (waits, served, closed)]
    assert [(each.offset, each.last_ms, each.waits) for each in there] == said
    assert [each.facts for each in there] == [[ARRIVED], [ARRIVED, ANSWERED], []]
    assert there[1].booked == Contact(3, [ARRIVED, ANSWERED]).booked
    assert awake(there[1]) is head(there[1]) is there[1]


def test_what_is_stored_of_one_that_sleeps_is_what_was_read() -> None:
    stored = asleep(ARRIVED)
    assert encode_contact(decode_contact(stored)) is stored


def test_a_contact_that_an_earlier_program_stored_is_read() -> None:
    contact = decode_contact(msgspec.msgpack.encode((1, 4, [ARRIVED])))
    assert (head(contact).offset, awake(contact).facts, head(contact).last_ms) == (4, [ARRIVED], NOON)
    assert head(contact).waits


@pytest.mark.parametrize("facts", ["facts", 7, {"at": NOON}, None])
def test_what_is_no_list_of_facts_is_refused_when_it_is_read_not_when_the_contact_wakes(facts: object) -> None:
    with pytest.raises(msgspec.ValidationError, match="facts"):
        decode_contact(msgspec.msgpack.encode((1, 4, facts, NOON, False)))


def test_so_many_fall_asleep_at_once_that_nobody_has_to_wait_for_it() -> None:
    book = CallBook(Limits(), NOON + 2 * RECENT_MS)
    book.contacts.update({("sales", str(n)): Contact(n, [ARRIVED]) for n in range(7)})

    def awake() -> int:
        return sum(type(contact) is Contact for contact in book.contacts.values())

    left = []
    while awake():
        ageing.put_to_sleep(book, at_most=3)
        left.append(awake())
    assert left == [4, 1, 0]


def test_those_of_whom_nothing_was_heard_sleep_and_a_late_fact_is_booked_as_ever() -> None:
    book = CallBook(Limits())
    for offset, event in enumerate(
        (
            ev.Enqueued(at=NOON, queue="sales", contact_id="1"),
            ev.Connected(at=NOON + 5_000, queue="sales", contact_id="1", agent="7"),
            ev.Enqueued(at=NOON + RECENT_MS, queue="sales", contact_id="2"),
            ev.Heartbeat(at=NOON + RECENT_MS + 5_001),
        )
    ):
        book.take(event, offset)
    book.settle(3)
    ageing.put_to_sleep(book)
    assert {key[1]: type(contact) is bytes for key, contact in book.contacts.items()} == {"1": True, "2": False}
    book.take(ev.Ended(at=NOON + 65_000, queue="sales", contact_id="1", agent="7"), 4)
    book.settle(4)
    visit = awake(book.contacts[KEY]).booked.visits[0]
    assert visit.handled is not None
    assert visit.handled.talk_ms == 60_000


def test_after_a_recovery_all_sleep_and_those_are_noted_who_wait_or_left_lately() -> None:
    book = CallBook(Limits(), NOON + RECENT_MS + 5_001)
    book.contacts[KEY] = asleep(ARRIVED, ANSWERED)
    book.contacts["sales", "2"] = asleep(ARRIVED)
    book.contacts["sales", "3"] = asleep((NOON + 6_000, 3, None, NOON + 4_000, 2_000))
    book.contacts["sales", "4"] = encode_contact(Contact(8))
    ageing.derive(book)
    assert book.waits.open == {"sales": {"2": NOON}}
    assert list(book.waits.recent["sales"]) == ["3"]
    assert book.replayed_until == 8
    assert {type(contact) for contact in book.contacts.values()} == {bytes}
