"""A simulated minute reaches Kafka whole: every event once, and a heartbeat in every partition every second."""

import asyncio
from collections import Counter
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from callpulse.clock import now_ms
from callpulse.simulator.run import Plan, planned, run, starts_at
from callpulse.simulator.traffic import simulate
from callpulse.stream.core.events import Heartbeat
from callpulse.stream.core.wire import decode_agent, decode_call, encode

CALLS, AGENTS, PARTITIONS = "simulated-calls", "simulated-agents", 4


async def test_a_simulated_minute_reaches_kafka_whole(embedded_broker: str) -> None:
    client = {"bootstrap_servers": embedded_broker}
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in (CALLS, AGENTS)])
    await admin.close()
    plan = Plan(
        speed=None, duration_s=60, warmup_s=60, client=client, idempotent=False, calls_topic=CALLS, agents_topic=AGENTS
    )
    told = await run(plan, now_ms=now_ms, sleep=asyncio.sleep)
    scenario = planned(plan)
    start_ms = starts_at(plan, scenario, 0)
    expected = Counter(encode(event) for event in simulate(scenario, start_ms, 1, 60))
    found: Counter[bytes] = Counter()
    beats: Counter[int] = Counter()
    for record in await _records(client, told.events + told.heartbeats * PARTITIONS):
        event: Any = (decode_call if record.topic == CALLS else decode_agent)(record.value)
        if isinstance(event, Heartbeat):
            beats[record.partition] += 1
        else:
            found[record.value] += 1
    assert found == expected
    assert beats == dict.fromkeys(range(PARTITIONS), 61)


async def _records(client: dict[str, Any], count: int) -> list[Any]:
    consumer = AIOKafkaConsumer(**client, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, p) for topic in (CALLS, AGENTS) for p in range(PARTITIONS)])
        await consumer.seek_to_beginning()
        got: list[Any] = []
        async with asyncio.timeout(5):
            while len(got) < count:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    got += batch
        return got
    finally:
        await consumer.stop()
