"""The rules and routes that are generated, in a real Prometheus and a real Alertmanager: who hears what."""

import json
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession, web

from callpulse.clock import now_ms
from callpulse.demo import children
from callpulse.monitoring.run import everything
from callpulse.settings import Settings
from callpulse.stream.core import events as ev
from tests.alert_line import AlertLine
from tests.alertmanager import alertmanager, needs_alertmanager
from tests.prometheus import Prometheus, needs_prometheus, scraping
from tests.receiver import Receiver
from tests.waiting import until_async

FILES = everything(Settings())
SIGNS = {"CallpulsePrometheusAlive", "CallpulseAlertsWatching"}
MISSED = {"CallpulseWorkerDown", "CallpulseNoData"}
ON_DUTY = """\
callpulse_alerts_on_duty 1
callpulse_alert_channel_up{{channel="desk"}} 1
callpulse_alerts_look_timestamp_seconds {now_s}
"""

pytestmark = [needs_prometheus, needs_alertmanager]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


def routes(receiver: Receiver) -> str:
    """The generated ones, to our receiver, with less of the time that people are given."""
    text = FILES["alertmanager/alertmanager.yml"].replace("http://127.0.0.1:5001", receiver.url)
    return re.sub(r"group_wait: \w+", "group_wait: 3s", re.sub(r"group_interval: \w+", "group_interval: 1s", text))


def hurried(folder: Path, wait: str = "1s") -> list[Path]:
    """The generated rules, which wait no longer than that."""
    alerts = yaml.safe_load(FILES["prometheus/alerts.yml"])
    for rule in (rule for group in alerts["groups"] for rule in group["rules"]):
        rule |= {key: wait for key in ("for", "keep_firing_for") if key in rule}
    (folder / "alerts.yml").write_text(json.dumps(alerts))
    (folder / "recording.yml").write_text(FILES["prometheus/recording.yml"])
    return [folder / "recording.yml", folder / "alerts.yml"]


def heard(receiver: Receiver, by: str) -> list[dict[str, Any]]:
    """Alerts that were told to a receiver of the routes."""
    bodies = (json.loads(each.body) for each in receiver.received if each.path == f"/{by}")
    return [alert for body in bodies for alert in body["alerts"]]


def names(alerts: Iterable[dict[str, Any]]) -> set[str]:
    return {alert["labels"]["alertname"] for alert in alerts if alert["status"] == "firing"}


async def test_an_alert_of_prometheus_reaches_who_operates_and_signs_of_life_go_elsewhere(
    receiver: Receiver, session: ClientSession, tmp_path: Path
) -> None:
    """No worker answers: that is told, and what follows from it is not."""
    async with alertmanager(tmp_path, routes(receiver), session) as url:
        told = scraping(
            {"callpulse-worker": [children.free_port()]},
            rules=hurried(tmp_path), alertmanagers=[url.removeprefix("http://")], labels={"site": "main"},
        )  # fmt: skip
        with Prometheus(tmp_path, told) as prometheus:
            await receiver.until(
                lambda _: (
                    {"CallpulseWorkerDown"} <= names(heard(receiver, "operations"))
                    and {"CallpulsePrometheusAlive"} <= names(heard(receiver, "heartbeat"))
                ),
                within_s=60,
                said=prometheus.log,
            )
            await until_async(lambda: kept_back(session, url), "no data is kept back", 30, prometheus.log)
            rules = prometheus.api("rules")["groups"]
    down = next(alert for alert in heard(receiver, "operations") if alert["labels"]["severity"] == "critical")
    assert down["labels"]["site"] == "main"
    assert down["annotations"]["summary"] == "No worker of main answers"
    assert down["annotations"]["runbook_url"] == "docs/RUNBOOK.md#callpulseworkerdown"
    assert names(heard(receiver, "operations")) == {"CallpulseWorkerDown"}
    assert heard(receiver, "supervisors") == []
    assert [rule for group in rules for rule in group["rules"] if rule.get("lastError")] == []


async def kept_back(session: ClientSession, url: str) -> bool:
    """Whether Alertmanager knows that there is no data, and of the cause."""
    asked = {"filter": 'alertname="CallpulseNoData"'}
    async with session.get(f"{url}/api/v2/alerts", params=asked) as response:
        return any(alert["status"]["inhibitedBy"] for alert in await response.json())


async def test_while_the_alerts_worker_watches_prometheus_tells_supervisors_nothing(
    receiver: Receiver, session: ClientSession, tmp_path: Path
) -> None:
    """Two sites with the same trouble on the floor: the first has an alerts worker that watches."""
    async with alertmanager(tmp_path, routes(receiver), session) as url, on_duty() as port:
        told = scraping(
            {"callpulse-alerts": [port]},
            rules=hurried(tmp_path), alertmanagers=[url.removeprefix("http://")], labels={"site": "watched"},
        )  # fmt: skip
        with Prometheus(tmp_path, told) as prometheus:
            await prometheus.says('ALERTS{alertname="CallpulseAlertsWatching", alertstate="firing"}')
            await tell(session, url, *(low(site) for site in ("watched", "blind")), of_the_alerts_worker("watched"))
            await receiver.until(lambda _: len(heard(receiver, "supervisors")) >= 2, 30, prometheus.log)
    told_to = {(each["labels"]["alertname"], each["labels"]["site"]) for each in heard(receiver, "supervisors")}
    assert told_to == {("CallpulseServiceLevelLow", "blind"), ("service_level", "watched")}


async def test_a_site_that_is_well_alerts_nobody_and_a_killed_worker_is_missed(
    receiver: Receiver, embedded_broker: str, valkey_url: str, tmp_path: Path
) -> None:
    """All processes for real; rules that wait for five seconds only."""
    async with AlertLine(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        line.tells(receiver.url)
        worker = line.start_worker()
        await line.ready()
        line.start_alerts()
        wall = line.start_wall()
        await line.says("this worker judges")
        ports = {"worker": line.ports[0], "alerts": line.alerts_port, "wallboard": int(wall.rpartition(":")[2])}
        await calls(line)
        jobs = {f"callpulse-{job}": [port] for job, port in ports.items()}
        with Prometheus(tmp_path, scraping(jobs, rules=hurried(tmp_path, "5s"))) as prometheus:
            await prometheus.heard(*ports.values())
            for _ in range(12):
                await calls(line)
                await prometheus.scraped()
                assert firing(prometheus) <= SIGNS
            assert firing(prometheus) == SIGNS
            assert prometheus.value("callpulse:service_level:ratio_rate5m") == 1
            children.kill(worker)
            await until_async(lambda: {*MISSED} <= firing(prometheus), "a killed worker is missed", 60, prometheus.log)
            assert prometheus.ask("callpulse:service_level:ratio_rate5m") == []


async def calls(line: AlertLine) -> None:
    """Two, answered at once, and the heartbeat of now."""
    at = now_ms() - 5000
    kinds = (ev.Enqueued, ev.Connected)
    await line.send([kind(at=at, queue="sales", contact_id=f"{at}-{n}") for n in range(2) for kind in kinds], now_ms())


def firing(prometheus: Prometheus) -> set[str]:
    return {each.labels["alertname"] for each in prometheus.ask('ALERTS{alertstate="firing"}')}


def low(site: str) -> dict[str, str]:
    """As Prometheus tells it."""
    return {
        "alertname": "CallpulseServiceLevelLow", "site": site, "queue": "sales", "audience": "supervisors",
        "severity": "warning",
    }  # fmt: skip


def of_the_alerts_worker(site: str) -> dict[str, str]:
    return {"alertname": "service_level", "site": site, "queue": "sales", "kpi": "service_level", "severity": "warning"}


async def tell(session: ClientSession, url: str, *labels: dict[str, str]) -> None:
    """All of them, once Alertmanager knows that somebody watches."""
    starts = datetime.fromtimestamp(now_ms() / 1000, UTC).isoformat()
    alerts = [{"labels": each, "annotations": {}, "startsAt": starts} for each in labels]
    async with session.post(f"{url}/api/v2/alerts", json=alerts) as response:
        assert response.status == 200


class on_duty:  # noqa: N801 -- reads as what it is: async with on_duty() as port
    """A process that tells what an alerts worker on duty tells."""

    async def __aenter__(self) -> int:
        app = web.Application()
        app.router.add_get("/metrics", self._told)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        port = children.free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return port

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _told(self, _: web.Request) -> web.Response:
        return web.Response(text=ON_DUTY.format(now_s=now_ms() / 1000))
