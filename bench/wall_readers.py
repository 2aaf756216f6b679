"""A thousand browsers, half of which do not read."""

import asyncio
import re
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from redis.asyncio import Redis

from bench.brokers import inherited
from bench.processes import cpu_s, rss_mb
from callpulse import clock
from callpulse.current.fields import Current
from callpulse.current.keys import Keys
from callpulse.demo import children, parts
from callpulse.demo.children import free_port
from callpulse.ending import ended
from callpulse.stream.current import CurrentWriter

QUEUES, CHANGED = 50, 10
ROUNDS_A_S = 10
NOW = re.compile(rb'"now_ms":(\d+)')
READY_S = 30.0


async def readers(browsers: int, seconds: float) -> dict[str, float]:
    """`readers_cores`, `readers_mb`, `fast_reader_p50_ms`, `fast_reader_p99_ms`."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="callpulse-bench-")))
        valkey, port = parts.start_valkey(folder), free_port()
        running.callback(valkey.stop)
        more = {"CALLPULSE_REDIS_URL": valkey.url, "CALLPULSE_WALLBOARD_PORT": str(port), "CALLPULSE_SITE_NAME": "wall"}
        argv = [sys.executable, "-m", "callpulse", "wallboard"]
        child = children.start(argv, folder / "wallboard.log", environment={**inherited(), **more})
        running.callback(children.stop, child)
        redis = Redis.from_url(valkey.url)
        writing = asyncio.create_task(_write(CurrentWriter(redis, Keys("wall"))))
        try:
            return await _watched(child.pid, port, browsers, seconds)
        finally:
            await ended(writing)
            await redis.aclose()


async def _watched(pid: int, port: int, browsers: int, seconds: float) -> dict[str, float]:
    await _listening(port)
    delays: list[float] = []
    lines = [await _opened(port, b"gzip" if number else b"identity") for number in range(browsers)]
    reading = [
        asyncio.create_task(_read(line, delays if not number else None)) for number, line in enumerate(lines[::2])
    ]
    await asyncio.sleep(2)  # the first boards are through
    delays.clear()
    cpu, began = cpu_s(pid), time.perf_counter()
    await asyncio.sleep(seconds)
    cores, found = (cpu_s(pid) - cpu) / (time.perf_counter() - began), sorted(delays)
    for task in reading:
        await ended(task)
    for _, writer in lines:
        writer.transport.abort()
    return {
        "readers_cores": cores,
        "readers_mb": rss_mb(pid),
        "fast_reader_p50_ms": found[len(found) // 2],
        "fast_reader_p99_ms": found[int(len(found) * 0.99)],
    }


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _listening(port: int) -> None:
    until = time.perf_counter() + READY_S
    while time.perf_counter() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


async def _opened(port: int, encoding: bytes) -> Line:
    line = await asyncio.open_connection("127.0.0.1", port)
    head = b"GET /events/all HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: %s\r\n\r\n"
    line[1].write(head % (port, encoding))
    await line[0].readuntil(b"\r\n\r\n")
    return line


async def _read(line: Line, delays: list[float] | None) -> None:
    """Until cancelled. `delays` (ms): of the changes of a browser that asked for no compression."""
    while found := await line[0].read(1 << 16):
        if delays is not None:
            now_ms = clock.now_ms()
            delays += [now_ms - int(at) for at in NOW.findall(found)]


async def _write(writer: CurrentWriter) -> None:
    """Fifty queues, ten of which change ten times a second."""
    number = 0
    while True:
        now_ms = clock.now_ms()
        for at in range(QUEUES if not number else CHANGED):
            writer.put(_current(f"queue {(number * CHANGED + at) % QUEUES}", number, now_ms))
        await writer.flush()
        number += 1
        await asyncio.sleep(1 / ROUNDS_A_S)


def _current(queue: str, number: int, now_ms: int) -> Current:
    figures = {
        "15m.service_level": 0.8 + number % 100 / 1000,
        "15m.service_level.n": 40,
        "now.contacts_waiting": number % 9,
    }
    return Current(
        kind="queue",
        name=queue,
        version=(1, number * QUEUES + 1),
        event_time_ms=now_ms,
        written_at_ms=now_ms,
        writer="bench",
        source="pbx",
        fields={**figures, "15m.asa_s": number % 50, "15m.abandonment_rate": 0.03, "15m.offered": 40},
    )
