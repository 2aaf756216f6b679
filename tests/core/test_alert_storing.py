"""The topic of alerts: whose record is believed, what is written over, and what one bad record holds up."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from bench.sizes import sizes
from callpulse.alerts.core.held import Fact
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.storing import FORGOTTEN_MS, AlertTopic, stored

NOW = 1_795_348_800_000
MUTE = Mute("m1", "*", "sales", "Ans", "drill", NOW, NOW + 60_000)


class Producer:
    """Takes records of up to 400 bytes, or nothing at all."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.away = False

    async def send(self, topic: str, value: bytes | None, key: bytes) -> "asyncio.Future[None]":
        if len(value or b"") > 400:
            raise MessageSizeTooLargeError
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.away:
            ack.set_exception(KafkaConnectionError("away"))
        else:
            place = len(self.log)
            self.log.append(SimpleNamespace(topic=topic, partition=0, offset=place, key=key, value=value))
            ack.set_result(None)
        return ack


class Rig:
    def __init__(self) -> None:
        self.producer, self.now_ms = Producer(), NOW

    def topic(self, generation: int) -> AlertTopic:
        return AlertTopic(self.producer, "alerts", generation, lambda: self.now_ms, 30_000)  # type: ignore[arg-type]

    async def writes(self, topic: AlertTopic, mute: Mute | None, key: str = "mute:m1") -> Any:
        topic.put(Fact(key, mute))
        await topic.flush()
        return self.producer.log[-1]

    def reads(self, topic: AlertTopic) -> dict[str, Any]:
        found = [topic.read(record) for record in self.producer.log]
        return dict(stored(dict(each for each in found if each is not None)))


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_the_newest_record_of_a_key_is_the_state(rig: Rig) -> None:
    first = rig.topic(1)
    await rig.writes(first, MUTE)
    later = msgspec.structs.replace(MUTE, why="still")
    await rig.writes(first, later)
    assert rig.reads(rig.topic(2)) == {"m1": later}
    await rig.writes(first, None)
    assert rig.reads(rig.topic(2)) == {}


async def test_what_a_frozen_worker_writes_late_is_not_believed_and_is_written_over(rig: Rig) -> None:
    frozen, successor = rig.topic(1), rig.topic(2)
    await rig.writes(frozen, MUTE)
    rig.reads(successor)
    successor.take_over()
    await rig.writes(successor, None)
    late = await rig.writes(frozen, MUTE)
    assert rig.reads(rig.topic(3)) == {}
    assert successor.read(late) is None
    assert list(successor.unsent) == ["mute:m1"]
    await successor.flush()
    rig.producer.log = rig.producer.log[-1:]  # as compaction leaves it
    assert rig.reads(rig.topic(3)) == {}


async def test_of_what_was_only_read_a_frozen_worker_has_no_say_either(rig: Rig) -> None:
    frozen, successor = rig.topic(1), rig.topic(2)
    await rig.writes(frozen, MUTE)
    assert rig.reads(successor) == {"m1": MUTE}
    successor.take_over()
    for late in (await rig.writes(frozen, None), await rig.writes(frozen, MUTE, "mute:new")):
        assert successor.read(late) is None
    await successor.flush()
    assert rig.reads(rig.topic(3)) == {"m1": MUTE}
    rig.producer.log = rig.producer.log[-2:]  # as compaction leaves it
    assert rig.reads(rig.topic(3)) == {"m1": MUTE}


async def test_a_group_that_counts_from_one_again_is_believed_after_a_silence(rig: Rig) -> None:
    await rig.writes(rig.topic(7), MUTE)
    rig.now_ms += 60_000
    await rig.writes(rig.topic(1), None)
    assert rig.reads(rig.topic(2)) == {}


async def test_a_record_that_is_too_large_holds_up_no_other(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    topic = rig.topic(1)
    topic.put(Fact("mute:large", msgspec.structs.replace(MUTE, id="large", why="x" * 500)))
    await rig.writes(topic, MUTE)
    assert not topic.unsent
    assert rig.reads(rig.topic(2)) == {"m1": MUTE}
    assert "alerts: the record of 'mute:large' is larger than the broker takes; it is left out" in caplog.text


async def test_what_kafka_does_not_take_waits_until_it_does(rig: Rig) -> None:
    topic = rig.topic(1)
    rig.producer.away = True
    with pytest.raises(KafkaConnectionError):
        await rig.writes(topic, MUTE)
    assert list(topic.unsent) == ["mute:m1"]
    rig.producer.away = False
    await topic.flush()
    assert rig.reads(rig.topic(2)) == {"m1": MUTE}


async def test_what_was_forgotten_for_a_day_is_taken_out_of_the_topic_too(rig: Rig) -> None:
    topic = rig.topic(1)
    await rig.writes(topic, MUTE)
    await rig.writes(topic, None)
    rig.now_ms += FORGOTTEN_MS - 1
    await rig.writes(topic, MUTE, "mute:m2")
    assert [record.key for record in rig.producer.log if record.value is None] == []
    rig.now_ms += 1
    await rig.writes(topic, MUTE, "mute:m2")
    assert [record.key for record in rig.producer.log if record.value is None] == [b"mute:m1"]
    assert rig.reads(rig.topic(2)) == {"m2": MUTE}


async def test_who_takes_over_takes_out_what_others_forgot(rig: Rig) -> None:
    await rig.writes(rig.topic(1), None)
    rig.now_ms += FORGOTTEN_MS
    successor = rig.topic(2)
    rig.reads(successor)
    await rig.writes(successor, MUTE, "mute:m2")
    assert [record.key for record in rig.producer.log if record.value is None] == [b"mute:m1"]


async def test_what_comes_back_after_it_was_forgotten_stays(rig: Rig) -> None:
    topic = rig.topic(1)
    await rig.writes(topic, None)
    await rig.writes(topic, MUTE)
    rig.now_ms += FORGOTTEN_MS
    await rig.writes(topic, MUTE, "mute:m2")
    assert all(record.value is not None for record in rig.producer.log)
    assert rig.reads(rig.topic(2)) == {"m1": MUTE, "m2": MUTE}


async def test_what_a_frozen_worker_takes_out_late_is_written_again(rig: Rig) -> None:
    frozen, successor = rig.topic(1), rig.topic(2)
    await rig.writes(frozen, None)
    rig.reads(successor)
    successor.take_over()
    await rig.writes(successor, MUTE)
    rig.now_ms += FORGOTTEN_MS
    await rig.writes(frozen, MUTE, "mute:m2")
    late = next(record for record in rig.producer.log if record.value is None)
    assert successor.read(late) is None
    assert list(successor.unsent) == ["mute:m1"]


async def test_a_topic_holds_no_more_after_weeks_of_mutes(rig: Rig) -> None:
    topic = rig.topic(1)
    held = []
    for n in range(21 * 24):
        await rig.writes(topic, MUTE, f"mute:{n}")
        await rig.writes(topic, None, f"mute:{n}")
        rig.now_ms += 3_600_000
        held.append(sizes({"topic": topic})[0].total())
    assert held[-1] == held[48]


@pytest.mark.parametrize(
    "value", [b"", b"{", b"null", b'{"v":1}', b'{"v":1,"version":[1,1],"written_at_ms":0,"value":7}']
)
def test_what_nobody_understands_is_left_alone(rig: Rig, value: bytes) -> None:
    for key in (b"mute:m1", b"nonsense", None, b"\xff"):
        record = SimpleNamespace(topic="alerts", partition=0, offset=3, key=key, value=value)
        assert rig.topic(1).read(record) is None
