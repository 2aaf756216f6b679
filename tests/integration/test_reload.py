"""Targets, thresholds, hours and groups changed while everything runs: Redis, Prometheus and boards follow, also for
what has been; a file with a mistake changes nothing."""

import json
import os
import re
import signal
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callpulse.current.connection import connect
from callpulse.current.fields import Reading
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader
from callpulse.demo import children
from callpulse.stream.core import events as ev
from tests.alert_line import AlertLine
from tests.contracts.line_life import NOON, call
from tests.waiting import until_async

BEFORE = """
[queues.sales]
threshold_s = 20
target = 0.8
[groups.all]
queues = ["*"]
[groups.going]
queues = ["sales"]
[boards.floor]
group = "going"
"""
AFTER = """
[queues.sales]
threshold_s = 60
target = 0.9
hours = { sat = ["09:00-09:15"] }
[groups.all]
queues = ["*"]
[groups.coming]
queues = ["sales"]
[boards.floor]
group = "coming"
title = "The new floor"
"""


@pytest.fixture
async def line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[AlertLine]:
    async with AlertLine(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        line.file = tmp_path / "callpulse.toml"
        line.file.write_text(BEFORE)
        yield line


def metric(line: AlertLine, name: str) -> float | None:
    found = re.search(rf"^{re.escape(name)} (\S+)$", line.get("/metrics")[1], re.MULTILINE)
    return None if found is None else float(found[1])


async def seen(line: AlertLine, queue: str, level: float) -> Reading:
    """The queue, once its service level since the beginning is this."""
    async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
        reader = Reader(client, Keys(line.name))

        async def judged() -> Reading | None:
            reading = (await reader.read()).queues.get(queue)
            return reading if reading and reading.number("all", "service_level") == level else None

        found: Reading = await until_async(judged, f"a service level of {level}", 30, line.log)
        return found


async def groups(line: AlertLine) -> set[str]:
    keys, names = Keys(line.name), ("all", "going", "coming")
    async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
        return {name for name in names if await client.exists(keys.of("group", name))}


async def levels_of_the_day(line: AlertLine) -> list[float]:
    """Of the clock intervals in which somebody was answered."""
    async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
        rows = json.loads(await client.get(Keys(line.name).of("queue", "sales", "intervals")))
        return [row["service_level"] for row in rows if row["answered"]]


async def at_kafka(line: AlertLine) -> set[str]:
    """Groups that the kpis topic tells of."""
    newest = {record.key: record.value for record in await line.records(f"{line.name}.kpis")}
    return {key.decode()[6:] for key, value in newest.items() if key.startswith(b"group:") and value is not None}


async def test_the_figures_of_the_past_follow_what_is_asked_of_queues_now(line: AlertLine) -> None:
    worker = line.start_worker(line.file)
    waits = [10.0, 30.0, 50.0, 90.0]
    calls = [call(ev.Connected, 100 + n, "sales", str(n), wait_s=wait) for n, wait in enumerate(waits)]
    await line.send(calls, NOON + 200_000)
    first = await seen(line, "sales", 0.25)
    assert first.number("target", "threshold_s") == 20
    await until_async(lambda: groups(line), "groups", 30, line.log)
    await _refuses_a_mistake(line, worker)
    line.file.write_text(AFTER + '[redis]\nttl = "40s"\n[wallboard]\nport = 9999\n')
    worker.send_signal(signal.SIGHUP)
    second = await seen(line, "sales", 0.75)
    assert second.number("target", "threshold_s") == 60
    assert second.number("target", "service_level") == 0.9
    await line.says("changed, and read at the start only: redis.ttl; restart to have it")
    await until_async(lambda: _are(groups(line), {"all", "coming"}), "groups in Redis", 30, line.log)
    await until_async(lambda: _are(at_kafka(line), {"all", "coming"}), "groups in Kafka", 60, line.log)
    await until_async(lambda: _are(levels_of_the_day(line), [0.75]), "the intervals of the day", 30, line.log)
    assert metric(line, "callpulse_settings_reload_failed") == 0
    text = line.get("/metrics")[1]
    assert re.search(r'callpulse_service_level_target_ratio\{[^}]*queue="sales"[^}]*threshold="60"[^}]*\} 0.9', text)


async def _refuses_a_mistake(line: AlertLine, worker: children.Child) -> None:
    """Each of two is named."""
    loaded = metric(line, "callpulse_settings_loaded_timestamp_seconds")
    assert loaded is not None
    line.file.write_text(AFTER.replace("0.9", "9").replace("threshold_s = 60", "threshold_s = -60"))
    worker.send_signal(signal.SIGHUP)
    await line.says("not reloaded: ")
    await line.says("queues.sales.threshold_s")
    await line.says("queues.sales.target")
    await until_async(lambda: metric(line, "callpulse_settings_reload_failed") == 1, "failed", 10, line.log)
    assert metric(line, "callpulse_settings_loaded_timestamp_seconds") == loaded
    assert (await seen(line, "sales", 0.25)).number("target", "threshold_s") == 20


async def test_a_file_that_changes_without_a_signal_is_read_when_it_has_come_to_rest(line: AlertLine) -> None:
    """As a ConfigMap does it: the name points to another folder from one moment to the next."""
    old, new, name = line.folder / "old.toml", line.folder / "new.toml", line.folder / "linked.toml"
    old.write_text(BEFORE)
    new.write_text(AFTER)
    name.symlink_to(old)
    line.start_worker(name)
    await line.send([call(ev.Connected, 100, "sales", "1", wait_s=30.0)], NOON + 200_000)
    await seen(line, "sales", 0.0)
    (line.folder / "next").symlink_to(new)
    os.replace(line.folder / "next", name)
    await seen(line, "sales", 1.0)


async def test_boards_and_alerts_read_their_settings_again(line: AlertLine) -> None:
    line.start_worker(line.file)
    await line.send([call(ev.Connected, 100, "sales", "1", wait_s=30.0)], NOON + 200_000)
    await seen(line, "sales", 0.0)
    wall = line.start_wall()
    boards = line.workers[-1]

    def got(path: str) -> str:
        try:
            with urllib.request.urlopen(wall + path, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def names() -> str:
        return got("/api/boards")

    await until_async(lambda: "floor" in names(), "boards", 30, line.log)
    line.alerts = line.start_alerts()
    await line.says("this worker judges")
    line.file.write_text(AFTER)
    for child in (boards, line.alerts):
        child.send_signal(signal.SIGHUP)
    await until_async(lambda: "The new floor" in names(), "the new board", 30, line.log)
    await line.says("reloaded: ")
    assert line.log().count("no channel is set") == 2, "whom nobody tells is said of the new rules too"
    await until_async(lambda: "CLOSED" in got("/api/boards/floor/text"), "closed by its new hours", 30, line.log)
    assert "callpulse_settings_reload_failed 0.0" in got("/metrics")
    line.file.write_text(AFTER.replace("The new floor", "Another floor").replace('"coming"', '"nobody"'))
    boards.send_signal(signal.SIGHUP)
    await until_async(lambda: "callpulse_settings_reload_failed 1.0" in got("/metrics"), "refused", 30, line.log)
    assert "The new floor" in names()


async def _are(found: Any, expected: object) -> bool:
    return bool(await found == expected)
