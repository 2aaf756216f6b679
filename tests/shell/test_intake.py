"""What is fetched at a moment when it cannot be delivered is read again, also if nothing new ever comes."""

from collections import Counter, namedtuple
from types import SimpleNamespace

import pytest
from faust.types import TP

from callpulse.stream.transport.intake import Intake
from callpulse.stream.transport.thread import Fetched

Record = namedtuple("Record", "offset timestamp timestamp_type", defaults=(0, 0))
CALLS = TP("calls", 2)


class Consumer:
    """A consumer of one partition whose broker holds offsets 10 to 14; `position` moves with each fetch."""

    def __init__(self):
        self.app = SimpleNamespace(
            consumer_generation_id=3,
            rebalancing=False,
            sources={"calls": None},
            tables=SimpleNamespace(changelog_topics=set()),
        )
        self._thread, self.counts, self.flow_active = self, Counter(), True
        self.suspend_flow = None
        self.position, self.delivered = 10, []

    def assignment(self):
        return {CALLS}

    def _get_active_partitions(self):
        return {CALLS}

    async def seek_all(self, offsets):
        self.position = offsets[CALLS]

    async def fetch(self, active, timeout_s):
        found = [Record(offset) for offset in range(self.position, 15)]
        self.position = 15
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
