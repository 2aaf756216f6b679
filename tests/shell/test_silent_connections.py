"""A flood of connections on which nothing is asked takes no descriptor from what is needed: probes are answered."""

import asyncio
import contextlib
import re
import resource
import signal
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from aiohttp import web

from callpulse.edges.connections import Connections
from callpulse.edges.listening import listen
from tests.certificates import Authority
from tests.shell.test_interrupts import Running

FEW, MANY = 256, 1024  # descriptors of the process: at its start, and those it may ask for
FLOOD = 800
PORTS = {"CALLPULSE_ALERTS_PORT": "0", "CALLPULSE_WALLBOARD_PORT": "0"}


@contextlib.contextmanager
def started(folder: Path, command: str, **environment: str) -> Iterator[tuple[Running, str]]:
    """And where it listens."""
    running = Running(folder, command, **PORTS, **environment)
    try:
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (FEW, MANY))
        running.until(lambda said: re.search(r" at https?://\S+\n", said) is not None)
        yield running, re.findall(r" at (https?://[^/\s]+)", running.err.read_text())[0]
    finally:
        code, said = running.end(signal.SIGTERM)
    assert code == 0
    assert "out of system resource" not in said
    assert "Too many open files" not in said


def place(url: str) -> tuple[str, int]:
    host, port = url.rpartition("/")[2].rsplit(":", 1)
    return host, int(port)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("command", ["worker", "alerts", "wallboard"])
def test_a_probe_is_answered_while_silent_connections_come(tmp_path: Path, command: str, tls: bool) -> None:
    ours = Authority(tmp_path)
    file = str(ours.issue("here", "127.0.0.1").both)
    files = {f"CALLPULSE_{section}_CERT_FILE": file for section in ("METRICS", "WALLBOARD") if tls}
    trusting = ssl.create_default_context(cafile=str(ours.ca_file))
    with started(tmp_path, command, **files) as (running, url), contextlib.ExitStack() as flood:
        for number in range(FLOOD):
            flood.enter_context(socket.create_connection(place(url), timeout=5))
            if number % (FLOOD // 6) == 0 or number == FLOOD - 1:
                with urllib.request.urlopen(f"{url}/livez", timeout=5, context=trusting if tls else None) as answer:
                    assert answer.read() == b"alive\n"
        assert resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE) == (MANY, MANY)
        assert len(list(Path(f"/proc/{running.process.pid}/fd").iterdir())) < FLOOD


def test_who_is_being_answered_stays_in_a_flood(tmp_path: Path) -> None:
    with started(tmp_path, "wallboard") as (_, url), socket.create_connection(place(url), timeout=20) as watching:
        watching.sendall(b"GET /events/all HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        stream = watching.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
        assert event(stream)
        with contextlib.ExitStack() as flood:
            silent = [flood.enter_context(socket.create_connection(place(url), timeout=5)) for _ in range(FLOOD)]
            assert silent[0].recv(1) == b""  # it has gone: nothing was asked on it for longest
        for _ in range(2):  # the first of them may have come before
            assert event(stream)


def event(stream: IO[bytes]) -> bytes:
    """The next one of the stream, which goes on."""
    while not (line := stream.readline()).startswith(b"event: "):
        assert line, "the stream is over"
    return line


def test_who_comes_from_the_address_of_one_that_ended_is_the_newest() -> None:
    connections = Connections(3)
    with contextlib.ExitStack() as opened:
        ended, other, again, third, fourth = (tuple(map(opened.enter_context, socket.socketpair())) for _ in range(5))
        for address, (ours, _) in [("reused", ended), ("other", other), ("reused", again)]:
            connections.came(ours, address)
        connections.came(third[0], "third")
        connections.came(fourth[0], "fourth")
        for _, theirs in (other, again):
            theirs.setblocking(False)
        assert other[1].recv(1) == b""
        with pytest.raises(BlockingIOError):
            again[1].recv(1)


async def test_where_all_are_being_answered_the_oldest_makes_room() -> None:
    connections, came = Connections(2), asyncio.Semaphore(0)

    async def never(_: web.Request) -> web.Response:
        came.release()
        await asyncio.Event().wait()
        raise AssertionError

    app = web.Application(middlewares=[connections.asked])
    app.add_routes([web.get("/never", never)])
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    port = await listen(runner, "metrics", "127.0.0.1", 0, own=None, or_another=False, connections=connections)
    opened = []
    async with asyncio.timeout(10):
        for _ in range(2):
            opened.append(await asyncio.open_connection("127.0.0.1", port))
            opened[-1][1].write(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
            await came.acquire()
        opened.append(await asyncio.open_connection("127.0.0.1", port))
        opened[-1][1].write(b"GET /else HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await opened[2][0].readline() == b"HTTP/1.1 404 Not Found\r\n"
        assert await opened[0][0].read() == b""
    assert not opened[1][0].at_eof()
    for _, writer in opened:
        writer.close()
    await runner.cleanup()
