"""The endpoint as Prometheus, Kubernetes and a person with curl see it."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as classic_families

from callpulse.doctor.http import ask
from callpulse.edges.listening import EndpointError, address
from callpulse.stream.endpoint import Endpoint
from callpulse.stream.metrics.collector import MetricsCollector
from tests.metrics_floor import HEALTH, Telling, booked, floor, told

PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1"
SALES = told(booked(floor()), "sales")


def endpoint(reasons: list[str], port: int = 0, host: str = "127.0.0.1", *, or_another: bool = False) -> Endpoint:
    collector = MetricsCollector(Telling([SALES], HEALTH), thresholds_s=(20,))
    return Endpoint(collector, lambda: reasons, host=host, port=port, or_another=or_another, site="centre-Zoë")


@pytest.fixture
def reasons() -> list[str]:
    """Why the worker is not ready; a test adds to it while the endpoint runs."""
    return []


@pytest.fixture
async def url(reasons: list[str]) -> AsyncIterator[str]:
    served = endpoint(reasons)
    await served.start()
    yield served.url
    await served.stop()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"]) as session:
        yield session


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (PROMETHEUS, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("text/plain;version=0.0.4,application/openmetrics-text;q=0.1", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=0", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=much", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
async def test_the_text_is_in_the_format_that_is_asked_for(
    url: str, client: aiohttp.ClientSession, accept: str, content_type: str
) -> None:
    async with client.get(f"{url}/metrics", headers={"Accept": accept}) as answer:
        text = await answer.text()
    assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)
    parse = openmetrics_families if "openmetrics" in content_type else classic_families
    found = {family.name for family in parse(text)}
    assert {"callpulse_visit_wait_seconds", "process_resident_memory_bytes"} <= found


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("br", None), ("", None)],
)
async def test_the_text_is_pressed_for_who_can_read_that(
    url: str, client: aiohttp.ClientSession, accepted: str, encoding: str | None
) -> None:
    async with client.get(f"{url}/metrics", headers={"Accept-Encoding": accepted}) as answer:
        body = await answer.read()
    assert answer.headers.get("Content-Encoding") == encoding
    text = gzip.decompress(body) if encoding else body
    assert b'callpulse_visits_offered_total{channel="voice",queue="sales"} 9.0\n' in text


@pytest.mark.parametrize(
    ("on", "status", "text"),
    [
        ([], 200, "ready\n"),
        (["callpulse.calls/1: recovering"], 503, "callpulse.calls/1: recovering\n"),
        (["Redis is away", "no events\nsince 14:03"], 503, "Redis is away\nno events since 14:03\n"),
    ],
)
async def test_ready_says_why_not(
    url: str, client: aiohttp.ClientSession, reasons: list[str], on: list[str], status: int, text: str
) -> None:
    reasons.extend(on)
    async with client.get(f"{url}/readyz") as answer:
        assert (answer.status, await answer.text(), answer.content_type) == (status, text, "text/plain")
    assert (await ask(client, f"{url}/readyz")).site == "centre-Zoë"  # the doctor knows by it whose this is
    reasons.clear()
    async with client.get(f"{url}/readyz") as answer:
        assert answer.status == 200


async def test_alive_whatever_the_trouble(url: str, client: aiohttp.ClientSession, reasons: list[str]) -> None:
    reasons.append("everything is wrong")
    async with client.get(f"{url}/livez") as answer:
        assert (answer.status, await answer.text()) == (200, "alive\n")


async def test_there_is_nothing_else(url: str, client: aiohttp.ClientSession) -> None:
    async with client.get(f"{url}/") as answer:
        assert answer.status == 404
    async with client.post(f"{url}/metrics") as answer:
        assert answer.status == 405


async def test_a_port_in_use_is_a_sentence(busy_port: int) -> None:
    with pytest.raises(EndpointError) as error:
        await endpoint([], busy_port).start()
    assert str(error.value) == (
        f"metrics.host = '127.0.0.1', metrics.port = {busy_port}: another program listens there; expected a free port. "
        "Stop that program, or set another port (CALLPULSE_METRICS_PORT; 0 takes any that is free)"
    )


async def test_a_demo_takes_another_port_and_says_which(busy_port: int, client: aiohttp.ClientSession) -> None:
    served = endpoint([], busy_port, or_another=True)
    await served.start()
    async with client.get(f"{served.url}/livez") as answer:
        assert answer.status == 200
    assert not served.url.endswith(f":{busy_port}")
    await served.stop()


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
async def test_an_address_of_another_machine_is_a_sentence(host: str) -> None:
    with pytest.raises(EndpointError, match=rf"metrics\.host = '{host}'.*expected an address of this machine"):
        await endpoint([], host=host, or_another=True).start()


async def test_a_connection_on_which_nothing_is_asked_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callpulse.stream.endpoint.IDLE_S", 0.2)
    served = endpoint([])
    await served.start()
    for beginning in (b"", b"GET /livez HTTP/1.1\r\nHo"):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(served.url.rpartition(":")[2]))
        writer.write(beginning)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
    await served.stop()


async def test_after_stop_nobody_listens_and_stopping_twice_does_no_harm(client: aiohttp.ClientSession) -> None:
    served = endpoint([])
    await served.start()
    await served.stop()
    await served.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(f"{served.url}/livez")


async def test_stopping_before_starting_does_no_harm() -> None:
    await endpoint([]).stop()


@pytest.mark.parametrize(
    ("host", "tls", "said"), [("::1", True, "https://[::1]:80"), ("127.0.0.1", False, "http://127.0.0.1:80")]
)
def test_an_address_is_one_that_browsers_take(host: str, tls: bool, said: str) -> None:
    assert address(host, 80, tls=tls) == said
