"""A contact sleeps as the bytes of its facts; whoever asks for them finds what an awake one would have said."""

import msgspec
import pytest

from callpulse.stream.core import ageing, cells
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.cells import Contact
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.waits import RECENT_MS

NOON = 1_795_348_800_000
KEY = ("sales", "1")
ARRIVED = (NOON, 1, None, None, None, None)
ANSWERED = (NOON + 5_000, 2, "7", None, None)


def asleep(*facts: tuple[object, ...]) -> Contact:
    found = cells.decode_contact(cells.encode_contact(Contact(3, list(facts))))
    assert found.packed is not None
    return found


def test_what_can_be_told_without_the_facts_wakes_nobody() -> None:
    waits, served = asleep(ARRIVED), asleep(ARRIVED, ANSWERED)
    assert [(each.offset, each.last_ms, each.closed) for each in (waits, served)] == [
        (3, NOON, False),
        (3, NOON + 5_000, False),
    ]
    assert (waits.is_open(), served.is_open()) == (True, False)
    assert waits.packed is not None
    assert served.packed is not None


def test_asked_for_its_facts_it_wakes_with_all_that_follows_from_them() -> None:
    contact, awake = asleep(ARRIVED, ANSWERED), Contact(3, [ARRIVED, ANSWERED])
    assert (contact.booked, contact.facts) == (awake.booked, awake.facts)
    assert contact.packed is None
    with pytest.raises(AttributeError):
        _ = contact.nothing_of_the_kind


def test_it_is_stored_asleep_as_it_is_awake_and_with_the_offset_it_has_now() -> None:
    contact, awake = asleep(ARRIVED), Contact(9, [ARRIVED])
    contact.offset = 9
    assert cells.encode_contact(contact) == cells.encode_contact(awake)
    assert contact.packed is not None


def test_a_contact_that_an_earlier_program_stored_is_read() -> None:
    contact = cells.decode_contact(msgspec.msgpack.encode((1, 4, [ARRIVED])))
    assert (contact.offset, contact.facts, contact.last_ms, contact.is_open()) == (4, [ARRIVED], NOON, True)


@pytest.mark.parametrize("facts", ["facts", 7, {"at": NOON}, None])
def test_what_is_no_list_of_facts_is_refused_when_it_is_read_not_when_the_contact_wakes(facts: object) -> None:
    with pytest.raises(msgspec.ValidationError, match="facts"):
        cells.decode_contact(msgspec.msgpack.encode((1, 4, facts, NOON, False)))


def test_so_many_fall_asleep_at_once_that_nobody_has_to_wait_for_it() -> None:
    book = CallBook(Limits(), NOON + 2 * RECENT_MS)
    book.contacts.update({("sales", str(n)): Contact(n, [ARRIVED]) for n in range(7)})

    def awake() -> int:
        return sum(contact.packed is None for contact in book.contacts.values())

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
    assert {key[1]: contact.packed is not None for key, contact in book.contacts.items()} == {"1": True, "2": False}
    book.take(ev.Ended(at=NOON + 65_000, queue="sales", contact_id="1", agent="7"), 4)
    book.settle(4)
    visit = book.contacts[KEY].booked.visits[0]
    assert visit.handled is not None
    assert visit.handled.talk_ms == 60_000


def test_after_a_recovery_those_are_awake_who_wait_or_left_lately() -> None:
    book = CallBook(Limits(), NOON + RECENT_MS + 5_001)
    book.contacts[KEY] = asleep(ARRIVED, ANSWERED)
    book.contacts["sales", "2"] = asleep(ARRIVED)
    book.contacts["sales", "3"] = asleep((NOON + 6_000, 3, None, NOON + 4_000, 2_000))
    ageing.derive(book)
    assert {key[1]: contact.packed is None for key, contact in book.contacts.items()} == {
        "1": False,
        "2": True,
        "3": True,
    }
    assert book.waits.open == {"sales": {"2": NOON}}
    assert list(book.waits.recent["sales"]) == ["3"]
