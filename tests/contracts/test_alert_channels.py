"""What every channel does, whatever its server does: one attempt, one outcome, never an exception, never a secret."""

import asyncio
import base64
import hashlib
import hmac
import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from aiohttp import ClientSession
from rich.console import Console
from rich.pretty import Pretty

from callpulse.alerts import heartbeat
from callpulse.alerts.channels.alertmanager import Alertmanager, Cluster
from callpulse.alerts.channels.apprise import MISSING, REFUSED, Apprise, fault
from callpulse.alerts.channels.channel import Channel, host, teller
from callpulse.alerts.channels.pagerduty import PagerDuty
from callpulse.alerts.channels.webhook import Webhook, signed
from callpulse.alerts.core.backlog import Pace
from callpulse.alerts.core.message import message
from callpulse.alerts.core.notice import Acknowledgement, Notice
from callpulse.alerts.core.outcome import Delivered, GivenUp, Outcome, Permanent, Temporary
from callpulse.alerts.core.standing import Standing
from callpulse.alerts.telling import Telling, Told
from callpulse.clock import monotonic_s
from callpulse.ending import ended
from tests.notices import MINUTE_MS, ONSET_MS, notice
from tests.receiver import CUT, GARBAGE, HALF, Receiver, Reply, answer
from tests.waiting import until_async

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise looks for it

NOW_MS = ONSET_MS + 13 * MINUTE_MS
SECRET = "s3cr3t-in-a-url"
KEY = "k3y" * 11


class Kind(NamedTuple):
    """One kind of channel. `taken` = the status with which its server takes a notice; `knows_pauses`: it sees how long
    it is asked to wait; `reads_all`: it does not take the status alone for an answer."""

    name: str
    made: Callable[[str, float], Channel]
    taken: int = 200
    knows_pauses: bool = True
    reads_all: bool = True


KINDS = [
    Kind("alertmanager", lambda url, s: Cluster(Alertmanager(urls=(f"{url}/{SECRET}",), timeout_s=s))),
    Kind("pagerduty", lambda url, s: PagerDuty(url=f"{url}/{SECRET}", routing_key=KEY, timeout_s=s), taken=202),
    Kind("webhook", lambda url, s: Webhook(url=f"{url}/{SECRET}", secret=KEY, timeout_s=s)),
    Kind(
        "apprise",
        lambda url, s: Apprise(url=f"{url.replace('http', 'json')}/{SECRET}", timeout_s=s),
        knows_pauses=False,
        reads_all=False,
    ),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param.name == "apprise":
        pytest.importorskip("apprise", reason=MISSING)
    found: Kind = request.param
    return found


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


async def told(channel: Channel, session: ClientSession, what: Notice | None = None, now_ms: int = NOW_MS) -> Outcome:
    what = what or notice()
    return await channel.notify(session, what, message(what, "en", "UTC"), now_ms)


async def outcome(kind: Kind, session: ClientSession, reply: Reply, timeout_s: float = 5.0) -> tuple[Outcome, Receiver]:
    async with Receiver(reply) as receiver:
        return await told(kind.made(receiver.url, timeout_s), session), receiver


async def test_what_is_taken_is_delivered_and_sent_once(kind: Kind, session: ClientSession) -> None:
    got, receiver = await outcome(kind, session, answer(kind.taken))
    assert got == Delivered()
    assert len(receiver.received) == 1
    assert receiver.received[0].method == "POST"
    assert SECRET in receiver.received[0].path
    assert b"sales" in receiver.received[0].body


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 599])
async def test_what_may_be_taken_later_is_temporary(kind: Kind, session: ClientSession, status: int) -> None:
    got, receiver = await outcome(kind, session, answer(status))
    assert isinstance(got, Temporary)
    assert str(status) in got.reason
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
async def test_what_will_never_be_taken_is_permanent(kind: Kind, session: ClientSession, status: int) -> None:
    got, receiver = await outcome(kind, session, answer(status, body="x" * 100_000))
    assert isinstance(got, Permanent)
    assert str(status) in got.reason
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("asked", "pause_s"), [("7", 7.0), ("999999", 3600.0), ("Sun, 01 Mar 2026 09:17:00 GMT", 60.0), ("soon", None)]
)
async def test_a_pause_that_is_asked_for_is_passed_on(
    kind: Kind, session: ClientSession, asked: str, pause_s: float | None
) -> None:
    got, _ = await outcome(kind, session, answer(429, f"Retry-After: {asked}\r\n"))
    assert isinstance(got, Temporary)
    assert got.retry_after_s == (pause_s if kind.knows_pauses else None)


@pytest.mark.parametrize("reply", [CUT, GARBAGE, HALF], ids=["cut", "garbage", "half"])
async def test_an_answer_that_is_none_is_temporary(kind: Kind, session: ClientSession, reply: Reply) -> None:
    got, _ = await outcome(kind, session, reply)
    assert isinstance(got, Temporary) or (reply == HALF and not kind.reads_all)


async def test_who_does_not_answer_in_time_is_asked_again_later(kind: Kind, session: ClientSession) -> None:
    async with asyncio.timeout(5.0):
        got, _ = await outcome(kind, session, answer(kind.taken, after_s=60.0), timeout_s=0.2)
    assert isinstance(got, Temporary)


async def test_nobody_there_is_temporary(kind: Kind, session: ClientSession) -> None:
    async with Receiver() as receiver:
        url = receiver.url
    assert isinstance(await told(kind.made(url, 1.0), session), Temporary)


async def test_a_redirect_is_not_followed(kind: Kind, session: ClientSession) -> None:
    async with Receiver() as elsewhere:
        got, _ = await outcome(kind, session, answer(302, f"Location: {elsewhere.url}/\r\n"))
        assert isinstance(got, Permanent)
        assert elsewhere.received == []


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a program that logs everything would write (pytest's own log has what libraries were told to keep)."""
    root, written = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(written)
    monkeypatch.setattr(root, "level", logging.DEBUG)
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


@pytest.mark.parametrize("reply", [answer(200), answer(404), answer(500), CUT, GARBAGE, HALF])
async def test_no_secret_is_told(kind: Kind, session: ClientSession, reply: Reply, log: io.StringIO) -> None:
    got, _ = await outcome(kind, session, reply)
    channel = kind.made("http://user:pa55@127.0.0.1:1", 0.5)
    refused = await told(channel, session)
    address = getattr(channel, "_address", channel)
    said = f"{got!r} {refused!r} {address!r} {address} {channel!r} {log.getvalue()}"
    assert not [secret for secret in (SECRET, KEY, "pa55") if secret in said]


@pytest.mark.parametrize("url", ["", "not a url", "http://", "http://[x", "ftp://x/", "http://x:99999/"])
async def test_a_url_that_is_none_is_an_outcome(kind: Kind, session: ClientSession, url: str) -> None:
    got = await told(kind.made(url, 0.5), session)
    assert isinstance(got, Permanent) or (kind.name == "apprise" and isinstance(got, Temporary))


# -- each one's own


async def test_a_webhook_is_signed_over_id_time_and_body_as_the_standard_has_it(session: ClientSession) -> None:
    async with Receiver() as receiver:
        await told(Webhook(url=receiver.url, secret=KEY), session)
        await told(Webhook(url=receiver.url, secret=KEY), session, now_ms=NOW_MS + 60_000)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == notice().news_id
    assert first.headers["webhook-timestamp"] == str(NOW_MS // 1000)
    signed_over = f"{notice().news_id}.{NOW_MS // 1000}.".encode() + first.body
    expected = base64.b64encode(hmac.new(KEY.encode(), signed_over, hashlib.sha256).digest()).decode()
    assert first.headers["webhook-signature"] == f"v1,{expected}"
    assert second.headers["webhook-signature"] != first.headers["webhook-signature"]
    assert first.body == second.body


def test_the_example_of_standard_webhooks_is_signed_as_its_libraries_do() -> None:
    body = b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_only_begins_like_base64_is_taken_as_it_is() -> None:
    assert signed("id", 1, b"", "whsec_!")["webhook-signature"].startswith("v1,")


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in signed("id", 1, b"", "")


@pytest.mark.parametrize(
    ("what", "action"),
    [
        (notice(), "trigger"),
        (notice("repeat"), "trigger"),
        (notice("resolved"), "resolve"),
        (notice("acknowledged", acknowledged=Acknowledgement("Ans", NOW_MS)), "acknowledge"),
        (notice("escalated", acknowledged=Acknowledgement("Ans", NOW_MS)), "trigger"),
        (notice("resolved", acknowledged=Acknowledgement("Ans", NOW_MS)), "resolve"),
    ],
)
async def test_pagerduty_hears_of_one_incident_from_onset_to_end(
    session: ClientSession, what: Notice, action: str
) -> None:
    async with Receiver(answer(202)) as receiver:
        assert await told(PagerDuty(url=receiver.url, routing_key=KEY), session, what) == Delivered()
    event = json.loads(receiver.received[0].body)
    assert (event["event_action"], event["dedup_key"], event["routing_key"]) == (action, notice().id, KEY)


async def test_a_login_page_is_not_a_delivery_to_pagerduty(session: ClientSession) -> None:
    async with Receiver(answer(200, body="<html>Please log in</html>")) as receiver:
        got = await told(PagerDuty(url=receiver.url, routing_key=KEY), session)
    assert got == Temporary(f"127.0.0.1:{receiver.port}: answered 200 OK, expected 202")


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


async def test_a_dead_channel_delays_no_other_and_hears_the_newest_when_it_comes_back(session: ClientSession) -> None:
    outcomes: list[Told] = []

    def telling(name: str, url: str) -> Telling:
        tell = teller(Webhook(url=url), session, lambda what: message(what, "en", "UTC"), lambda: NOW_MS)
        pace = Pace(first_s=0.01, longest_s=0.05)
        return Telling(name, tell, outcomes.append, monotonic_s=monotonic_s, chance=Random(1), pace=pace)

    over = notice("resolved", minutes=20)
    async with Receiver(CUT) as dead, Receiver() as well:
        channels = [telling("dead", dead.url), telling("well", well.url)]
        tasks = [asyncio.create_task(channel.run()) for channel in channels]
        for what in (notice(), over):
            for channel in channels:
                channel.give(what)
            await well.until(lambda received, kind=what.kind: bool(received) and kind.encode() in received[-1].body)
        await dead.until(lambda received: len(received) >= 3)
        dead.replies = [answer(200)]
        await until_async(lambda: channels[0].waiting() == [], "told on the channel that came back")
        await ended(*tasks)
    assert [told for told in outcomes if told.channel == "well"] == [
        Told("well", notice(), Delivered()),
        Told("well", over, Delivered()),
    ]
    assert [told for told in outcomes if told.channel == "dead"] == [
        Told("dead", notice(), GivenUp("replaced")),
        Told("dead", over, Delivered()),
    ]


async def test_the_heartbeat_url_is_asked_while_the_monitor_lives(session: ClientSession) -> None:
    outcomes: list[Outcome] = []
    lives = iter([True, False, True])

    async with Receiver(answer(200), answer(500)) as receiver:
        beating = heartbeat.keep_beating(
            heartbeat.Heartbeat(url=f"{receiver.url}/ping/{SECRET}", every_s=0.01),
            session,
            alive=lambda: next(lives, False),
            now_ms=lambda: NOW_MS,
            told=outcomes.append,
        )
        task = asyncio.create_task(beating)
        await receiver.until(lambda received: len(received) == 2)
        await until_async(lambda: len(outcomes) == 2, "told how the second beat went")
        await ended(task)
    assert [(each.method, each.path) for each in receiver.received] == [("GET", f"/ping/{SECRET}")] * 2
    assert outcomes[0] == Delivered()
    assert isinstance(outcomes[1], Temporary)


def test_an_address_that_apprise_does_not_know_is_named_as_a_fault() -> None:
    pytest.importorskip("apprise", reason=MISSING)
    assert fault(Apprise(url="nothing://x")) == REFUSED
    assert fault(Apprise(url="json://localhost")) is None


async def test_without_the_library_the_channel_says_how_to_get_it(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    assert fault(Apprise(url="json://localhost")) == MISSING
    assert await told(Apprise(url="json://localhost"), session) == Permanent(MISSING)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({"urls": ["http://a:9093"], "resend_s": 20.0}, Alertmanager),
        ({"routing_key": KEY}, PagerDuty),
        ({"url": "https://x/", "secret": "y"}, Webhook),
        ({"url": "slack://x", "format": "markdown"}, Apprise),
        ({"url": "https://x/", "every_s": 60}, heartbeat.Heartbeat),
    ],
)
def test_a_channel_is_a_table_of_the_settings(table: dict[str, Any], kind: type) -> None:
    assert msgspec.convert(table, kind)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(table | {"ulr": "x"}, kind)


def test_a_cluster_without_members_or_with_a_hasty_resend_is_refused() -> None:
    for table in ({"urls": []}, {"urls": ["http://a"], "resend_s": 5.0}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(table, Alertmanager)


@pytest.mark.parametrize(
    ("url", "told_as"),
    [("https://u:p@hooks.example:8443/x?y", "hooks.example:8443"), ("x", "no host"), ("http://[x", "no host")],
)
def test_of_a_url_only_the_host_is_told(url: str, told_as: str) -> None:
    assert host(url) == told_as


def test_an_address_shows_nothing_of_itself_even_in_a_pretty_traceback() -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(Pretty(Webhook(url="https://x/" + SECRET, secret=KEY)))
    assert SECRET not in (shown := console.export_text())
    assert KEY not in shown


def test_a_state_that_nobody_told_is_empty() -> None:
    assert Standing().all(NOW_MS) == []
