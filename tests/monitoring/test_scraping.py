"""The scrape jobs that are generated, in a real Prometheus, against endpoints that ask for TLS and a secret."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from callpulse.monitoring.run import everything
from callpulse.settings import Alerts, Settings
from callpulse.settings.tables import Metrics, Monitoring
from callpulse.settings.wallboard import Wallboard
from callpulse.stream.endpoint import Endpoint
from callpulse.stream.metrics.collector import MetricsCollector
from tests.certificates import Authority
from tests.metrics_floor import HEALTH, Telling
from tests.prometheus import Prometheus, needs_prometheus, promtool

TOKEN, USER, PASSWORD = "0123456789abcdef", "prometheus", "correct: horse"
NAMES = {"worker": "worker", "alerts": "alerts", "wallboard": "wall.example.org"}
SECRETS = {"token": Metrics(token=TOKEN), "password": Metrics(username=USER, password=PASSWORD)}


def secured(folder: Path, asked: Metrics, ca_file: str) -> Settings:
    (folder / "token").write_text(TOKEN)
    (folder / "password").write_text(PASSWORD)
    return Settings(
        metrics=Metrics(cert_file="ours.pem", token=asked.token, username=asked.username, password=asked.password),
        alerts=Alerts(wall_url="https://wall.example.org:9466/sales"),
        wallboard=Wallboard(cert_file="wall.pem"),
        monitoring=Monitoring(
            token_file=str(folder / "token"), password_file=str(folder / "password"), ca_file=ca_file
        ),
    )


def generated(settings: Settings) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(everything(settings)["prometheus/prometheus.yml"])
    return config


@asynccontextmanager
async def served(folder: Path, ours: Authority, asked: Metrics) -> AsyncIterator[dict[str, int]]:
    """Service -> its port: each has a certificate for its own name, and asks for the secret."""
    async with AsyncExitStack() as stack:
        ports = {}
        for service, name in NAMES.items():
            shown = ours.issue(service, name)
            access = Metrics(
                cert_file=str(shown.both), token=asked.token, username=asked.username, password=asked.password
            )
            collector = MetricsCollector(Telling([], HEALTH), thresholds_s=(20,))
            endpoint = Endpoint(collector, list, host="127.0.0.1", port=0, access=access)
            await endpoint.start()
            stack.push_async_callback(endpoint.stop)
            ports[service] = int(endpoint.url.rpartition(":")[2])
        yield ports


def here(config: dict[str, Any], ports: dict[str, int]) -> dict[str, Any]:
    """The same jobs, all else as generated, of services that are found on this machine."""
    jobs = []
    for job in config["scrape_configs"]:
        address = f"127.0.0.1:{ports[job['job_name'].removeprefix('callpulse-')]}"
        kept = {key: value for key, value in job.items() if key != "dns_sd_configs"}
        jobs.append({**kept, "static_configs": [{"targets": [address]}]})
    return {"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}


@needs_prometheus
@pytest.mark.parametrize("way", SECRETS)
async def test_prometheus_scrapes_by_tls_and_shows_the_secret(tmp_path: Path, way: str) -> None:
    ours = Authority(tmp_path)
    config = generated(secured(tmp_path, SECRETS[way], str(ours.ca_file)))
    async with served(tmp_path, ours, SECRETS[way]) as ports:
        with Prometheus(tmp_path, here(config, ports)) as prometheus:
            await prometheus.heard(*ports.values())
            up = prometheus.ask("up")
    assert {each.labels["job"] for each in up} == {f"callpulse-{service}" for service in NAMES}
    assert {each.labels["site"] for each in up} == {"main"}


@needs_prometheus
@pytest.mark.parametrize("way", SECRETS)
def test_promtool_takes_it_and_no_secret_stands_in_it(tmp_path: Path, way: str) -> None:
    files = everything(secured(tmp_path, SECRETS[way], str(Authority(tmp_path).ca_file)))
    assert not [path for path, text in files.items() if TOKEN in text or PASSWORD in text]
    for name, text in files.items():
        if name.startswith("prometheus/"):
            (tmp_path / Path(name).name).write_text(text)
    code, said = promtool("check", "config", str(tmp_path / "prometheus.yml"))
    assert code == 0, said


def test_without_certificates_it_scrapes_as_before() -> None:
    jobs = generated(Settings())["scrape_configs"]
    assert [{*job} for job in jobs] == [{"job_name", "dns_sd_configs", "authorization", "relabel_configs"}] * 3


def test_of_an_authority_that_the_machine_trusts_no_file_is_named(tmp_path: Path) -> None:
    jobs = generated(secured(tmp_path, SECRETS["token"], ""))["scrape_configs"]
    assert [job["tls_config"] for job in jobs] == [{"server_name": name} for name in NAMES.values()]
    assert {job["scheme"] for job in jobs} == {"https"}
