"""What one kind of channel does and no other: webhook, PagerDuty, Apprise."""

import base64
import hashlib
import hmac
import json

import pytest
from aiohttp import ClientSession

from callpulse.alerts.channels.apprise import MISSING, REFUSED, Apprise, fault
from callpulse.alerts.channels.pagerduty import PagerDuty
from callpulse.alerts.channels.webhook import Webhook, signed
from callpulse.alerts.core.notice import Acknowledgement, Notice
from callpulse.alerts.core.outcome import Delivered, Permanent, Temporary
from tests.contracts.attempt import KEY, NOW_MS, told
from tests.notices import notice
from tests.receiver import Receiver, answer

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise looks for it


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
