"""A cluster of Alertmanagers is told again and again what stands, and that the monitor lives."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession

from callpulse.alerts import heartbeat
from callpulse.alerts.channels.alertmanager import Alertmanager, Cluster
from callpulse.alerts.core.message import message
from callpulse.alerts.core.outcome import Delivered, Permanent, Temporary
from callpulse.alerts.core.standing import Standing
from callpulse.ending import ended
from tests.contracts.attempt import NOW_MS, told
from tests.notices import ONSET_MS, notice
from tests.receiver import Receiver, answer


async def test_every_member_of_a_cluster_is_told_and_one_that_has_it_is_enough(session: ClientSession) -> None:
    async with Receiver(answer(500)) as one, Receiver() as other:
        cluster = Cluster(Alertmanager(urls=(one.url, other.url + "/")))
        assert await told(cluster, session) == Delivered()
        assert [receiver.received[0].path for receiver in (one, other)] == ["/api/v2/alerts"] * 2
        assert one.received[0].body == other.received[0].body
        other.replies = [answer(400)]
        assert isinstance(await told(cluster, session), Temporary)


def sent(receiver: Receiver) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = json.loads(receiver.received[-1].body)
    return alerts


async def test_what_stands_is_sent_again_with_an_end_four_resends_away(session: ClientSession) -> None:
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,), resend_s=20.0))
        await told(cluster, session)
        assert await cluster.resend(session, NOW_MS + 20_000) == Delivered()
    (alert,) = sent(receiver)
    assert alert["labels"] == {
        "alertname": "capacity",
        "queue": "sales",
        "site": "main",
        "kpi": "service_level",
        "cause": "agents_missing",
        "severity": "critical",
    }
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-03-01T09:03:00.000Z", "2026-03-01T09:17:40.000Z")


async def test_what_is_over_is_sent_for_five_minutes_more(session: ClientSession) -> None:
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,)))
        await told(cluster, session, notice("resolved"))
        await cluster.resend(session, NOW_MS + 299_000)
        assert sent(receiver)[0]["endsAt"] == "2026-03-01T09:15:00.000Z"
        assert len(receiver.received) == 2
        await cluster.resend(session, NOW_MS + 300_000)
        assert len(receiver.received) == 2


async def test_an_alert_that_escalates_ends_under_its_former_severity(session: ClientSession) -> None:
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,)))
        await told(cluster, session, notice(severity="warning"))
        await told(cluster, session, notice("escalated"))
    ends = {alert["labels"]["severity"]: alert["endsAt"] for alert in sent(receiver)}
    assert ends == {"warning": "2026-03-01T09:15:00.000Z", "critical": "2026-03-01T09:18:00.000Z"}


async def test_a_late_end_does_not_end_the_alert_that_followed(session: ClientSession) -> None:
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,)))
        await told(cluster, session, notice(id="second", onset_ms=NOW_MS - 1000))
        assert await told(cluster, session, notice("resolved", id="first")) == Delivered()
        await cluster.resend(session, NOW_MS)
    assert [alert["endsAt"] > "2026-03-01T09:16" for alert in sent(receiver)] == [True]


async def test_many_alerts_are_sent_in_several_requests(session: ClientSession) -> None:
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,)))
        for number in range(130):
            what = notice(queue=f"q{number}")
            cluster.standing.hold(what, message(what, "en", "UTC"), NOW_MS)
        assert await cluster.resend(session, NOW_MS) == Delivered()
    assert [len(json.loads(request.body)) for request in receiver.received] == [64, 64, 2]


async def test_the_heartbeat_stands_while_the_monitor_lives_and_is_not_sent_when_it_does_not(
    session: ClientSession,
) -> None:
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,)))
        heartbeat.show_life(cluster.standing, "main", ONSET_MS, alive=True)
        await cluster.resend(session, NOW_MS)
        assert [alert["labels"]["alertname"] for alert in sent(receiver)] == ["CallpulseAlive"]
        heartbeat.show_life(cluster.standing, "main", ONSET_MS, alive=False)
        await cluster.resend(session, NOW_MS)
        assert len(receiver.received) == 1


async def test_what_stands_is_sent_again_and_again_and_the_heartbeat_only_while_the_monitor_lives(
    session: ClientSession,
) -> None:
    lives = iter([True, True, False])
    async with Receiver() as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,), resend_s=0.01))
        cluster.standing.hold(notice(), message(notice(), "en", "UTC"), NOW_MS)
        sending = cluster.keep_sending(
            session,
            now_ms=lambda: NOW_MS,
            told=lambda _: None,
            refresh=lambda standing: heartbeat.show_life(standing, "main", ONSET_MS, alive=next(lives, False)),
        )
        task = asyncio.create_task(sending)
        await receiver.until(lambda received: len(received) >= 4)
        await ended(task)
    names = [[alert["labels"]["alertname"] for alert in json.loads(each.body)] for each in receiver.received[:4]]
    assert names == [["capacity", "CallpulseAlive"]] * 2 + [["capacity"]] * 2


async def test_what_one_request_is_refused_does_not_stop_the_next(session: ClientSession) -> None:
    async with Receiver(answer(400), answer(200)) as receiver:
        cluster = Cluster(Alertmanager(urls=(receiver.url,)))
        for number in range(65):
            what = notice(queue=f"q{number}")
            cluster.standing.hold(what, message(what, "en", "UTC"), NOW_MS)
        assert isinstance(await cluster.resend(session, NOW_MS), Permanent)
    assert len(receiver.received) == 2


def test_a_cluster_without_members_or_with_a_hasty_resend_is_refused() -> None:
    for table in ({"urls": []}, {"urls": ["http://a"], "resend_s": 5.0}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(table, Alertmanager)


def test_a_state_that_nobody_told_is_empty() -> None:
    assert Standing().all(NOW_MS) == []
