"""What a worker makes of records that should not be, of queues with impossible names, and of brokers and Redis servers
that are away, come late or die. On the embedded parts."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from callpulse import clock, kafka
from callpulse.stream.core.limits import MAX_FACTS
from callpulse.stream.partitioning import partition_of
from callpulse.stream.pseudonyms import AgentNames
from tests.line import Line, numbers
from tests.waiting import until_async

SOON_S = 15.0
ODD_NAMES = [
    "<script>alert(1)</script>",
    "[red]x[/red]",
    "\u202edesrever",
    "a\x00b",
    "a\nb",
    "📞" * 50,
    "q{1}",
    "q*?[a]",
    "ة" * 200,
    "'; DROP",
    "queue:x",
    " ",
    "..",
    "%n%s",
    "q" * 200,
    "total",
    "group:x",
    "everybody",
    "EVERYBODY",
    "*",
]
MakeLine = Callable[[], Line]


@pytest.fixture
def make_line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> MakeLine:
    return lambda: Line(embedded_broker, valkey_url, tmp_path, idempotent=False, settings={})


def record(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


class Feed:
    """Sends anything anywhere."""

    def __init__(self, line: Line, producer: AIOKafkaProducer) -> None:
        self.calls = kafka.topic(line.settings.kafka, "calls")
        self.agents = kafka.topic(line.settings.kafka, "agents")
        self._producer = producer

    async def put(self, topic: str, value: bytes | None, partition: int, key: bytes | None = None) -> None:
        await self._producer.send_and_wait(topic, value, key=b"k" if value is None else key, partition=partition)

    async def call(self, queue: str, contact_id: str, **fields: Any) -> None:
        value = record(queue=queue, contact_id=contact_id, **fields)
        await self._producer.send(self.calls, value, partition=partition_of(queue, 4))

    async def agent(self, agent: str, at: int, queues: list[str], state: str = "ready", off_by: int = 0) -> None:
        value = record(type="agent_state", at=at, agent=agent, state=state, queues=queues)
        await self.put(self.agents, value, (partition_of(agent, 4) + off_by) % 4)

    async def beat(self, at: int) -> None:
        await self._producer.flush()
        for partition in range(4):
            await self.put(self.calls, record(type="heartbeat", at=at, source="test"), partition)


async def ended(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, SOON_S)


# -- records


def broken(now: int) -> list[tuple[bytes | None, str, str]]:
    """A record, the reason of its refusal and the field at fault."""
    common = {"queue": "q", "contact_id": "bad"}
    entered = {"type": "enqueued", **common}
    left = {"type": "abandoned", **common}
    return [
        (None, "not_json", ""),
        (b"", "not_json", ""),
        (b"\0", "not_json", ""),
        (b'{"type":"enqueued"', "not_json", ""),
        (b'{"type":"abandoned","at":1,"queue":"q","contact_id":"1","wait_s":NaN}', "not_json", ""),
        (b'{"type":"enqueued","at":1,"queue":"q\\ud800","contact_id":"s"}', "not_json", ""),
        (b"[" * 50_000, "not_json", ""),
        (b"[]", "not_an_object", ""),
        (b"5", "not_an_object", ""),
        (b"x" * 900_000, "too_large", ""),
        (record(), "missing_field", "type"),
        (record(type="agent_state", at=now, agent="7", state="ready"), "unknown_type", "type"),
        (record(**entered), "missing_field", "at"),
        (record(**entered, at=-5), "bad_value", "at"),
        (record(**entered, at=True), "bad_value", "at"),
        (record(**entered, at="today"), "bad_value", "at"),
        (record(**entered, at=10**400), "bad_value", "at"),
        (record(**entered, at="2999-12-31T00:00:00Z"), "future", "at"),
        (record(**entered, at=now + 10**9), "future", "at"),
        (record(**left, at=0), "too_late", "at"),
        (record(**left, at=now, enqueued_at=now + 5000), "bad_value", "enqueued_at"),
        (record(**left, at=now, wait_s="NaN"), "bad_value", "wait_s"),
        (record(**left, at=now, wait_s="Infinity"), "bad_value", "wait_s"),
        (record(**left, at=now, wait_s=-1), "bad_value", "wait_s"),
        (record(**left, at=now, wait_s=1e300), "bad_value", "wait_s"),
        (record(type="enqueued", at=now, queue="", contact_id="1"), "bad_value", "queue"),
        (record(type="enqueued", at=now, queue="q" * 10_000, contact_id="1"), "bad_value", "queue"),
        (record(type="heartbeat", at=now + 10**9, source="test"), "future", "at"),
    ]


async def test_nothing_that_a_producer_sends_stops_the_worker_or_reaches_a_figure(make_line: MakeLine) -> None:
    now = clock.now_ms()
    bad, home = broken(now), partition_of("q", 4)
    async with make_line() as line:
        worker = line.start_worker()
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            feed = Feed(line, producer)
            await feed.beat(now)  # "too late" is by the feed's own clock
            for value, _, _ in bad:
                await feed.put(feed.calls, value, home)
            await feed.call("q", "strings", type="enqueued", at=str(now))  # numbers as texts, and no key: understood
            await feed.call("q", "strings", type="connected", at=str(now + 1000), wait_s="1.0")
            for name in ODD_NAMES:
                await feed.call(name, "c", type="enqueued", at=now)
                await feed.call(name, "c", type="connected", at=now + 500)
            for n in range(3):
                await feed.put(
                    feed.calls,
                    record(type="enqueued", at=now, queue="lost", contact_id=f"{n}"),
                    (partition_of("lost", 4) + 1) % 4,
                )
            for n in range(300):
                await feed.call("q", "many", type="held" if n % 2 else "resumed", at=now + n, agent="a")
            await feed.agent("strayed", now, ["q"], off_by=1)
            await feed.agent("here", now, [*ODD_NAMES, *(f"n{n}" for n in range(30)), "q"])
            await feed.agent("dancing", now, ["q"], state="dancing")
            await feed.agent("everywhere", now, [f"n{n:020}" for n in range(10_000)])
            await feed.beat(now + 2000)
        found = await line.values(["q", *ODD_NAMES], now + 2000)
        assert {name: numbers(found[name])["answered"] for name in ODD_NAMES} == dict.fromkeys(ODD_NAMES, 1)
        q = numbers(found["q"])
        assert [q[n] for n in ("offered", "answered", "abandoned", "wait_sum_s", "ledger_residual")] == [1, 1, 0, 1, 0]
        await line.total({"offered": len(ODD_NAMES) + 1})
        await assert_set_aside(line, bad, home)
        await assert_told(line)
        worker.send_signal(signal.SIGTERM)
        assert await ended(worker) == 0
        assert "Traceback" not in line.log()


async def assert_set_aside(line: Line, bad: list[tuple[bytes | None, str, str]], home: int) -> None:
    expected = Counter({(reason, field) for _, reason, field in bad})

    async def all_kept() -> list[Any]:
        found = [msgspec.json.decode(each.value) for each in await line.records(f"{line.name}.rejected")]
        return found if len(found) >= len(bad) + 3 + 3 + 300 - MAX_FACTS else []

    kept = await until_async(all_kept, "every bad record is set aside", 30)
    calls = f"{line.name}.calls"
    found = {k["offset"]: (k["reason"], k["field"]) for k in kept if (k["topic"], k["partition"]) == (calls, home)}
    assert [found[offset] for offset in range(1, len(bad) + 1)] == [(reason, field) for _, reason, field in bad]
    assert expected.keys() <= set(found.values())
    reasons = Counter((k["topic"].removeprefix(f"{line.name}."), k["reason"]) for k in kept)
    assert reasons["calls", "wrong_partition"] == 3
    assert reasons["calls", "too_many_facts"] == 300 - MAX_FACTS
    assert reasons["agents", "wrong_partition"] == reasons["agents", "bad_value"] == reasons["agents", "too_large"] == 1


async def assert_told(line: Line) -> None:
    """Metrics count it, readiness names who is wrongly keyed, and the board bears the names."""
    status, metrics = line.get("/metrics")
    assert status == 200
    calls = f'topic="{line.name}.calls"'
    assert f'callpulse_events_rejected_total{{reason="wrong_partition",{calls}}} 3.0' in metrics
    assert 'queue="a\\nb"' in metrics
    status, reasons = line.get("/readyz")
    assert status == 503
    assert [each.split(":")[0] for each in reasons.splitlines()] == ["wrongly keyed producer"] * 2
    assert "'lost'" in reasons
    assert repr(AgentNames().pseudonym("strayed")) in reasons
    board, shape = await output(line, "top", "--once"), await output(line, "top", "--json")
    assert b"[red]x[/red]" in board
    assert b"<script>alert(1)</scri" in board
    assert b"\x1b" not in board
    assert {*ODD_NAMES} <= json.loads(shape)["queues"].keys()


async def output(line: Line, *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callpulse",
        *arguments,
        env={**os.environ, **line.environment, "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    return out
