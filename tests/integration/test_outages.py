"""A worker whose Redis or Kafka is away, comes late or dies; and one that is started wrongly. On the embedded parts."""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from callpulse import clock, kafka
from callpulse.demo import parts
from callpulse.demo.children import free_port
from tests.figures import ASTERISK
from tests.integration.test_attacks import Feed, ended
from tests.line import Line, numbers

MakeLine = Callable[..., Line]


@pytest.fixture
def make_line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> MakeLine:
    def make(redis_url: str = valkey_url) -> Line:
        return Line(embedded_broker, redis_url, tmp_path, idempotent=False, settings={})

    return make


@pytest.fixture
def later(tmp_path: Path) -> Iterator[list[parts.Part]]:
    """Parts that a test starts itself."""
    started: list[parts.Part] = []
    yield started
    for part in started:
        part.stop()


def unmeasured() -> dict[str, str]:
    """This environment, without what makes a child write a coverage file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


async def test_redis_may_be_away_at_the_start_and_die_and_every_value_returns(
    make_line: MakeLine, later: list[parts.Part], tmp_path: Path
) -> None:
    port, now = free_port(), clock.now_ms()
    async with make_line(f"redis://127.0.0.1:{port}/0") as line:
        line.start_worker()
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            feed = Feed(line, producer)
            for n in range(100):
                await feed.call("q", f"{n}", type="enqueued", at=now)
            await feed.beat(now + 1000)
            await line.says("Redis is away (Error 111 connecting to")
            await line.ready()  # the figures go on
            later.append(parts.start_valkey(tmp_path, port))
            found = await line.values(["q"], now + 1000)
            assert numbers(found["q"])["offered"] == 100
            later.pop().stop()
            for n in range(60):
                await feed.call("q", f"{n}", type="connected", at=now + 2000)
            await feed.beat(now + 3000)
            await line.says("Redis is back after")
            later.append(parts.start_valkey(tmp_path, port))
            found = await line.values(["q"], now + 3000)
            assert [numbers(found["q"])[n] for n in ("offered", "answered", "ledger_residual")] == [100, 60, 0]
        assert found["q"].number("now", "contacts_waiting") == 40
        assert line.log().count("Redis is away") <= 3  # once each time it goes


async def test_kafka_may_come_late_and_a_worker_whose_kafka_died_stops_soon(
    valkey_url: str, later: list[parts.Part], tmp_path: Path
) -> None:
    port = free_port()
    line = Line(f"127.0.0.1:{port}", valkey_url, tmp_path, idempotent=False, settings={})
    worker = line.start_worker()
    try:
        await line.says(f"no Kafka answers at 127.0.0.1:{port} (Unable connect to")
        later.append(parts.start_broker(tmp_path, port))  # it creates its topics itself
        await line.ready()
        assert line.log().count("no Kafka answers") == 1
        later.pop().stop()
        await line.says(f"Kafka at 127.0.0.1:{port} does not answer (")
        assert line.get("/livez")[0] == 200
        begun = clock.monotonic_s()
        worker.send_signal(signal.SIGTERM)
        assert await ended(worker) == 0
        assert clock.monotonic_s() - begun < 12
        assert len(line.log().splitlines()) < 12, line.log()
        assert "Traceback" not in line.log()
    finally:
        await line.__aexit__()


async def test_two_workers_share_the_queues_and_one_takes_over_from_the_other(make_line: MakeLine) -> None:
    now, names = clock.now_ms(), [f"queue {n}" for n in range(12)]
    async with make_line() as line:
        first, _ = line.start_worker(), line.start_worker()
        await line.ready()
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            feed = Feed(line, producer)
            for name in names:
                await feed.call(name, "1", type="enqueued", at=now)
            await feed.beat(now + 1000)
            found = await line.values(names, now + 1000)
            assert {numbers(found[name])["offered"] for name in names} == {1}
            first.send_signal(signal.SIGTERM)
            assert await ended(first) == 0
            for name in names:
                await feed.call(name, "1", type="connected", at=now + 1500)
            beating = asyncio.create_task(beat_on(feed, now + 2000))  # this broker keeps no clocks: a new owner waits
            found = await line.values(names, now + 2000)
            beating.cancel()
        assert {(numbers(f)["offered"], numbers(f)["answered"]) for f in found.values()} == {(1, 1)}


async def beat_on(feed: Feed, at_ms: int) -> None:
    while True:
        await feed.beat(at_ms)
        await asyncio.sleep(0.5)


# -- started wrongly


async def refused(line: Line, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and what it says, in one sentence a finding."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callpulse",
        *arguments,
        env={**os.environ, **line.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        _, err = await process.communicate()
    assert b"Traceback" not in err
    return process.returncode or 0, err.decode()


async def test_what_makes_numbers_wrong_is_refused_with_a_sentence(make_line: MakeLine, tmp_path: Path) -> None:
    nothing = str(tmp_path / "place")
    async with make_line() as line:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            answers = await asyncio.gather(
                refused(line, "worker", CALLPULSE_METRICS_PORT=port),
                refused(line, "worker", CALLPULSE_KAFKA_PARTITIONS="6"),
                refused(line, "topics", CALLPULSE_KAFKA_PARTITIONS="6"),
                refused(line, "worker", CALLPULSE_REDIS_URL="http://swordfish@here"),
                refused(line, "simulate", CALLPULSE_KAFKA_PREFIX="absent"),
                refused(line, "replay", str(ASTERISK), CALLPULSE_KAFKA_PREFIX="absent"),
                refused(
                    line, "source", "queue_log", str(ASTERISK), "--position", nothing, CALLPULSE_KAFKA_PREFIX="absent"
                ),
                refused(line, "topics", CALLPULSE_KAFKA_BROKERS=f"127.0.0.1:{port}"),
            )
    busy, spread, topics, address, *absent, mute = answers
    assert busy[0] == 1
    assert f"metrics.port = {port}: another program listens there; expected a free port" in busy[1]
    assert topics == (1, "callpulse: the topics are not as they have to be\n")
    assert spread[0] == 1
    name = line.settings.kafka.prefix
    (sentence,) = (said for said in spread[1].splitlines() if said.startswith("callpulse: "))
    assert sentence.startswith(
        f"callpulse: {name}.calls, {name}.agents, {name}.queue-agents: the number of partitions is 4, expected 6. Set "
        "kafka.partitions to 4, as all topics here have it; or stop sources and workers, and have everything moved: "
        "callpulse repartition --partitions 6"
    )
    assert address[0] == 2
    assert address[1].startswith("callpulse: CALLPULSE_REDIS_URL: redis.url: cannot be used; expected redis://")
    assert "swordfish" not in address[1]
    for code, text in absent:
        assert (code, len(text.splitlines())) == (1, 1)
        assert "no topic 'absent.agents'" in text
        assert "create the topics with `callpulse topics`" in text
    assert mute == (1, f"callpulse: what listens at 127.0.0.1:{port} does not answer as Kafka does; is it up, and is "
                       "kafka.brokers right?\n")  # fmt: skip


async def test_a_full_disk_for_the_position_is_said_in_a_sentence(make_line: MakeLine, tmp_path: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    async with make_line() as line:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "callpulse", "source", "queue_log", str(ASTERISK), "--position", "place"],
            cwd=tmp_path,
            env={**unmeasured(), **line.environment},
            capture_output=True,
            timeout=60,
            check=False,
            preexec_fn=no_room,
        )
    assert done.returncode == 1
    reason = b"(File too large); check its rights and the disk"
    assert done.stderr == b"callpulse: place: the position cannot be saved " + reason + b"\n"
