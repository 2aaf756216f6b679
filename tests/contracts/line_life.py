"""What a running worker does beyond counting; for every broker, with its `line`."""

import asyncio
import json
from collections.abc import Callable

from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader
from callpulse.stream.core import events as ev
from callpulse.stream.partitioning import partition_of
from tests.line import MONTHS, Line

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
        total = await line.total({"offered": 2})
        async with asyncio.timeout(30):
            while total.number("now", "agents.ready") != 1:
                await asyncio.sleep(0.05)
                total = await line.total({"offered": 2})
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


async def test_wrongly_keyed_records_are_refused_named_and_keep_the_worker_from_being_ready(
    make_line: MakeLine,
) -> None:
    async with make_line() as line:
        line.start_worker()
        calls = kafka.topic(line.settings.kafka, "calls")
        right = partition_of("sales", 4)
        await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON)
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            wrong = ev.encode(call(ev.Enqueued, 1, "sales", "2"))
            await producer.send_and_wait(calls, wrong, key=b"sales", partition=(right + 1) % 4)
        await line.send([], NOON + 5000)
        found = await line.values(("sales",), NOON + 5000)
        assert found["sales"].number("all", "offered") == 1
        status, text = line.get("/readyz")
        assert status == 503
        assert "'sales'" in text


async def test_the_reader_of_a_line_sees_its_sources(make_line: MakeLine) -> None:
    async with make_line() as line:
        line.start_worker()
        await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON + 1000)
        await line.values(("sales",), NOON + 1000)
        async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
            assert (await Reader(client, Keys(line.name)).read()).heartbeats_ms == {"test": NOON + 1000}
