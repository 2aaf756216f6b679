"""What programs get from the wallboard: what is documented, under the names of `callpulse top --json`, and as text."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from callpulse.alerts.core.message import Brief
from callpulse.alerts.core.mute import Mute
from callpulse.board.view import board
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.connection import connect
from callpulse.settings import load
from callpulse.top.as_json import board_json
from callpulse.wallboard.acting import STATUS
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from tests.core.readings import AT, picture, reading
from tests.schema import complaints

BOARDS = (
    '[boards.all]\ntitle = "Everybody"\n[groups.s]\nqueues = ["sa*"]\n[boards.sales]\ngroup = "s"\nlanguage = "nl"\n'
)
SAID = {"en": Brief("…", "12 % in time", "+3 agents"), "nl": Brief("…", "12 % op tijd", "+3 agenten")}
ALERTS = Alerts(
    rows={
        "alert:sales": Alert(queue="sales", severity="critical", onset_ms=AT, id="1" * 32, told=True, said=SAID),
        "alert:help": Alert(queue="help", severity="warning", onset_ms=AT, id="2" * 32, told=True),
    },
    mutes={"m": Mute("m", "*", "x*", "Ans", "drill", AT, AT + 60_000)},
)
QUEUES = {
    "sales": reading(0.12, now_contacts_waiting=6, now_longest_wait_start_ms=AT - 200_000, asa_s=69, now_agents=3),
    "help": reading(0.9),
    "<script>": reading(None, 0),
}
PICTURE = picture(QUEUES, total=reading(0.5, 80, asa_s=30), gone={"away": AT - 60_000}, alerts=ALERTS)

Client = TestClient[Any, Any]


@pytest.fixture
async def hub(tmp_path: Any) -> AsyncIterator[Hub]:
    (tmp_path / "callpulse.toml").write_text(BOARDS)
    redis = connect("redis://127.0.0.1:1/0")
    yield Hub(load(tmp_path / "callpulse.toml", {}), redis)
    await redis.aclose()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[Client]:
    async def ask(_: object) -> None:
        pass

    async with TestClient(TestServer(app_of(hub, "me", ask))) as client:
        yield client


async def documented(client: Client) -> Any:
    return await (await client.get("/api/openapi.json")).json()


def schema_of(document: Any, path: str, method: str = "get", status: str = "200") -> Any:
    return document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]


async def test_answers_are_what_is_documented(hub: Hub, client: Client) -> None:
    await hub.show(PICTURE)
    document = await documented(client)
    asked = [(path, path) for path in ("/api/boards", "/api/previews", "/api/me")]
    asked += [("/api/boards/{name}", f"/api/boards/{name}") for name in ("all", "sales", "all?lang=nl")]
    for path, address in asked:
        answer = await (await client.get(address)).json()
        assert list(complaints(answer, schema_of(document, path), document)) == [], address
    origin = {"Origin": f"http://127.0.0.1:{client.port}", "X-Callpulse": "page"}
    for path, body in (("ack", {"why": "x"}), ("mute", {"for": "1h"})):
        asks = document["paths"][f"/api/alerts/{{id}}/{path}"]["post"]["requestBody"]["content"]["application/json"]
        assert list(complaints(body, asks["schema"], document)) == []
        sent = await (await client.post(f"/api/alerts/{'1' * 32}/{path}", json=body, headers=origin)).json()
        assert list(complaints(sent, schema_of(document, f"/api/alerts/{{id}}/{path}", "post", "202"), document)) == []


async def test_an_answer_that_is_not_what_is_documented_is_noticed(hub: Hub, client: Client) -> None:
    await hub.show(PICTURE)
    document = await documented(client)
    answer = await (await client.get("/api/boards/all")).json()
    schema = schema_of(document, "/api/boards/{name}")
    for path, value in (
        (("now_ms",), "soon"),
        (("figures", "states", "sales", "state"), "fine"),
        (("figures", "queues", "sales", "15m", "service_level", "value"), None),
        (("wall", "order"), {}),
        (("wall", "header", "title"), None),
    ):
        wrong = copy.deepcopy(answer)
        place = wrong
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        assert list(complaints(wrong, schema, document)) != [], path


async def test_figures_have_the_names_and_the_shape_of_top(hub: Hub, client: Client) -> None:
    await hub.show(PICTURE)
    figures = (await (await client.get("/api/boards/all")).json())["figures"]
    assert figures == msgspec.json.decode(board_json(PICTURE, board(PICTURE)))
    assert figures["queues"]["sales"]["15m"]["service_level"] == {"value": 0.12, "n": 40}
    assert figures["total"]["15m"]["asa_s"] == {"value": 30, "n": 80}
    assert figures["queues"]["away"] == {}
    sales = (await (await client.get("/api/boards/sales")).json())["figures"]
    assert list(sales["queues"]) == ["sales"]
    assert [alert["queue"] for alert in sales["alerts"]["standing"]] == ["sales"]


async def test_a_preview_is_a_line_of_a_board_and_no_more(hub: Hub, client: Client) -> None:
    assert await (await client.get("/api/previews")).json() == []
    await hub.show(PICTURE)
    everybody, sales = await (await client.get("/api/previews?lang=nl")).json()
    assert (everybody["name"], sales["name"]) == ("all", "sales")
    wall = (await (await client.get("/api/boards/all?lang=nl")).json())["wall"]
    assert everybody["counts"] == wall["header"]["counts"]
    assert (everybody["label"], everybody["value"]) == (wall["tiles"][0]["label"], wall["tiles"][0]["value"]["text"])
    assert (everybody["unit"], everybody["age"], everybody["stale"]) == ("%", wall["header"]["age"], False)
    whole = len(await (await client.get("/api/boards/all")).read())
    assert len(await (await client.get("/api/previews")).read()) < whole / 10
    hub._states.pop("sales")
    hub.walls.clear()
    assert [each["name"] for each in await (await client.get("/api/previews")).json()] == ["all"]


async def test_every_address_for_programs_is_documented(client: Client) -> None:
    document = await documented(client)
    served = {
        route.resource.canonical
        for route in client.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    } - {"/api/openapi.json"}
    acting = {"/api/alerts/{id}/{what}": {"/api/alerts/{id}/ack", "/api/alerts/{id}/mute"},
              "/api/mutes/{id}/{what}": {"/api/mutes/{id}/unmute"}}  # fmt: skip
    assert {each for path in served for each in acting.get(path, {path})} == set(document["paths"])
    assert document["openapi"] == "3.1.0"


async def test_every_answer_to_who_acts_is_documented_and_no_other(client: Client) -> None:
    paths = (await documented(client))["paths"]
    common = {"202", "400", "401", "403", "404", "408", "413", "501", "503"}
    for path, further in (("alerts/{id}/ack", {"409"}), ("alerts/{id}/mute", {"409"}), ("mutes/{id}/unmute", set())):
        post = paths[f"/api/{path}"]["post"]
        assert (path, set(post["responses"])) == (path, common | further)
        assert [each["name"] for each in post["parameters"]] == ["id", "lang"]
    assert {str(status) for status in STATUS.values()} <= common | {"409"}


async def test_the_state_of_a_board_can_be_told_in_a_chat(hub: Hub, client: Client) -> None:
    assert (await client.get("/api/boards/all/text")).status == 503
    await hub.show(PICTURE)
    response = await client.get("/api/boards/all/text")
    assert (response.content_type, response.charset) == ("text/plain", "utf-8")
    lines = (await response.text()).splitlines()
    assert lines[0].startswith("Everybody · Mon 24 Nov · 15:59:59 · data 1 s old")
    assert lines[1] == "■ 1 ACT · ◌ 1 NO DATA · ● 2 OK"
    assert lines[2].startswith("■ ACT sales: 12 % in time → +3 agents (since 16:00")
    assert any(line.startswith("■ Service level 15 min: 50 %") for line in lines)
    assert any(line.startswith("■ sales: Waiting 6, Longest 3:2") for line in lines)
    assert any(line.startswith("◌ away: NO DATA SINCE 15:59") for line in lines)
    assert not any("help:" in line and "Waiting" in line for line in lines)
    dutch = await (await client.get("/api/boards/sales/text")).text()
    assert "■ ACTIE sales: 12 % op tijd → +3 agenten (sinds 16:00" in dutch
