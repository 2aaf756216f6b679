"""What the consumer says of Kafka, and of changelogs that are cut off under it, without a broker."""

import logging
from types import SimpleNamespace

import pytest
from faust.types import TP

from callpulse.stream import codecs
from callpulse.stream.core.contact_cells import Contact
from callpulse.stream.core.windows import Calendar
from callpulse.stream.health import kafka_reasons
from callpulse.stream.losses import Losses
from callpulse.stream.tables import cut_table
from callpulse.stream.transport import BatchApp, faust_settings, watch
from callpulse.stream.transport.app import Source
from callpulse.stream.transport.losses import Loss, What, expired, rewritten
from callpulse.stream.transport.part import Part
from callpulse.stream.transport.watch import Watch

CALLS, COPIES = TP("calls", 0), TP("copies", 1)
NOON = 1_795_348_800_000


class Thread:
    """The consumer's thread, whose broker knows `ids`, or raises them."""

    ids: object = None

    async def topic_ids(self, topics):
        if isinstance(self.ids, Exception):
            raise self.ids
        return self.ids


class Consumer:
    def __init__(self):
        self._thread = Thread()
        self.app = SimpleNamespace(sources={"calls": Source(), "copies": Source()}, on_loss=lambda loss: None)
        self.parts = {CALLS: Part(100, 0, 1, topic_id="A"), COPIES: Part(100, 0, 1)}
        self.log = logging.getLogger("watched")
        self.committed, self.rejoined = {CALLS: 100, COPIES: 100}, 0

    def committed_offset(self, tp):
        return self.committed.get(tp)

    async def rejoin(self):
        self.rejoined += 1


@pytest.fixture
def consumer():
    return Consumer()


@pytest.mark.parametrize(("ids", "rejoins"), [({"calls": "A"}, 0), ({"calls": "B"}, 1), ({}, 0), (None, 0)])
async def test_a_topic_made_anew_is_taken_up_anew(consumer, ids, rejoins):
    consumer._thread.ids = ids
    await Watch(consumer).look()
    assert consumer.rejoined == rejoins


async def test_topics_that_are_missing_are_named(consumer):
    watching, consumer._thread.ids = Watch(consumer), {"calls": "A"}
    await watching.look()
    assert watching.missing == {"copies"}


async def test_a_silent_broker_is_silent_since_it_was_first_asked(consumer):
    watching, consumer._thread.ids = Watch(consumer), TimeoutError()
    await watching.look()
    since = watching.silent_since_s
    await watching.look()
    assert since is not None
    assert watching.silent_since_s == since
    consumer._thread.ids = {"calls": "A", "copies": "C"}
    await watching.look()
    assert watching.silent_since_s is None


def test_reading_waits_at_once_and_says_so_when_that_lasts(consumer, monkeypatch, caplog):
    watching = Watch(consumer)
    assert not watching.is_full()
    consumer.parts[CALLS].next += watch.MOST_UNCOMMITTED
    assert watching.is_full()
    assert watching.full_since_s is None
    monkeypatch.setattr(watch, "FULL_S", -1.0)
    assert watching.is_full()
    assert watching.full_since_s is not None
    assert "500000 events are applied and could not be committed" in caplog.text
    consumer.committed[CALLS] = consumer.parts[CALLS].next
    assert not watching.is_full()
    assert watching.full_since_s is None
    assert "reading on" in caplog.text


def test_losses_are_counted_from_0_by_partition_and_kind(consumer):
    watching = Watch(consumer)
    watching.tell(expired(CALLS, 10, 14))
    assert watching.events_lost([CALLS, COPIES]) == {CALLS: 4, COPIES: 0}
    counted = watching.losses([COPIES])
    assert counted["calls", 0, "expired"] == 1
    assert sum(counted.values()) == 1
    assert len(counted) == 2 * len(What)


# -- changelogs


@pytest.fixture
def table():
    app = BatchApp("watched", **faust_settings(brokers="127.0.0.1:1", partitions=4, member="m"))
    made = cut_table(app, "contacts", codecs.CONTACTS)
    app.batch_topic("calls", tables=[made])
    made.open(0)
    made.cells[0].update({("q", str(n)): Contact(n) for n in range(3)})
    yield made
    app.batches._thread.thread_loop.close()


def test_a_changelog_that_was_cut_off_is_owed_its_old_end_until_all_is_written_again(table):
    table.recover_to({TP(table.changelog_name(), 0): 10})
    table.written(0, 10, 2)
    assert table.tail(0) == 12
    table.written(0, 0, 1)
    assert table.tail(0) == 12
    assert len(table.store.take(0).records) == 3
    table.written(0, 1, 3)
    assert table.tail(0) == 4
    assert table.app.batches.watch.lost == {(TP("calls", 0), What.REWRITTEN): 1}


def test_a_changelog_that_somebody_else_wrote_to_is_no_loss(table):
    table.recover_to({TP(table.changelog_name(), 0): 10})
    table.written(0, 11, 2)
    assert (table.tail(0), len(table.store.take(0).records), table.app.batches.watch.lost) == (13, 3, {})


# -- readiness


def test_a_loss_is_a_reason_until_the_business_day_is_over():
    losses = Losses(Calendar("Europe/Amsterdam"))
    losses.note(expired(CALLS, 10, 14), NOON)
    [reason] = losses.reasons(NOON + 3_600_000)
    assert reason.startswith("calls/0: 4 events (offsets 10 to 13) were removed")
    assert "noticed 2026-11-22T12:00:00Z" in reason
    assert losses.reasons(NOON + 12 * 3_600_000) == []


def test_what_was_still_in_memory_is_no_reason_and_the_newest_of_a_kind_is_one():
    losses = Losses(Calendar())
    losses.note(rewritten(CALLS, ["contacts"]), NOON)
    losses.note(expired(CALLS, 10, 14), NOON)
    losses.note(Loss(What.EXPIRED, "calls", 0, "more", 9), NOON)
    assert [reason[:4] for reason in losses.reasons(NOON)] == ["more"]


async def test_readyz_says_of_kafka_what_is_wrong_since_when_and_what_to_look_at(consumer):
    consumer._thread.ids = {"copies": "A"}
    seen = Watch(consumer)
    await seen.look()
    seen.silent_since_s, seen.full_since_s = 60.0, 120.0
    not_committed = {CALLS: NOON - 31_000, COPIES: NOON - 29_000}
    missing, silent, stuck, full = kafka_reasons(seen, not_committed, NOON, NOON - 180_000)
    assert missing == "topic calls is missing, nothing is read from it: callpulse topics creates it"
    assert silent.startswith("Kafka has not answered since 2026-11-22T11:58:00")
    assert silent.endswith("are its brokers up, and reached from here?")
    assert stuck.startswith("calls/0: nothing could be committed since 2026-11-22T11:59:29")
    assert stuck.endswith("does Kafka take writes (brokers in sync, disks, rights)?")
    assert full.startswith("nothing is read since 2026-11-22T11:59:00")
    assert kafka_reasons(Watch(consumer), {COPIES: NOON - 29_000}, NOON, 0) == []
