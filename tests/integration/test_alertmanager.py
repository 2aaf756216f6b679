"""A real Alertmanager: what we send is received, grouped, resolved, and resolved by itself when we stop sending."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings

from callpulse.alerts import heartbeat
from callpulse.alerts.channels.alertmanager import Alertmanager, Cluster
from callpulse.alerts.core.message import message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered
from callpulse.clock import now_ms
from tests.alert_line import ALERTMANAGER, NOON, AlertLine, gone, waiting
from tests.alertmanager import alertmanager, needs_alertmanager
from tests.notices import any_notice, notice
from tests.receiver import Receiver
from tests.waiting import until_async

CONFIG = """\
route:
  receiver: us
  group_by: [site, alertname]
  group_wait: 100ms
  group_interval: 500ms
  repeat_interval: 1h
receivers:
  - name: us
    webhook_configs:
      - url: {url}
        send_resolved: true
"""

pytestmark = needs_alertmanager


class Site(NamedTuple):
    """An Alertmanager, who it tells, and our side of it: what stands lives for two seconds after it was last sent."""

    cluster: Cluster
    receiver: Receiver
    session: ClientSession
    url: str

    async def tell(self, told: Notice) -> None:
        assert await self.cluster.notify(self.session, told, words(told), now_ms()) == Delivered()

    async def heard(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first notification that is so."""
        await self.receiver.until(lambda received: any(what(json.loads(each.body)) for each in received), within_s=30.0)
        return next(told for each in self.receiver.received if what(told := json.loads(each.body)))


def words(told: Notice) -> Any:
    return message(told, "en", "UTC")


def lately(kind: Any = "firing", **changed: Any) -> Notice:
    """A notice of now: Alertmanager compares with the wall clock."""
    at_ms = now_ms()
    ended_ms = at_ms if kind == "resolved" else None
    return notice(kind, onset_ms=at_ms - 60_000, at_ms=at_ms, ended_ms=ended_ms, **changed)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with (
        Receiver() as receiver,
        ClientSession() as session,
        alertmanager(tmp_path, CONFIG.format(url=receiver.url), session) as url,
    ):
        yield Site(Cluster(Alertmanager(urls=(url,), resend_s=0.5, evaluation_s=0.1)), receiver, session, url)


def firing(told: dict[str, Any]) -> bool:
    return bool(told["status"] == "firing")


def over(told: dict[str, Any]) -> bool:
    return bool(told["status"] == "resolved")


async def test_an_alert_is_received_with_its_words_and_resolved(site: Site) -> None:
    await site.tell(lately())
    (alert,) = (await site.heard(firing))["alerts"]
    assert alert["labels"]["queue"] == "sales"
    assert alert["annotations"]["summary"] == words(lately()).subject
    assert alert["generatorURL"] == lately().wall_url
    await site.tell(lately("resolved"))
    (ended,) = (await site.heard(over))["alerts"]
    assert ended["fingerprint"] == alert["fingerprint"]


async def test_alerts_of_one_site_and_rule_come_as_one_notification(site: Site) -> None:
    for queue in ("sales", "care", "billing"):
        told = lately(queue=queue)
        site.cluster.standing.hold(told, words(told), now_ms())
    assert await site.cluster.resend(site.session, now_ms()) == Delivered()
    told = await site.heard(lambda told: firing(told) and len(told["alerts"]) == 3)
    assert told["groupLabels"] == {"site": "main", "alertname": "capacity"}
    assert {alert["labels"]["queue"] for alert in told["alerts"]} == {"sales", "care", "billing"}


async def test_what_we_stop_sending_is_over_by_itself_and_so_is_the_heartbeat(site: Site) -> None:
    heartbeat.show_life(site.cluster.standing, "main", now_ms(), alive=True)
    await site.tell(lately())
    await site.cluster.resend(site.session, now_ms())
    for name in ("capacity", heartbeat.ALERT):
        told = await site.heard(lambda told, name=name: over(told) and told["groupLabels"]["alertname"] == name)
        assert [alert["status"] for alert in told["alerts"]] == ["resolved"]


async def test_what_we_go_on_sending_stands(site: Site) -> None:
    await site.tell(lately())
    until_ms = now_ms() + 3500

    async def sent_for_long_enough() -> bool:
        assert await site.cluster.resend(site.session, now_ms()) == Delivered()
        return now_ms() > until_ms

    await until_async(sent_for_long_enough, "sent for longer than an alert lives")
    assert not any(over(json.loads(each.body)) for each in site.receiver.received)


async def test_an_alert_that_escalates_stands_once(site: Site) -> None:
    await site.tell(lately(severity="warning"))
    await site.tell(lately("escalated"))

    async def standing() -> list[str]:
        async with site.session.get(f"{site.url}/api/v2/alerts") as response:
            return [alert["labels"]["severity"] for alert in await response.json()]

    assert await until_async(standing, "it stands") == ["critical"]


async def test_any_notice_is_taken(site: Site) -> None:
    notices: list[Notice] = []
    gather(notices)
    for told in notices:
        await site.tell(told)


def gather(notices: list[Notice]) -> None:
    @settings(max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(any_notice)
    def each(told: Notice) -> None:
        notices.append(told)

    each()


async def test_the_alerts_worker_tells_it_what_begins_and_ends_and_that_it_lives(
    site: Site, embedded_broker: str, valkey_url: str, tmp_path: Path
) -> None:
    def about(name: str, status: str) -> Callable[[dict[str, Any]], bool]:
        return lambda told: any(
            each["labels"]["alertname"] == name and each["status"] == status for each in told["alerts"]
        )

    async with AlertLine(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        line.tells(site.url, ALERTMANAGER)
        line.start_worker()
        await line.ready()
        line.start_alerts()
        await waiting(line, 3, NOON)
        alive = await site.heard(about("CallpulseAlive", "firing"))
        assert alive["commonLabels"]["severity"] == "none"
        told = await site.heard(about("late", "firing"))
        (alert,) = told["alerts"]
        assert (alert["labels"]["queue"], alert["labels"]["severity"]) == ("sales", "warning")
        assert alert["annotations"]["rules"] == "late"
        await gone(line, 3, NOON, NOON + 20_000)
        await site.heard(about("late", "resolved"))
