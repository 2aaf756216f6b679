"""What holds for `callpulse backtest --from-topic` on every broker. Needs a fixture `make_line`."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from callpulse import clock, kafka
from callpulse.stream.core.events import Enqueued, Heartbeat
from callpulse.stream.core.wire import encode
from tests import made_log
from tests.commands import ran
from tests.figures import ASTERISK
from tests.line import Line
from tests.timeline import ms_of

MakeLine = Callable[..., Line]


async def backtest(line: Line, *arguments: str) -> dict[str, Any]:
    done = await ran(line, "backtest", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def send(line: Line, short: str, *values: bytes | None) -> None:
    """As they are, into the first partition."""
    async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
        for value in values:
            await producer.send_and_wait(kafka.topic(line.settings.kafka, short), value, b"key", partition=0)


def with_heartbeat(path: Path) -> Path:
    """Whose source was heard for half an hour after the last event."""
    with made_log.written(path).open("ab") as log:
        log.write(encode(Heartbeat(at=ms_of("11:05"), source="made")) + b"\n")
    return path


@pytest.mark.parametrize("log", ["made", "recorded"])
async def test_topics_give_the_report_of_the_file_that_was_played_into_them(make_line: MakeLine, log: str) -> None:
    async with make_line() as line:
        file = str(with_heartbeat(line.folder / "made.jsonl") if log == "made" else ASTERISK)
        played = await ran(line, "replay", file, "--speed", "max", "--rebase", "no")
        assert played.returncode == 0, played.stderr
        (line.folder / "rules.toml").write_text('[alerts.rules.abandonment]\nfor = "10m"\n')
        rules = ("--rules", "rules.toml", "--rules", os.devnull, "--threshold", "30")
        from_file, from_topics = [await backtest(line, each, *rules) for each in (file, "--from-topic")]
    counts = from_topics.pop("lines")
    assert counts["events"] == from_file.pop("lines")["events"]
    assert counts["read"] > counts["events"]  # heartbeats
    assert from_topics == from_file
    assert [each["alerts"] for each in from_topics["rules"]] != [[], []]


async def test_a_span_of_the_topics_is_that_of_the_file(make_line: MakeLine) -> None:
    span = ("--since", "2026-11-22T10:15", "--until", "2026-11-22T09:45Z", "--timezone", "Europe/Amsterdam")
    async with make_line() as line:
        file = made_log.written(line.folder / "log")
        await line.send(made_log.events(), ms_of("10:30"))
        from_file, from_topics = [await backtest(line, each, *span) for each in (str(file), "--from-topic")]
    assert (from_topics["from"], from_topics["to"]) == (from_file["from"], from_file["to"])
    assert from_topics["from"] == "2026-11-22T10:15:10.000+01:00"
    assert "2026-11-22T10:44" < from_topics["to"] <= "2026-11-22T10:45:00.000+01:00"
    assert from_topics["rules"] == from_file["rules"]
    counted = [(each["lines"]["events"], each["lines"]["outside"]) for each in (from_file, from_topics)]
    assert counted[0] == counted[1]
    assert sum(counted[0]) == len(made_log.events())


async def test_what_cannot_be_read_is_named_with_its_place_and_the_rest_counts(make_line: MakeLine) -> None:
    async with make_line() as line:
        await send(line, "calls", b'{"type": "enqueued"}', b"\xff")
        await send(line, "agents", None)
        nothing = await ran(line, "backtest", "--from-topic")
        assert (nothing.returncode, "none of its records could be read" in nothing.stderr) == (1, True)
        await line.send(made_log.events(), ms_of("10:30"))
        done = await ran(line, "backtest", "--from-topic", "--html", "page.html")
        found = await backtest(line, "--from-topic")
        assert (done.returncode, done.stderr) == (0, "")
        page = (line.folder / "page.html").read_text()
    bad = {"calls/0/0": "missing_field", "calls/0/1": "not_json", "agents/0/0": "not_json"}
    assert all(f"{line.name}.{where}: {reason}" in done.stdout for where, reason in bad.items())
    refusals = {each["where"]: each["reason"] for each in found["lines"]["refusals"]}
    assert refusals == {f"{line.name}.{where}": reason for where, reason in bad.items()}
    assert re.search(rf"{len(made_log.events()) + 7:,} records read, {len(made_log.events()):,} events", done.stdout)
    assert f"<h1>Backtest of {line.name}.calls and {line.name}.agents</h1>" in page
    assert found["lines"]["rejected"] == {"missing_field": 1, "not_json": 2}
    assert [alert["queue"] for alert in found["rules"][0]["alerts"]] == ["help"]


async def test_an_event_from_the_future_is_refused_as_a_worker_refuses_it(make_line: MakeLine) -> None:
    now_ms = clock.now_ms()
    events = [Enqueued(at=now_ms + ahead, queue="q", contact_id=str(ahead)) for ahead in (0, 3_600_000)]
    async with make_line(settings={}) as line:
        await line.send(events, now_ms)
        found = await backtest(line, "--from-topic")
    assert (found["lines"]["events"], found["lines"]["rejected"]) == (1, {"future": 1})
    assert found["looks"] == 1


async def test_it_ends_where_the_topics_ended_when_it_began_however_much_is_written(make_line: MakeLine) -> None:
    async with make_line() as line:
        await line.send(made_log.events(), ms_of("10:30"))
        over = asyncio.Event()

        async def go_on() -> None:
            async with line.producer() as producer:
                while not over.is_set():
                    await producer.heartbeat(ms_of("10:30"))
                    await producer.flush()

        writing = asyncio.create_task(go_on())
        try:
            found = await backtest(line, "--from-topic")
        finally:
            over.set()
            await writing
    assert found["lines"]["events"] == len(made_log.events())


async def test_topics_that_are_not_there_are_a_sentence_and_are_not_made(make_line: MakeLine) -> None:
    async with make_line() as line:
        line.environment["CALLPULSE_KAFKA_PREFIX"] = f"{line.name}-other"
        for _ in range(2):
            done = await ran(line, "backtest", "--from-topic")
            assert done.returncode == 1
            assert done.stderr.startswith(f"callpulse: no topic '{line.name}-other.calls' at 127.0.0.1:")
            assert "kafka.prefix" in done.stderr
            assert done.stderr.count("\n") == 1
