"""A growing queue_log reaches Kafka: every event once per acknowledged batch, keyed, with heartbeats, over
restarts."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.partitioner import murmur2

from callpulse.demo.children import free_port
from callpulse.sources.produce import ProduceError
from callpulse.sources.queue_log import QueueLog
from callpulse.sources.run import follow_queue_log
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import AgentState, Rejected
from callpulse.stream.core.wire import decode_agent, decode_call

LOG = Path(__file__).parents[2] / "examples/asterisk/queue_log"
PARTITIONS = 4
_number = itertools.count()


@pytest.fixture
async def topics(embedded_broker: str) -> tuple[str, str]:
    number = next(_number)
    names = f"source-calls-{number}", f"source-agents-{number}"
    admin = AIOKafkaAdminClient(bootstrap_servers=embedded_broker)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
    await admin.close()
    return names


class Source:
    """`callpulse source` as a task, and what it said."""

    def __init__(self, broker: str, topics: tuple[str, str], log: Path) -> None:
        self.broker, self.topics, self.log = broker, topics, log
        self.said: list[str] = []
        self.heard = asyncio.Event()

    def say(self, message: str) -> None:
        self.said.append(message)
        self.heard.set()

    async def run(self, stop: asyncio.Event) -> None:
        await follow_queue_log(
            self.log,
            self.log.with_name("position.json"),
            {"bootstrap_servers": self.broker},
            source="pbx",
            calls_topic=self.topics[0],
            agents_topic=self.topics[1],
            idempotent=False,
            stop=stop,
            say=self.say,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def records(broker: str, topic: str, until: Any) -> list[Any]:
    """The topic's records from its beginning until `until(records)` holds."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, p) for p in range(PARTITIONS)])
        await consumer.seek_to_beginning()
        got: list[Any] = []
        async with asyncio.timeout(15):
            while not until(got):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    got += batch
        return got
    finally:
        await consumer.stop()


def beats(got: list[Any]) -> list[Any]:
    return [r for r in got if b'"heartbeat"' in r.value]


def facts(got: list[Any]) -> list[Any]:
    return [r for r in got if b'"heartbeat"' not in r.value]


def expected(lines: list[str]) -> tuple[list[Any], list[Any]]:
    log = QueueLog()
    events = [e for line in lines for e in log.feed(line) if not isinstance(e, Rejected)]
    return [e for e in events if not isinstance(e, AgentState)], [e for e in events if isinstance(e, AgentState)]


async def test_two_runs_send_every_event_once_in_its_partition(
    embedded_broker: str, topics: tuple[str, str], tmp_path: Path
) -> None:
    lines = LOG.read_text().splitlines()
    log = tmp_path / "queue_log"
    log.write_text("\n".join(lines[:1000]) + "\n")
    source = Source(embedded_broker, topics, log)
    async with source.running():
        await records(embedded_broker, topics[0], lambda got: len(beats(got)) >= PARTITIONS)
    with log.open("a") as file:
        file.write("\n".join(lines[1000:]) + "\n")
    calls, agents = expected(lines)
    async with source.running():
        got = await records(embedded_broker, topics[0], lambda got: len(facts(got)) >= len(calls))
        got_agents = await records(embedded_broker, topics[1], lambda got: len(got) >= len(agents))
    sent: list[Any] = [decode_call(r.value) for r in facts(got)]
    states: list[Any] = [decode_agent(r.value) for r in got_agents]
    assert {e.source for e in sent} == {"pbx"}
    for queue in ("sales", "support"):
        mine = [(e.at, type(e), e.contact_id) for e in sent if e.queue == queue]
        assert mine == [(e.at, type(e), e.contact_id) for e in calls if e.queue == queue]
    assert len(got_agents) == len(agents)
    assert {e.agent for e in states} == {e.agent for e in agents}
    for record in facts(got) + got_agents:
        assert record.partition == (murmur2(record.key) & 0x7FFFFFFF) % PARTITIONS
    assert {r.partition for r in beats(got)} == set(range(PARTITIONS))
    assert {r.key for r in beats(got)} == {b"pbx"}
    assert source.said == []


async def test_refused_lines_and_a_missing_log_are_said(
    embedded_broker: str, topics: tuple[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "queue_log"
    source = Source(embedded_broker, topics, log)
    async with source.running():
        await asyncio.wait_for(source.heard.wait(), 10)
        log.write_text("soon|1.1|sales|NONE|ENTERQUEUE||0612345678|1\n")
        await records(embedded_broker, topics[0], lambda got: len(beats(got)) >= PARTITIONS)
    assert source.said == [
        f"{log}: does not exist; waiting for it",
        f"{log}: line 1: bad_line: 1 (time) not a number; expected seconds since 1970",
        f"{log}: is there",
    ]


async def test_topics_that_do_not_exist_end_it_with_a_sentence(embedded_broker: str, tmp_path: Path) -> None:
    source = Source(embedded_broker, ("source-none", "source-none-either"), tmp_path / "queue_log")
    said = r"no topic 'source-none' at .*create the topics with `callpulse topics`"
    with pytest.raises(ProduceError, match=said):
        await source.run(asyncio.Event())


async def test_told_to_stop_while_kafka_is_away_it_stops(tmp_path: Path) -> None:
    source, stop = Source(f"127.0.0.1:{free_port()}", ("a", "b"), tmp_path / "queue_log"), asyncio.Event()
    running = asyncio.create_task(source.run(stop))
    await asyncio.wait_for(source.heard.wait(), 10)
    stop.set()
    async with asyncio.timeout(2):
        await running


async def test_a_position_file_that_is_none_ends_it_before_anything_is_connected(tmp_path: Path) -> None:
    (tmp_path / "position.json").write_text("{")
    with pytest.raises(SourceError, match="Remove the file"):
        await Source("127.0.0.1:1", ("a", "b"), tmp_path / "queue_log").run(asyncio.Event())
