"""What a running worker does beyond counting; for every broker, with its `line`."""

import json
import zlib
from collections.abc import Callable

from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.current.connection import connect
from callpulse.current.fields import Reading
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader
from callpulse.stream.core import events as ev
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of
from tests.line import MONTHS, Line
from tests.waiting import until_async

NOON = 1_795_348_800_000
MakeLine = Callable[..., Line]


def call(kind: type, at_s: float, queue: str, contact: str, **more: object) -> ev.Call:
    event: ev.Call = kind(at=NOON + round(at_s * 1000), queue=queue, contact_id=contact, **more)
    return event


async def test_a_visit_that_nobody_ends_is_lost_by_age_until_its_true_outcome_comes(make_line: MakeLine) -> None:
    async with make_line({**MONTHS, "CALLPULSE_WORKER_MAX_WAIT": "60s"}) as line:
        line.start_worker()
        await line.send([call(ev.Enqueued, 0, "sales", "1"), call(ev.Enqueued, 30, "sales", "2")], NOON + 59_000)
        waiting = (await line.values(("sales",), NOON + 59_000))["sales"]
        assert waiting.number("now", "contacts_waiting") == 2
        assert waiting.number("now", "longest_wait_start_ms") == NOON
        await line.send([], NOON + 61_000)
        lost = await line.total({"offered": 2, "lost": 1})
        assert lost.number("all", "lost.age") == 1
        assert lost.number("now", "contacts_waiting") == 1
        assert lost.number("all", "ledger_residual") == 0
        await line.send([call(ev.Connected, 55, "sales", "1", wait_s=55.0)], NOON + 62_000)
        found = await line.total({"offered": 2, "lost": 0, "answered": 1})
        assert found.number("all", "asa_s") == 55.0


async def test_people_who_serve_two_queues_are_counted_once(make_line: MakeLine) -> None:
    async with make_line() as line:
        line.start_worker()
        staff = [
            ev.AgentState(at=NOON, agent=name, state=state, queues=("sales", "support"))
            for name, state in (("7001", "ready"), ("7002", "talking"))
        ]
        calls = [call(ev.Enqueued, 1, "sales", "1"), call(ev.Enqueued, 1, "support", "2")]
        await line.send([*staff, *calls], NOON + 10_000)

        async def told() -> Reading | None:
            total = await line.total({"offered": 2})
            return total if total.number("now", "agents.ready") == 1 else None

        total = await until_async(told, "an agent who is ready", 30)
        found = await line.values(("sales", "support"), NOON + 10_000)
        assert [total.number("now", f"agents.{state}") for state in ("ready", "talking")] == [1, 1]
        for queue in ("sales", "support"):
            assert found[queue].number("now", "agents.ready") == 1
            assert found[queue].value("5m", "occupancy").value == 0.5
            assert found[queue].value("5m", "occupancy").n == 20


async def test_redis_that_was_away_gets_the_newest_values_when_it_is_back(make_line: MakeLine) -> None:
    """The key vanishes (as after a restart of Redis) and comes back within a cadence, whatever its version was."""
    async with make_line() as line:
        line.start_worker()
        await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON + 1000)
        await line.values(("sales",), NOON + 1000)
        async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
            keys = Keys(line.name)
            await client.delete(keys.of("queue", "sales"), keys.of("total", "total"))
            found = await line.values(("sales",), NOON + 1000)
            assert found["sales"].number("all", "offered") == 1
            agents = await client.get(keys.of("queue", "sales", "agents"))
            rows = json.loads(await client.get(keys.of("queue", "sales", "intervals")))
            worst = json.loads(await client.get(keys.of("queue", "sales", "worst")))
            spark = json.loads(await client.get(keys.of("queue", "sales", "spark")))
        assert json.loads(agents) == []
        assert rows[-1]["offered"] == 1
        assert rows[-1]["provisional"]
        assert worst[0]["outcome"] == "waiting"
        assert spark["offered"][-1] == 1
        assert spark["service_level"][-1] is None


def librdkafka_default(key: bytes, partitions: int) -> int:
    """Where librdkafka puts a record with a key unless told otherwise (`consistent_random`)."""
    return zlib.crc32(key) % partitions


async def test_a_producer_with_librdkafka_s_default_partitioner_is_named_and_harms_nobody(make_line: MakeLine) -> None:
    """Its records are refused, counted and set aside; the worker says what to change and is not ready; the others'
    figures stay exact, also in the very queues that it writes."""
    queues = [f"queue {n}" for n in range(12)]
    strays = {q: librdkafka_default(q.encode(), 4) for q in queues}
    wrong = {q: p for q, p in strays.items() if p != partition_of(q, 4)}
    assert 6 <= len(wrong) < 12
    healthy = [call(ev.Enqueued, n, q, f"{q}/{n}") for q in queues for n in range(5)]
    healthy += [call(ev.Connected, n + 20, q, f"{q}/{n}", wait_s=20.0) for q in queues for n in range(5)]
    async with make_line() as line:
        line.start_worker()
        calls = kafka.topic(line.settings.kafka, "calls")
        await line.send(healthy[: len(healthy) // 2], NOON)
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            for queue, partition in strays.items():
                event = encode(call(ev.Abandoned, 1, queue, "from librdkafka", wait_s=1.0))
                await producer.send_and_wait(calls, event, key=queue.encode(), partition=partition)
        await line.send(healthy[len(healthy) // 2 :], NOON + 60_000)
        found = await line.values(queues, NOON + 60_000)
        for queue in queues:
            counts = [found[queue].number("all", name) for name in ("offered", "answered", "abandoned", "wait_sum_s")]
            assert counts == [5 + (queue not in wrong), 5, int(queue not in wrong), 100]
        await assert_wrongly_keyed(line, wrong)


async def assert_wrongly_keyed(line: Line, wrong: dict[str, int]) -> None:
    status, text = line.get("/readyz")
    assert status == 503
    assert text.startswith(f"wrongly keyed producer: {line.name}.calls: {len(wrong)} records of {len(wrong)} queues ")
    assert any(
        f"queue {q!r}, key {q!r}, came in partition {p} and belongs to {partition_of(q, 4)}, as librdkafka chooses by "
        "default: set partitioner=murmur2_random (or murmur2) in that producer" in text
        for q, p in wrong.items()
    )
    assert "wrongly keyed producer" in line.log()
    refused = f'callpulse_events_rejected_total{{reason="wrong_partition",topic="{line.name}.calls"}} '
    assert refused + f"{len(wrong)}.0" in line.get("/metrics")[1]
    kept = [json.loads(record.value) for record in await line.records(f"{line.name}.rejected")]
    assert {(each["key"], each["partition"], each["reason"]) for each in kept} == {
        (queue, partition, "wrong_partition") for queue, partition in wrong.items()
    }


async def test_the_reader_of_a_line_sees_its_sources(make_line: MakeLine) -> None:
    async with make_line() as line:
        line.start_worker()
        await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON + 1000)
        await line.values(("sales",), NOON + 1000)
        async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
            assert (await Reader(client, Keys(line.name)).read()).heartbeats_ms == {"test": NOON + 1000}
