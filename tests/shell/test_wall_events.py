"""How events and JSON travel: pressed for who takes them so, each message whole when it comes; and what is counted."""

import asyncio
import gzip
import itertools
import socket
import zlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from callpulse.current.connection import connect
from callpulse.settings import Settings
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.metrics import FAMILIES
from callpulse.wallboard.watching import GZIP_HEAD, WAITING, Message
from tests.core.readings import AT, picture, reading

Client = TestClient[Any, Any]


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    redis = connect("redis://127.0.0.1:1/0")
    yield Hub(Settings(), redis)
    await redis.aclose()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app_of(hub)), auto_decompress=False) as client:
        yield client


async def test_a_pressed_message_can_be_read_when_it_has_come(hub: Hub, client: Client) -> None:
    await hub.show(picture({f"queue {n}": reading(0.9) for n in range(30)}))
    response = await client.get("/events/all", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    reader, seen, size = zlib.decompressobj(31), b"", 0
    for n in range(6):
        if n:
            await hub.show(picture({f"queue {queue}": reading(0.5, 41 + n) for queue in range(30)}))
        async with asyncio.timeout(3):
            while seen.count(b"\n\n") < n + 1:
                came = await response.content.readany()
                size += len(came)
                seen += reader.decompress(came)
    assert seen.startswith(b"id: ")
    assert [line for line in seen.decode().splitlines() if line.startswith("event")] == [
        "event: wall", *["event: change"] * 5,
    ]  # fmt: skip
    assert size < len(seen) / 4


async def test_who_takes_nothing_pressed_gets_it_plain(hub: Hub, client: Client) -> None:
    await hub.show(picture({"sales": reading(0.9)}))
    for asked in ("identity", "gzip;q=0", "br"):
        response = await client.get("/events/all", headers={"Accept-Encoding": asked})
        assert "Content-Encoding" not in response.headers
        assert (await response.content.readline()).startswith(b"id: ")
        response.close()


async def test_json_is_pressed_too(hub: Hub, client: Client) -> None:
    await hub.show(picture({f"queue {n}": reading(0.9) for n in range(30)}))
    response = await client.get("/api/boards/all", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert msgspec.json.decode(gzip.decompress(await response.read()))["now_ms"] == AT


async def test_who_takes_nothing_any_more_loses_the_connection(
    hub: Hub, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callpulse.wallboard.events.TAKEN_WITHIN_S", 0.05)
    await hub.show(picture({"sales": reading(0.9)}))
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=1024)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    writer.write(b"GET /events/all HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    server: Any = client.server
    assert len(server.runner.server.connections) == 1
    async with asyncio.timeout(10):
        for n in itertools.count():
            if not server.runner.server.connections:
                break
            await hub.show(picture({f"{'long name ' * 20}{queue}": reading(0.5, 41 + n % 50) for queue in range(100)}))
            await asyncio.sleep(0)
    assert not hub.audience.watchers
    writer.close()


async def test_a_stream_is_not_asked_for_its_head_alone(hub: Hub, client: Client) -> None:
    await hub.show(picture({"sales": reading(0.9)}))
    async with asyncio.timeout(3):
        assert (await client.head("/events/all")).status == 405
    assert not hub.audience.watchers


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_pressed_messages_follow_each_other_in_any_order(bodies: list[bytes]) -> None:
    messages = [Message(str(n), "change", body) for n, body in enumerate(bodies)]
    reader = zlib.decompressobj(31)
    assert reader.decompress(GZIP_HEAD) == b""
    for message in [*messages, *reversed(messages)]:
        assert reader.decompress(message.pressed) == message.framed


async def test_all_who_come_to_the_same_board_share_one_message(hub: Hub) -> None:
    await hub.show(picture({"sales": reading(0.9)}))
    first, second = (hub.watch("all", "en").inbox.get_nowait() for _ in range(2))
    assert first is second
    await hub.show(picture({"sales": reading(0.5)}))
    assert hub.watch("all", "en").inbox.get_nowait() is not first


async def scraped(client: Client) -> dict[tuple[str, ...], float]:
    text = await (await client.get("/metrics", headers={"Accept-Encoding": "identity"})).text()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("callpulse_")
    }


async def test_it_counts_who_watches_what_was_lost_and_who_was_refused(hub: Hub, client: Client) -> None:
    found = await scraped(client)
    names = {name for name, *_ in found}
    absent = {
        "callpulse_settings_loaded_timestamp_seconds",  # none were read
        "callpulse_wallboard_data_timestamp_seconds",
        "callpulse_wallboard_redis_away_since_timestamp_seconds",
    }
    assert names == {family.name for family in FAMILIES} - absent
    assert found["callpulse_wallboard_browsers", "all"] == 0
    hub.watch("all", "en")
    for n in range(WAITING + 2):
        await hub.show(picture({"sales": reading(0.5, 100 + n)}))
    await client.get("/api/boards", headers={"Host": "evil.example.org"})
    await client.post("/api/alerts/x/ack", json={})
    hub.away_since_ms = AT
    found = await scraped(client)
    assert found["callpulse_wallboard_browsers", "all"] == 1
    assert found["callpulse_wallboard_lost_total",] == 1
    assert found["callpulse_wallboard_refused_total", "host"] == 1
    assert found["callpulse_wallboard_refused_total", "origin"] == 1
    assert found["callpulse_wallboard_asked_total", "ack", "refused"] == 1
    assert found["callpulse_wallboard_data_timestamp_seconds", "all"] == pytest.approx(AT / 1000, abs=2)
    assert found["callpulse_wallboard_redis_away_since_timestamp_seconds",] == AT / 1000
