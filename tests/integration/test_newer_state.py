"""Processes that find what a later callpulse stored: they end, or leave out what they cannot read. None changes it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.demo import children
from callpulse.stream.core import events as ev
from callpulse.stream.core.cells import encode
from callpulse.stream.partitioning import partition_of
from tests.alert_line import AlertLine
from tests.contracts.line_life import NOON, call
from tests.waiting import until_async

NEWER_JSON = b'{"v":2,"of":"another kind"}'
KNOWN = "schema version 2; this callpulse knows versions up to 1. Nothing was changed. Run the version of callpulse"


@pytest.fixture
async def line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[AlertLine]:
    async with AlertLine(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        yield line


async def write(line: AlertLine, topic: str, key: bytes, value: bytes, partition: int = 0) -> int:
    """A later callpulse was here. The offset."""
    async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
        return int((await producer.send_and_wait(topic, value, key=key, partition=partition)).offset)


async def refused(line: AlertLine, child: children.Child, said: str) -> None:
    assert await until_async(lambda: child.poll() is not None, "an end", 60, line.log)
    assert child.returncode == 1
    line.workers.remove(child)
    assert said in line.log()
    assert KNOWN in line.log()
    assert "Traceback" not in line.log()


def stored(records: list[Any]) -> list[Any]:
    return sorted((each.partition, each.offset, each.key, each.value) for each in records)


async def test_a_worker_ends_at_a_newer_cell_and_the_changelog_is_as_it_was(line: AlertLine) -> None:
    first = line.start_worker()
    await line.send([call(ev.Enqueued, 0, "sales", "1"), call(ev.Enqueued, 1, "help", "2")], NOON + 1000)
    await line.values(("sales", "help"), NOON + 1000)
    await line.ends(first)
    name, partition = f"{line.name}.stream-tallies_total-changelog", partition_of("sales", 4)
    newer = msgspec.msgpack.encode([2, 0, "of another kind"])
    offset = await write(line, name, encode("sales"), newer, partition)
    before = stored(await line.records(name))
    await refused(
        line, line.start_worker(), f"callpulse: worker: {name}/{partition}/{offset}, key 'sales': stored with"
    )
    assert stored(await line.records(name)) == before


async def test_the_alerts_worker_ends_at_a_newer_alert_and_the_topic_is_as_it_was(line: AlertLine) -> None:
    line.tells("http://127.0.0.1:1")
    name = f"{line.name}.alerts"
    offset = await write(line, name, b"alert:sales", NEWER_JSON)
    await refused(line, line.start_alerts(), f"callpulse: {name}/0/{offset}, key 'alert:sales': stored with")
    assert [(each.key, each.value) for each in await line.records(name)] == [(b"alert:sales", NEWER_JSON)]


async def test_figures_of_a_newer_worker_are_never_half_a_total_and_end_the_alerts_worker(line: AlertLine) -> None:
    line.tells("http://127.0.0.1:1")
    line.start_worker()
    await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON + 1000)
    await line.total({"offered": 1})
    name = f"{line.name}.kpis"
    offset = await write(line, name, b"queue:help", NEWER_JSON)
    said = f"{name}/0/{offset}, key 'queue:help': stored with"
    await until_async(
        lambda: line.get("/readyz")[1].startswith(f"no total and no groups: {said}"), "no total", 30, line.log
    )
    await refused(line, line.start_alerts(), f"callpulse: {said}")
