"""What every channel does, whatever its server does: one attempt, one outcome, never an exception, never a secret."""

import asyncio
import io
import logging
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from aiohttp import ClientSession
from rich.console import Console
from rich.pretty import Pretty

from callpulse.alerts import heartbeat
from callpulse.alerts.channels.alertmanager import Alertmanager, Cluster
from callpulse.alerts.channels.apprise import MISSING, Apprise
from callpulse.alerts.channels.channel import Channel, host, teller
from callpulse.alerts.channels.pagerduty import PagerDuty
from callpulse.alerts.channels.webhook import Webhook
from callpulse.alerts.core.backlog import Pace
from callpulse.alerts.core.message import message
from callpulse.alerts.core.outcome import Delivered, GivenUp, Outcome, Permanent, Temporary
from callpulse.alerts.telling import Telling, Told
from callpulse.clock import monotonic_s
from callpulse.ending import ended
from tests.contracts.attempt import KEY, NOW_MS, SECRET, told
from tests.notices import notice
from tests.receiver import CUT, GARBAGE, HALF, Receiver, Reply, answer
from tests.waiting import until_async

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise looks for it


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
