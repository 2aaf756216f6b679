"""/metrics for who has the secret alone, and by TLS: as a real Prometheus asks for it, and as a stranger does."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse import healthy
from callpulse.edges.listening import exposed_to
from callpulse.edges.scrape_door import admits
from callpulse.settings import Alerts, Settings, SettingsError, load
from callpulse.settings.tables import Metrics
from callpulse.stream.endpoint import Endpoint
from callpulse.stream.metrics.collector import MetricsCollector
from tests.certificates import Authority
from tests.metrics_floor import HEALTH, Telling, booked, floor, told
from tests.prometheus import Prometheus, needs_prometheus, scraping
from tests.waiting import until_async

TOKEN, USER, PASSWORD = "0123456789abcdef", "prometheus", "correct: horse"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SALES = told(booked(floor()), "sales")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


# -- who is let in


@pytest.mark.parametrize(
    ("header", "by_token", "by_password"),
    [
        (f"Bearer {TOKEN}", True, False),
        (f"bearer  {TOKEN}", True, False),
        (f"Bearer {TOKEN}x", False, False),
        ("Bearer ", False, False),
        ("", False, False),
        (TOKEN, False, False),
        (f"Basic {BASIC}", False, True),
        (basic(f"{USER}:guess"), False, False),
        (basic(f"other:{PASSWORD}"), False, False),
        (basic(":"), False, False),
        ("Basic ***", False, False),
        ("Basic é", False, False),
    ],
)
def test_the_secret_opens_and_nothing_else(header: str, by_token: bool, by_password: bool) -> None:
    assert admits(Metrics(token=TOKEN), header) is by_token
    assert admits(Metrics(username=USER, password=PASSWORD), header) is by_password
    assert admits(Metrics(token=TOKEN, username=USER, password=PASSWORD), header) is (by_token or by_password)
    assert not admits(Metrics(), header), "where nothing is asked for, no secret is known"


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_stranger_is_never_let_in_and_nothing_breaks(scheme: str, text: str) -> None:
    metrics = Metrics(token=TOKEN, username=USER, password=PASSWORD)
    assert not admits(metrics, f"{scheme} {text}")
    assert not admits(metrics, basic(text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")))


# -- served


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def serving(access: Metrics) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(
        MetricsCollector(Telling([SALES], HEALTH), thresholds_s=(20,)), list, host="127.0.0.1", port=0, access=access
    )
    await endpoint.start()
    try:
        yield endpoint
    finally:
        await endpoint.stop()


@pytest.fixture
async def guarded(ours: Authority) -> AsyncIterator[Endpoint]:
    shown = ours.issue("worker", "127.0.0.1")
    access = Metrics(cert_file=str(shown.cert), key_file=str(shown.key), token=TOKEN, username=USER, password=PASSWORD)
    async for endpoint in serving(access):
        yield endpoint


async def test_probes_ask_nobody_and_metrics_everybody(guarded: Endpoint, ours: Authority) -> None:
    assert guarded.url.startswith("https://")
    trusting = ssl.create_default_context(cafile=str(ours.ca_file))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as session:
        for path in ("/livez", "/readyz"):
            async with session.get(guarded.url + path) as answer:
                assert answer.status == 200
        async with session.get(guarded.url + "/metrics") as answer:
            assert answer.status == 401
            assert [way.partition(" ")[0] for way in answer.headers.getall("WWW-Authenticate")] == ["Bearer", "Basic"]
            assert await answer.text() == (
                "needs metrics.token, as authorization, or metrics.username and password, as basic_auth: "
                "docs/SECURITY.md\n"
            )
        async with session.get(guarded.url + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert "callpulse_visits_offered_total" in await answer.text()


async def test_who_does_not_trust_the_certificate_does_not_come(guarded: Endpoint) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(guarded.url + "/livez")


async def test_the_health_check_of_the_image_asks_by_tls_too(guarded: Endpoint, ours: Authority) -> None:
    shown = ours.issue("worker", "127.0.0.1")
    words = ("python", "callpulse", "worker")
    port = guarded.url.rpartition(":")[2]
    names = {"CALLPULSE_METRICS_PORT": port, "CALLPULSE_METRICS_CERT_FILE": str(shown.both)}
    url = healthy.address(words, names)
    assert url == f"{guarded.url}/livez"
    assert await asyncio.to_thread(healthy.trouble, url) is None


# -- a real Prometheus


def asking(config: dict[str, Any], **how: Any) -> dict[str, Any]:
    config["scrape_configs"] = [{**each, "scheme": "https", **how} for each in config["scrape_configs"]]
    return config


@needs_prometheus
@pytest.mark.parametrize(
    ("way", "trusts", "up", "error"),
    [
        ("token", True, 1, ""),
        ("basic", True, 1, ""),
        ("wrong", True, 0, "401 Unauthorized"),
        ("nothing", True, 0, "401 Unauthorized"),
        ("token", False, 0, "certificate signed by unknown authority"),
    ],
)
async def test_prometheus_comes_by_token_or_password(
    guarded: Endpoint, ours: Authority, tmp_path: Path, way: str, trusts: bool, up: int, error: str
) -> None:
    for name, text in (("token", TOKEN), ("password", PASSWORD), ("guess", "guess")):
        (tmp_path / name).write_text(text + "\n")
    ways: dict[str, dict[str, Any]] = {
        "token": {"authorization": {"credentials_file": str(tmp_path / "token")}},
        "basic": {"basic_auth": {"username": USER, "password_file": str(tmp_path / "password")}},
        "wrong": {"authorization": {"credentials_file": str(tmp_path / "guess")}},
        "nothing": {},
    }
    other = Authority(tmp_path, "theirs")
    trusted = {"tls_config": {"ca_file": str((ours if trusts else other).ca_file)}}
    port = int(guarded.url.rpartition(":")[2])
    config = asking(scraping({"callpulse-worker": [port]}), **ways[way], **trusted)
    with Prometheus(tmp_path, config) as prometheus:
        found = await until_async(lambda: prometheus.ask("up"), "a first scrape", 30, prometheus.log)
        assert [each.value for each in found] == [up]
        (target,) = prometheus.api("targets", state="active")["activeTargets"]
        assert error in target["lastError"]


# -- settings, and what is said at the start


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"CALLPULSE_METRICS_TOKEN": "short"}, "CALLPULSE_METRICS_TOKEN (metrics.token): expected 16 to 200"),
        ({"CALLPULSE_METRICS_USERNAME": "a"}, "metrics.password: missing; expected both, as username is given"),
        ({"CALLPULSE_METRICS_PASSWORD": "a"}, "metrics.username: missing; expected both, as password is given"),
        ({"CALLPULSE_METRICS_KEY_FILE": "a"}, "metrics.cert_file: missing; expected the certificate of the key"),
        ({"CALLPULSE_WALLBOARD_KEY_FILE": "a"}, "wallboard.cert_file: missing; expected the certificate of the key"),
    ],
)
def test_what_makes_no_sense_is_refused(names: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(None, names)
    assert said in str(error.value)
    assert "short" not in str(error.value)


def test_at_the_start_it_is_said_who_may_read() -> None:
    def said(host: str, **access: str) -> str:
        return " ".join(exposed_to(Settings(metrics=Metrics(**access)), Alerts(host=host)))

    assert said("127.0.0.1") == said("localhost") == ""
    assert said("0.0.0.0").startswith("who reaches that address may read /metrics")
    assert "can be read on its way" in said("0.0.0.0", token=TOKEN)


def test_an_expired_certificate_is_said_and_served(ours: Authority) -> None:
    access = Metrics(cert_file=str(ours.issue("old", expired=True).both), token=TOKEN)
    (said,) = exposed_to(Settings(metrics=access), Alerts(host="0.0.0.0"))
    assert "expired on" in said
