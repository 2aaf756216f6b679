"""The kpis topic: what Kafka does not take is sent again, unless something newer of the same key went after it."""

import asyncio
import gc
from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from callpulse.stream.kpi_topic import KpiTopic
from callpulse.stream.pseudonyms import AgentNames


class Kafka:
    """Takes every record at once and acknowledges it when it is told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any, asyncio.Future[None]]] = []

    async def send(self, topic: str, value: bytes, key: bytes) -> "asyncio.Future[None]":
        ack = asyncio.get_running_loop().create_future()
        self.sent.append((key.decode(), msgspec.json.decode(value), ack))
        return ack

    async def answers(self, error: Exception | None = None) -> list[tuple[str, Any]]:
        """To all that it has; returns that."""
        had, self.sent = self.sent, []
        for _, _, ack in had:
            ack.set_result(None) if error is None else ack.set_exception(error)
        await asyncio.sleep(0)
        return [(key, value) for key, value, _ in had]


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def topic(kafka: Kafka) -> KpiTopic:
    return KpiTopic(kafka, "kpis", None, writer="w", names=AgentNames(shown=True))  # type: ignore[arg-type]  # totals alone


async def test_a_record_that_expired_is_sent_again(topic: KpiTopic, kafka: Kafka) -> None:
    topic.send_total("total", {"n": 1})
    await topic.flush()
    assert await kafka.answers(KafkaTimeoutError()) == [("total", {"n": 1})]
    await topic.flush()
    assert await kafka.answers() == [("total", {"n": 1})]
    await topic.flush()
    assert await kafka.answers() == [], "once it is there, it is sent no more"


async def test_not_when_a_newer_one_waits(topic: KpiTopic, kafka: Kafka) -> None:
    topic.send_total("total", {"n": 1})
    await topic.flush()
    topic.send_total("total", {"n": 2})
    await kafka.answers(KafkaTimeoutError())
    await topic.flush()
    assert await kafka.answers() == [("total", {"n": 2})]


async def test_nor_when_a_newer_one_is_on_its_way(topic: KpiTopic, kafka: Kafka) -> None:
    """After it, the older one would be what compaction keeps."""
    for n in (1, 2):
        topic.send_total("total", {"n": n})
        await topic.flush()
    (_, _, first), (_, _, second) = kafka.sent
    first.set_exception(KafkaTimeoutError())
    second.set_result(None)
    await asyncio.sleep(0)
    kafka.sent.clear()
    await topic.flush()
    assert kafka.sent == []


async def test_nor_when_no_broker_would_ever_take_it(
    topic: KpiTopic, kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    topic.send_total("total", {"n": 1})
    await topic.flush()
    await kafka.answers(MessageSizeTooLargeError())
    await topic.flush()
    assert kafka.sent == []
    assert "the record of 'total' is larger than the broker takes" in caplog.text


async def test_no_error_is_left_for_asyncio_to_complain_of(
    topic: KpiTopic, kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    topic.send_total("total", {"n": 1})
    await topic.flush()
    await kafka.answers(KafkaTimeoutError())
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_one_that_nobody_waits_for_any_more_is_forgotten(topic: KpiTopic, kafka: Kafka) -> None:
    topic.send_total("total", {"n": 1})
    await topic.flush()
    kafka.sent.pop()[2].cancel()
    await asyncio.sleep(0)
    await topic.flush()
    assert kafka.sent == []
