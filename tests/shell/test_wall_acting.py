"""Taking and muting from the wall: what is written, who may, and what no page of another house can do."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from callpulse.alerts.commanding import KafkaAwayError, NoTopicError
from callpulse.alerts.core.notice import Acknowledgement
from callpulse.alerts.core.stored import Command
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.connection import connect
from callpulse.settings import load
from callpulse.stream.core.windows import day
from callpulse.wallboard import acting_words
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from tests.core.readings import AT, picture, reading

WALL_MD = Path(__file__).parents[2] / "docs/WALL.md"
KEYS = (
    '[wallboard.tokens.ann]\nkey = "key-of-a-supervisor"\nrole = "supervisor"\n'
    '[wallboard.tokens.hall]\nkey = "key-of-the-hall-is-this"\n[boards.all]\n'
)
ANN, HALL = ({"Authorization": f"Bearer {key}"} for key in ("key-of-a-supervisor", "key-of-the-hall-is-this"))
ROWS = {
    "alert:sales": Alert(queue="sales", severity="critical", onset_ms=AT, id="1" * 32),
    "alert:help": Alert(
        queue="help", severity="warning", onset_ms=AT, id="2" * 32, acknowledged=Acknowledgement("Bob\x1b[2J", AT)
    ),
    "site:no_data": Alert(severity="critical", onset_ms=AT, id="3" * 32, rules=("no_data",)),
}
SALES, HELP, SITE = (f"/api/alerts/{digit * 32}" for digit in "123")

Client = TestClient[Any, Any]


class Desk:
    """A wallboard on which alerts stand, what it has sent to Kafka, and whether Kafka is away."""

    def __init__(self, client: Client, hub: Hub) -> None:
        self.client, self.hub = client, hub
        self.sent: list[Command] = []
        self.away: KafkaAwayError | None = None

    async def ask(self, command: Command) -> None:
        if self.away is not None:
            raise self.away
        self.sent.append(command)

    @property
    def page(self) -> dict[str, str]:
        """Headers of a script of the page."""
        origin = f"http://127.0.0.1:{self.client.port}"
        return {"Origin": origin, "X-Callpulse": "page", "Content-Type": "application/json"}

    async def post(self, path: str, body: str = "{}", headers: Any = None) -> tuple[int, str]:
        response = await self.client.post(path, data=body, headers=self.page if headers is None else headers)
        return response.status, (await response.text()).strip()


@pytest.fixture
async def desk(tmp_path: Any) -> AsyncIterator[Desk]:
    """At this machine."""
    async with at_desk(tmp_path, '[site]\nzone = "Europe/Amsterdam"\nday_start = "06:00"\n') as found:
        yield found


@pytest.fixture
async def keyed(tmp_path: Any) -> AsyncIterator[Desk]:
    """Where people have keys."""
    async with at_desk(tmp_path, KEYS) as found:
        yield found


@asynccontextmanager
async def at_desk(folder: Any, text: str) -> AsyncIterator[Desk]:
    (folder / "callpulse.toml").write_text(text)
    redis = connect("redis://127.0.0.1:1/0")
    hub = Hub(load(folder / "callpulse.toml", {}), redis)
    await hub.show(picture({"sales": reading(0.1)}, alerts=Alerts(rows=ROWS)))
    found: list[Desk] = []

    async def ask(command: Command) -> None:
        await found[0].ask(command)

    async with TestClient(TestServer(app_of(hub, "me", ask))) as client:
        found.append(Desk(client, hub))
        yield found[0]
    await redis.aclose()


async def test_taking_writes_what_the_command_line_writes(desk: Desk) -> None:
    status, text = await desk.post(f"{SALES}/ack", '{"why": "calling people in"}')
    (sent,) = desk.sent
    assert (status, text) == (202, f'{{"id":"{sent.id}"}}')
    assert (sent.kind, sent.by, sent.why, sent.alert) == ("ack", "me", "calling people in", "1" * 32)
    assert len(sent.id) == 8


@pytest.mark.parametrize(("asked", "minutes"), [("15m", 15), ("1h", 60)])
async def test_a_mute_is_of_the_queue_of_the_alert(desk: Desk, asked: str, minutes: int) -> None:
    assert (await desk.post(f"{SALES}/mute?lang=nl", f'{{"for": "{asked}"}}'))[0] == 202
    (sent,) = desk.sent
    assert (sent.kind, sent.rule, sent.queue, sent.by, sent.why) == ("mute", "*", "sales", "me", "op het bord gevraagd")
    assert sent.until_ms - sent.at_ms == minutes * 60_000


async def test_a_mute_until_the_end_of_the_day_ends_when_the_business_day_does(desk: Desk) -> None:
    assert (await desk.post(f"{SALES}/mute", '{"for": "day", "why": "drill"}'))[0] == 202
    (sent,) = desk.sent
    assert sent.until_ms == day(sent.at_ms, desk.hub.settings.calendar()).end_ms
    assert sent.why == "drill"


async def test_a_mute_of_trouble_of_the_whole_site_is_of_its_rule(desk: Desk) -> None:
    assert (await desk.post(f"{SITE}/mute", '{"for": "1h"}'))[0] == 202
    assert (desk.sent[0].rule, desk.sent[0].queue) == ("no_data", "*")


@pytest.mark.parametrize(
    ("alert", "status", "said"),
    [
        (Alert(queue="*", severity="critical", onset_ms=AT, id="4" * 32), 409, "* holds a *, which stands for any"),
        (Alert(queue="sales*", severity="critical", onset_ms=AT, id="4" * 32), 409, "sales* holds a *, "),
        (Alert(severity="critical", onset_ms=AT, id="4" * 32, rules=("a*",)), 409, "a* holds a *, "),
        (Alert(severity="critical", onset_ms=AT, id="4" * 32), 404, "This alert no longer stands."),
    ],
)  # fmt: skip
async def test_a_mute_is_of_nothing_but_what_the_alert_names(desk: Desk, alert: Alert, status: int, said: str) -> None:
    await desk.hub.show(picture({"sales": reading(0.1)}, alerts=Alerts(rows={"alert:x": alert})))
    found, text = await desk.post(f"/api/alerts/{'4' * 32}/mute", '{"for": "1h"}')
    assert (found, text.startswith(said), desk.sent) == (status, True, [])
    assert (await desk.post(f"/api/alerts/{'4' * 32}/ack"))[0] == 202


async def test_what_is_not_so_is_said_and_nothing_is_sent(desk: Desk) -> None:
    assert await desk.post(f"{HELP}/ack") == (409, "Bob\ufffd[2J has taken it already.")
    assert await desk.post("/api/alerts/none/ack?lang=nl") == (404, "Dit alarm staat er niet meer.")
    assert await desk.post("/api/mutes/none/unmute") == (404, "This mute is not in force.")
    await desk.hub.show(picture({}, alerts=None))
    assert (await desk.post(f"{SALES}/ack"))[1].startswith("No alerts worker runs: ")
    desk.hub.away_since_ms = AT
    assert await desk.post(f"{SALES}/ack") == (
        503, "Redis does not answer: no alert can be seen, nothing has been done.",
    )  # fmt: skip
    assert desk.sent == []


async def test_without_kafka_the_wall_says_that_nothing_was_done_and_goes_on(desk: Desk) -> None:
    desk.away = KafkaAwayError("Kafka at 127.0.0.1:1 did not take it")
    assert await desk.post(f"{SALES}/ack") == (
        503,
        "Kafka does not answer: nothing has been done. Try again in a moment.",
    )
    assert (await desk.client.get("/api/boards/all")).status == 200
    assert (await desk.client.get("/readyz")).status == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_a_program_at_this_machine_acts_as_the_document_says(desk: Desk) -> None:
    (lines,) = (part for part in WALL_MD.read_text().split("```") if "X-Callpulse" in part)
    script = lines.removeprefix("sh\n").replace("9466", str(desk.client.port)).replace("/ID/", f"/{'1' * 32}/")
    told = await asyncio.to_thread(subprocess.run, ["bash", "-ec", script], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert [(each.kind, each.why) for each in desk.sent] == [("ack", "calling help"), ("mute", "drill")], told.stdout


async def test_without_a_topic_of_commands_the_wall_says_why_that_can_be(desk: Desk) -> None:
    desk.away = NoTopicError("no topic 'callpulse.commands'")
    assert await desk.post(f"{SALES}/ack") == (
        503,
        "Kafka knows no topic of commands here: no alerts worker has run yet, or this wallboard lacks the right to "
        "write to it. Nothing has been done.",
    )


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"why": 1}', '{"whi": ""}', '{"for": "9h"}', '{"for": null}', "\xff", "[" * 5000]
    + [f'{{"why": "{text}", "for": "1h"}}' for text in ("x" * 501, r"\ud800")],
    ids=lambda body: body[:12],
)
async def test_what_cannot_be_understood_is_not_done(desk: Desk, body: str) -> None:
    for path in (f"{SALES}/ack", f"{SALES}/mute"):
        assert (path, (await desk.post(path, body))[0]) == (path, 400)
    assert desk.sent == []


@pytest.mark.parametrize("why", ["x" * 501, "x" * 9000])
async def test_a_reason_that_is_too_long_is_not_written(desk: Desk, why: str) -> None:
    assert (await desk.post(f"{SALES}/ack", f'{{"why": "{why}"}}'))[0] in (400, 413)
    assert desk.sent == []


async def test_a_viewer_may_not_and_a_program_of_a_supervisor_may(keyed: Desk) -> None:
    for path in (f"{SALES}/ack", f"{SALES}/mute", "/api/mutes/x/unmute"):
        status, text = await keyed.post(path, headers=HALL)
        assert (status, text) == (403, "You may see this board, and not act on it: that needs the role supervisor.")
        assert (await keyed.post(path, headers={}))[0] == 401
    assert (await keyed.post(f"{SALES}/ack", headers=ANN))[0] == 202
    assert [sent.by for sent in keyed.sent] == ["ann"]


@pytest.mark.parametrize(
    "change",
    [
        {"Origin": "http://evil.example.org"},
        {"Origin": "null"},
        {"Origin": None},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Callpulse": None},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Host": "evil.example.org", "Origin": "http://evil.example.org"},
    ],
)
async def test_a_page_of_another_house_cannot_act_in_your_name(desk: Desk, change: dict[str, str | None]) -> None:
    headers = {name: value for name, value in {**desk.page, **change}.items() if value is not None}
    assert (await desk.post(f"{SALES}/ack", headers=headers))[0] == 403
    assert (await desk.post(f"{SALES}/ack", headers={**desk.page, "Sec-Fetch-Site": "same-origin"}))[0] == 202
    assert len(desk.sent) == 1


async def test_nothing_is_done_by_asking_for_it_and_no_other_house_is_allowed_to_read(desk: Desk) -> None:
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        response = await desk.client.request(method, f"{SALES}/ack", headers=desk.page)
        assert response.status == 405
        assert not [name for name in response.headers if name.startswith("Access-Control")]
    assert desk.sent == []


async def test_a_body_that_is_too_large_or_does_not_come_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await desk.post(f"{SALES}/ack", '{"why": "' + "x" * 10_000 + '"}'))[0] == 413
    monkeypatch.setattr("callpulse.wallboard.bodies.WITHIN_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.client.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in desk.page.items())
    host = f"127.0.0.1:{desk.client.port}"
    writer.write(f"POST {SALES}/ack HTTP/1.1\r\nHost: {host}\r\n{head}Content-Length: 20\r\n\r\n{{".encode())
    async with asyncio.timeout(5):
        assert b"408" in await reader.readline()
    writer.close()
    assert desk.sent == []


def test_both_languages_say_the_same_things() -> None:
    for words in (acting_words.PAGE, acting_words.NOT_DONE):
        assert words["en"].keys() == words["nl"].keys()
