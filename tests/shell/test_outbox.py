"""Records a cut waits for: kept until the broker has them, tried again when it refuses."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from callpulse.stream.outbox import Outbox

CALLS = ("calls", 0)


class Broker:
    """Acknowledges what is sent, or fails the next `failures` of them."""

    def __init__(self) -> None:
        self.had: list[tuple[str, bytes | None, bytes]] = []
        self.failures = 0
        self.away = self.slow = False
        self.acks: list[asyncio.Future[None]] = []

    async def send(self, topic: str, *, value: bytes, key: bytes | None, partition: int | None) -> Any:
        if self.away:
            raise KafkaConnectionError("away")
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.slow:
            self.acks.append(ack)
        elif self.failures:
            self.failures -= 1
            ack.set_exception(KafkaTimeoutError("refused"))
        else:
            self.had.append((topic, key, value))
            ack.set_result(None)
        return ack


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def outbox(broker: Broker) -> Outbox:
    return Outbox(broker)  # type: ignore[arg-type]  # it sends like one


async def test_settled_is_with_the_broker_in_order(outbox: Outbox, broker: Broker) -> None:
    outbox.add(CALLS, "t", b"a", b"1")
    outbox.add(CALLS, "t", None, b"2")
    await outbox.settle(CALLS)
    assert broker.had == [("t", b"a", b"1"), ("t", None, b"2")]
    assert outbox.waiting(CALLS) == 0


async def test_what_was_posted_is_not_sent_again(outbox: Outbox, broker: Broker) -> None:
    outbox.add(CALLS, "t", None, b"1")
    await outbox.post(CALLS)
    await outbox.settle(CALLS)
    assert len(broker.had) == 1


async def test_a_refused_record_raises_and_is_tried_again_alone(outbox: Outbox, broker: Broker) -> None:
    outbox.add(CALLS, "t", None, b"1")
    outbox.add(CALLS, "t", None, b"2")
    broker.failures = 1
    with pytest.raises(KafkaTimeoutError):
        await outbox.settle(CALLS)
    assert outbox.waiting(CALLS) == 1
    await outbox.settle(CALLS)
    assert [value for _, _, value in broker.had] == [b"2", b"1"]


async def test_a_broker_that_is_away_keeps_a_cut_waiting(outbox: Outbox, broker: Broker) -> None:
    outbox.add(CALLS, "t", None, b"1")
    broker.away = True
    with pytest.raises(KafkaConnectionError):
        await outbox.settle(CALLS)
    broker.away = False
    await outbox.settle(CALLS)
    assert len(broker.had) == 1


async def test_origins_do_not_wait_for_each_other(outbox: Outbox, broker: Broker) -> None:
    outbox.add(CALLS, "t", None, b"1")
    await outbox.settle(("calls", 1))
    assert outbox.waiting(CALLS) == 1


async def test_a_lost_partition_s_records_are_its_new_owner_s(outbox: Outbox, broker: Broker) -> None:
    outbox.add(CALLS, "t", None, b"1")
    outbox.drop(CALLS)
    await outbox.settle(CALLS)
    assert broker.had == []


async def test_a_wait_that_is_cut_short_cancels_nothing(outbox: Outbox, broker: Broker) -> None:
    """As when a rebalance gives the last commit only so long."""
    broker.slow = True
    outbox.add(CALLS, "t", None, b"1")
    settling = asyncio.create_task(outbox.settle(CALLS))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    settling.cancel()
    await asyncio.gather(settling, return_exceptions=True)
    [ack] = broker.acks
    assert not ack.cancelled()
    ack.set_result(None)
    await outbox.settle(CALLS)
    assert len(broker.acks) == 1


async def test_an_acknowledgement_that_was_cancelled_is_no_acknowledgement(outbox: Outbox, broker: Broker) -> None:
    broker.slow = True
    outbox.add(CALLS, "t", None, b"1")
    await outbox.post(CALLS)
    broker.acks[0].cancel()
    with pytest.raises(KafkaError):
        await outbox.settle(CALLS)
    broker.slow = False
    await outbox.settle(CALLS)
    assert len(broker.had) == 1
