"""What is fetched at a moment when it cannot be delivered is read again, also if nothing new ever comes."""

import logging
from collections import Counter
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaTimeoutError
from faust.types import TP

from callpulse.stream.transport.app import Source
from callpulse.stream.transport.editions import counted_on
from callpulse.stream.transport.intake import Intake
from callpulse.stream.transport.losses import What
from callpulse.stream.transport.thread import Fetched


class Record:
    timestamp = timestamp_type = 0

    def __init__(self, offset):
        self.offset = offset


CALLS = TP("calls", 2)


class Consumer:
    """A consumer of one partition whose broker holds offsets 10 to 14; `position` moves with each fetch."""

    def __init__(self):
        self.app = SimpleNamespace(
            consumer_generation_id=3,
            rebalancing=False,
            sources={"calls": Source()},
            tables=SimpleNamespace(changelog_topics=set()),
        )
        self._thread, self.counts, self.flow_active = self, Counter(), True
        self.suspend_flow, self.log = None, logging.getLogger(__name__)
        self.position, self.delivered = 10, []
        self.first, self.last = 10, 15  # offsets: of the first event there is, and after the last
        self.watch, self.full, self.looks, self.told, self.jumped = self, False, 0, [], set()

    def is_full(self):
        return self.full

    async def look(self):
        self.looks += 1

    def tell(self, loss):
        self.told.append(loss)

    async def sleep(self, seconds):
        assert seconds < 1

    async def earliest_offsets(self, tp):
        return {tp: self.first}

    def assignment(self):
        return {CALLS}

    def _get_active_partitions(self):
        return {CALLS}

    async def seek_all(self, offsets):
        self.position = offsets[CALLS]

    async def fetch(self, active, timeout_s):
        if CALLS not in active:
            return Fetched({}, generation=3)
        if not self.first <= self.position <= self.last:
            self.position = self.first  # as aiokafka does where the broker does not have the place asked for
        found = [Record(offset) for offset in range(self.position, self.last)]
        self.position = self.last
        return Fetched({CALLS: found} if found else {}, generation=3)

    async def callback(self, message):
        self.delivered += [record.offset for record in message.value]


@pytest.fixture
def consumer():
    return Consumer()


async def drained(intake, times=3):
    for _ in range(times):
        await intake._drain_once()


async def test_what_is_fetched_between_the_seek_and_the_opening_is_read_again(consumer):
    intake = Intake(consumer)
    await consumer.seek_all({CALLS: 10})
    await drained(intake, 1)
    intake.open({CALLS: 10}, generation=3)
    await drained(intake)
    assert consumer.delivered == [10, 11, 12, 13, 14]


async def test_nothing_is_handed_over_before_the_places_of_this_generation_are_known(consumer):
    """It would vanish: recovery empties the agents' queues when it lets the flow go on."""
    intake = Intake(consumer)
    await drained(intake, 1)
    assert consumer.delivered == []


async def test_what_was_fetched_in_a_generation_that_is_gone_is_read_again(consumer):
    intake, fetch = Intake(consumer), consumer.fetch
    intake.open({CALLS: 10}, generation=3)

    async def before_the_rebalance(active, timeout_s):
        consumer.fetch = fetch
        return Fetched(await fetch(active, timeout_s), generation=2)

    consumer.fetch = before_the_rebalance
    await drained(intake, 1)
    assert consumer.delivered == []
    await drained(intake)
    assert consumer.delivered == [10, 11, 12, 13, 14]


async def test_what_is_fetched_while_the_group_rebalances_is_read_again(consumer):
    intake = Intake(consumer)
    intake.open({CALLS: 12}, generation=3)
    consumer.position, consumer.app.rebalancing = 12, True
    await drained(intake, 1)
    consumer.app.rebalancing = False
    await drained(intake)
    assert consumer.delivered == [12, 13, 14]


async def test_nothing_is_delivered_twice(consumer):
    intake = Intake(consumer)
    intake.open({CALLS: 10}, generation=3)
    await drained(intake)
    consumer.position = 11
    await drained(intake)
    assert consumer.delivered == [10, 11, 12, 13, 14]


async def test_events_of_a_later_edition_carry_larger_offsets_and_are_sought_by_kafkas_own(consumer):
    intake = Intake(consumer)
    await consumer.seek_all({CALLS: 10})
    await drained(intake, 1)
    intake.open({CALLS: counted_on(10, 2)}, generation=3)
    await drained(intake)
    assert consumer.delivered == [counted_on(offset, 2) for offset in range(10, 15)]


async def test_events_removed_while_they_were_waited_for_are_told_and_the_next_are_read(consumer):
    intake = Intake(consumer)
    intake.open({CALLS: 4}, generation=3)
    consumer.position = 4
    await drained(intake)
    assert consumer.delivered == [10, 11, 12, 13, 14]
    assert [(loss.what, loss.events) for loss in consumer.told] == [(What.EXPIRED, 6)]


async def test_events_removed_are_told_once_however_long_kafka_does_not_say_where_it_begins(consumer):
    """An outage at that moment neither ends the worker nor hides the loss."""
    intake, asked = Intake(consumer), iter([KafkaTimeoutError(), KafkaTimeoutError()])

    async def earliest_offsets(tp):
        for error in asked:
            raise error
        return {tp: consumer.first}

    consumer.earliest_offsets = earliest_offsets
    intake.open({CALLS: 4}, generation=3)
    consumer.position = 4
    await drained(intake, 5)
    assert consumer.delivered == [10, 11, 12, 13, 14]
    assert [(loss.what, loss.events) for loss in consumer.told] == [(What.EXPIRED, 6)]


async def test_a_gap_seen_as_the_group_moves_on_is_left_to_the_next_generation(consumer):
    """Which compares its place with the start of the topic, and would tell the same events a second time."""
    intake = Intake(consumer)

    async def earliest_offsets(tp):
        consumer.app.consumer_generation_id = 4
        return {tp: consumer.first}

    consumer.earliest_offsets = earliest_offsets
    intake.open({CALLS: 4}, generation=3)
    consumer.position = 4
    await drained(intake)
    assert (consumer.delivered, consumer.told) == ([], [])


async def test_a_gap_inside_a_topic_is_no_loss(consumer):
    intake = Intake(consumer)
    intake.open({CALLS: 4}, generation=3)
    consumer.position = consumer.first = 4
    consumer.fetch = skipping(consumer.fetch, {4, 5, 6})
    await drained(intake)
    assert consumer.delivered[0] == 7
    assert consumer.told == []


def skipping(fetch, gone):
    async def fetched(*arguments):
        found = await fetch(*arguments)
        return Fetched({tp: [r for r in records if r.offset not in gone] for tp, records in found.items()}, 3)

    return fetched


async def test_a_broker_that_jumps_back_is_suspected_once_and_nothing_of_it_is_delivered(consumer):
    intake = Intake(consumer)
    consumer.first = 0
    intake.open({CALLS: 40}, generation=3)
    consumer.position = 40
    await drained(intake)
    consumer.position = 0
    await drained(intake)
    assert (consumer.delivered, consumer.jumped, consumer.looks) == ([], {CALLS}, 1)


async def test_nothing_is_read_while_too_much_waits_for_a_commit(consumer):
    intake = Intake(consumer)
    intake.open({CALLS: 10}, generation=3)
    consumer.full = True
    await drained(intake)
    assert consumer.delivered == []
    consumer.full = False
    await drained(intake)
    assert consumer.delivered == [10, 11, 12, 13, 14]
