"""What the wallboard serves, as a browser sees it: pages, events, and what one that does not keep up gets."""

import itertools
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from callpulse.current.connection import connect
from callpulse.current.parts import Interval, Parts, Wait
from callpulse.settings import Settings, load
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.watching import WAITING
from tests.core.readings import AT, picture, reading
from tests.waiting import until_async

TWO = '[groups.s]\nqueues = ["sa*"]\n[boards.all]\ntitle = "Everybody"\n[boards.sales]\ngroup = "s"\nlanguage = "nl"\n'

NOBODY = "redis://127.0.0.1:1/0"  # a Redis that nobody asks
Client = TestClient[Any, Any]


def settings(text: str, folder: Any) -> Settings:
    (folder / "callpulse.toml").write_text(text)
    return load(folder / "callpulse.toml", {})


@pytest.fixture
async def hub(tmp_path: Any) -> AsyncIterator[Hub]:
    """Two boards, and a Redis that nobody asks."""
    redis = connect(NOBODY)
    yield Hub(settings(TWO, tmp_path), redis)
    await redis.aclose()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app_of(hub))) as client:
        yield client


class Events:
    """The events of a response, one after the other."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._lines = response.content

    async def next(self) -> tuple[str, Any]:
        """(event, body)"""
        found: dict[str, str] = {}
        while line := (await self._lines.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            found[name] = value
        return found["event"], msgspec.json.decode(found["data"])


async def test_a_browser_gets_the_board_and_then_what_changes(hub: Hub, client: Client) -> None:
    await hub.show(picture({"sales": reading(0.9), "help": reading(0.9)}))
    events = Events(await client.get("/events/all"))
    event, body = await events.next()
    assert (event, sorted(body["wall"]["rows"]), body["now_ms"]) == ("wall", ["help", "sales"], AT)
    assert (body["version"], body["cadence_ms"], body["ttl_ms"]) == (hub.version, 5_000, 30_000)
    await hub.show(picture({"sales": reading(0.4), "help": reading(0.9)}))
    event, body = await events.next()
    assert (event, list(body["wall"]["rows"])) == ("change", ["sales"])
    assert body["wall"]["rows"]["sales"]["cells"]["level"]["text"] == "40"


async def test_a_board_has_its_group_its_title_and_its_language(hub: Hub, client: Client) -> None:
    await hub.show(picture({"sales": reading(0.9), "help": reading(0.9)}))
    sales = (await (await client.get("/api/boards/sales")).json())["wall"]
    assert (sales["language"], list(sales["rows"]), sales["header"]["title"]) == ("nl", ["sales"], "sales")
    _, body = await Events(await client.get("/events/sales?lang=en")).next()
    assert body["wall"]["language"] == "en"
    _, body = await Events(await client.get("/events/sales?lang=xx")).next()
    assert body["wall"]["language"] == "nl"
    assert await (await client.get("/api/boards")).json() == [
        {"name": "all", "title": "Everybody"},
        {"name": "sales", "title": "sales"},
    ]


async def test_a_board_of_one_queue_is_that_queue(tmp_path: Any) -> None:
    """Its figures are the queue's own; beside it nothing is shown."""
    hub = Hub(settings('[boards.a]\nqueue = "a"\nshape = "big"', tmp_path), connect(NOBODY))
    await hub.show(picture({"a": reading(0.9, 40), "b": reading(0.5, 40)}, total=reading(0.7, 80)))
    found = hub.shown("a", "en")
    assert found is not None
    assert (found.order, found.header.title, found.tiles[0].value.text) == (("a",), "a", "90")
    assert [tile.id for tile in found.tiles] == ["service_level", "contacts_waiting", "asa_s", "abandonment_rate"]
    assert hub.boards["a"].look.shape == "big"


async def test_a_queue_from_near_by_is_of_a_supervisors_board_alone(tmp_path: Any) -> None:
    text = '[boards.plain]\n[boards.near]\nshape = "desk"\nqueue = "a/b"\nlanguage = "nl"'
    hub = Hub(settings(text, tmp_path), connect(NOBODY))
    async with TestClient(TestServer(app_of(hub))) as client:
        address = "/api/boards/near/queues/a%2Fb"
        assert (await client.get(address)).status == 503
        await hub.show(picture({"a/b": reading(0.9, 40), "c": reading(0.5, 40)}))
        hub.days.parts = Parts(worst={"a/b": (Wait("c1", 9_000, "lost", AT),)})
        told = await (await client.get(address)).json()
        assert (told["queue"], told["figures"][0]["value"]["text"]) == ("a/b", "90")
        assert [cell["text"] for cell in told["worst"]["rows"][0][:3]] == ["c1", "0:09", "onbekend"]
        told = await (await client.get(address + "?lang=en")).json()
        assert told["worst"]["rows"][0][2]["text"] == "not known"
        assert (await client.get("/api/boards/near/queues/c")).status == 404
        refused = await client.get("/api/boards/plain/queues/c")
        assert (refused.status, 'shape = "desk"' in await refused.text()) == (404, True)


async def test_an_overview_of_sites_is_told_as_it_changes_and_as_numbers(tmp_path: Any) -> None:
    text = '[groups.s]\nqueues = ["sa*"]\n[groups.t]\nqueues = ["t"]\n[boards.land]\nshape = "sites"'
    hub = Hub(settings(text, tmp_path), connect(NOBODY))
    async with TestClient(TestServer(app_of(hub))) as client:
        seen = picture({"sales": reading(0.9), "x": reading(0.5)})
        await hub.show(msgspec.structs.replace(seen, groups={"s": reading(0.9)}))
        events = Events(await client.get("/events/land"))
        _, told = await events.next()
        assert (told["look"]["shape"], told["wall"]["order"]) == ("sites", ["s", "t"][::-1])
        await hub.show(msgspec.structs.replace(seen, groups={"s": reading(0.9, asa_s=9.0)}))
        event, told = await events.next()
        assert (event, list(told["wall"]["rows"])) == ("change", ["s"])
        figures = (await (await client.get("/api/boards/land")).json())["figures"]
        assert (list(figures["queues"]), list(figures["sites"])) == (["x", "sales"], ["t", "s"])
        site = figures["sites"]["s"]
        assert (site["queues"], site["state"]["state"], site["alerts"]) == (["sales"], "ok", None)
        assert site["figures"]["15m"]["asa_s"] == {"value": 9.0, "n": 40}
        assert (await client.get("/api/boards/land/text")).status == 200


async def test_a_rotation_is_a_page_and_names_its_boards(tmp_path: Any) -> None:
    text = '[boards.a]\n[boards.b]\n[boards.hall]\ntitle = "Hall"\nrotate = ["b", "a"]\nevery = "30s"'
    async with TestClient(TestServer(app_of(Hub(settings(text, tmp_path), connect(NOBODY))))) as client:
        assert (await client.get("/b/hall")).status == 200
        assert (await client.get("/events/hall")).status == 404
        hall = {"name": "hall", "title": "Hall", "boards": ["b", "a"], "every_ms": 30_000}
        assert (await (await client.get("/api/boards")).json())[-1] == hall


async def test_who_comes_before_anything_was_read_gets_the_board_when_it_is(hub: Hub, client: Client) -> None:
    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/readyz")).headers["Callpulse-Site"] == "main"  # by which the doctor knows whose it is
    assert (await client.get("/api/boards/all")).status == 503
    events = Events(await client.get("/events/all"))
    await hub.show(picture({"sales": reading(0.9)}))
    assert (await events.next())[0] == "wall"
    ready = await client.get("/readyz")
    assert (await ready.text(), ready.headers["Callpulse-Site"]) == ("ready\n", "main")


async def test_who_does_not_keep_up_loses_changes_but_never_the_board(hub: Hub) -> None:
    await hub.show(picture({"sales": reading(0.5)}))
    slow, fast = hub.watch("all", "en"), hub.watch("all", "en")
    fast.inbox.get_nowait()
    for n in range(WAITING + 2):
        await hub.show(picture({"sales": reading(0.5, 100 + n)}))
        assert fast.inbox.get_nowait().event == "change"
    assert (slow.inbox.qsize(), hub.audience.lost_total) == (2, 1)
    await hub.show(picture({"sales": reading(0.25)}))
    first = slow.inbox.get_nowait()
    seen = msgspec.json.decode(first.body)
    while not slow.inbox.empty():
        seen = msgspec.json.decode(slow.inbox.get_nowait().body)
    assert first.event == "wall"
    assert seen["wall"]["rows"]["sales"]["cells"]["level"]["text"] == "25"


async def test_a_browser_that_is_gone_is_forgotten(hub: Hub, client: Client) -> None:
    await hub.show(picture({"sales": reading(0.9)}))
    response = await client.get("/events/all")
    await Events(response).next()
    response.close()
    number = itertools.count(11)

    async def forgotten() -> bool:
        await hub.show(picture({"sales": reading(0.5, next(number))}))
        return not hub.audience.watchers

    await until_async(forgotten, "it is forgotten when something is to be told", 10)


async def test_a_language_that_was_left_is_not_shown_as_it_was_then(hub: Hub, client: Client) -> None:
    await hub.show(picture({"sales": reading(0.9)}))
    hub.audience.leave(hub.watch("all", "nl"))
    await hub.show(picture({"sales": reading(0.1)}))
    for watched in (
        hub.watch("all", "nl").inbox.get_nowait().body,
        await (await client.get("/api/boards/all?lang=nl")).read(),
    ):
        assert msgspec.json.decode(watched)["wall"]["rows"]["sales"]["cells"]["level"]["text"] == "10"


async def test_another_usual_target_needs_all_of_the_board(hub: Hub) -> None:
    await hub.show(picture({"sales": reading(0.9)}))
    watcher = hub.watch("all", "en")
    watcher.inbox.get_nowait()
    await hub.show(picture({"sales": reading(0.9, target_service_level=0.9, target_threshold_s=10)}))
    message = watcher.inbox.get_nowait()
    assert message.event == "wall"
    assert msgspec.json.decode(message.body)["wall"]["heads"]["queue"] == ["Queue", "90/10 unless shown"]


async def test_nothing_of_another_house_is_allowed_on_a_page(client: Client) -> None:
    for path in ("/", "/b/all", "/static/page.js", "/static/wall.css", "/api/boards"):
        response = await client.get(path)
        assert (path, response.status) == (path, 200)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    page = await (await client.get("/b/all")).text()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


async def test_what_is_not_there_is_said(client: Client) -> None:
    for path in ("/b/none", "/events/none", "/api/boards/none"):
        response = await client.get(path)
        assert (response.status, await response.text()) == (404, "no board of that name; there are: all, sales\n")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/static/none.js", "/static/..%2f..%2fhub.py", "/static/words.py"):
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize(("asks", "said"), [("en", "There is no board"), ("nl,en;q=0.5", "is er niet. Er zijn:")])
async def test_who_looks_for_a_board_that_does_not_exist_gets_those_that_do(
    client: Client, asks: str, said: str
) -> None:
    for path in ("/b/no%3Cscript%3E", "/b/no%3Cscript%3E/day"):
        url = URL(path, encoded=True)
        response = await client.get(url, headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": asks})
        page = await response.text()
        assert (response.status, response.content_type) == (404, "text/html")
        assert said in page
        assert "no&lt;script&gt;" in page
        assert '<ul id="boards">' in page


@pytest.mark.parametrize("queue", ["sales", "a/b", "<script>", "خدمة", "50%2F"])
async def test_an_interval_of_a_queue_is_looked_back_at_by_its_name_and_start(
    hub: Hub, client: Client, queue: str
) -> None:
    await hub.show(picture({queue: reading(0.9)}))
    of = Interval(start_ms=AT, end_ms=AT + 900_000, offered=4, answered=4, answered_within_t=3, level=0.75, level_n=4)
    hub.days.parts = Parts(intervals={queue: (of,)})
    path = URL(f"/api/boards/all/queues/{quote(queue, safe='')}/intervals/", encoded=True)
    found = await (await client.get(URL(f"{path}{AT}?lang=nl", encoded=True))).json()
    assert (found["back"]["queue"], found["interval"]["service_level"]) == (queue, 0.75)
    assert found["back"]["sections"][0]["title"] == "Wie belde"
    for start in (AT + 1, "now", "9" * 40, "-1"):
        gone = await client.get(URL(f"{path}{start}", encoded=True))
        assert (gone.status, await gone.text()) == (
            404, "no interval begins then; there are 16:00 to 16:00\n"
        )  # fmt: skip
    other = await client.get(f"/api/boards/all/queues/other/intervals/{AT}")
    assert (other.status, await other.text()) == (404, "no queue of that name on this board\n")


async def test_an_interval_of_all_queues_of_a_board_is_their_sum(hub: Hub, client: Client) -> None:
    def of(offered: int, asa_s: float | None, **more: Any) -> tuple[Interval, ...]:
        return (
            Interval(start_ms=AT, end_ms=AT + 900_000, offered=offered, answered=offered, answered_within_t=3,
                     level=3 / offered, level_n=offered, asa_s=asa_s, handled=offered, aht_s=60.0, **more),
        )  # fmt: skip

    waits = {name: (Wait(name * 2, ms, "waiting", AT + 1),) for name, ms in (("sales", 5_000), ("help", 9_000))}
    hub.days.parts = Parts(
        intervals={"sales": of(4, 10.0, exits={"key": 1}, exited=1), "help": of(6, 20.0, exits={"key": 2}, exited=2)},
        worst={**waits, "gone": (Wait("x", 99_000, "waiting", AT + 1),)},
    )
    await hub.show(picture({"sales": reading(0.9), "help": reading(0.9)}))
    found = await (await client.get(f"/api/boards/all/intervals/{AT}?lang=nl")).json()
    back, interval = found["back"], found["interval"]
    assert (back["queue"], back["name"]) == ("", "Totaal, 2 van 2 rijen")
    assert (interval["service_level"], interval["asa_s"], interval["aht_s"]) == (0.6, 16.0, 60.0)
    assert (interval["exits"], interval["abandonment_rate"]) == ({"key": 3}, 0.0)
    assert back["sections"][2]["title"] == "Servicelevel naar elke formule, elke rij naar haar eigen T"
    assert [each["contact_id"] for each in back["contacts"]] == ["help · helphelp", "sales · salessales"]
    assert not any("note" in fact for fact in back["sections"][2]["facts"])
    assert (await client.get(f"/api/boards/all/intervals/{AT + 1}")).status == 404
    one = await (await client.get(f"/api/boards/sales/intervals/{AT}")).json()
    assert (one["interval"]["offered"], one["interval"]["asa_s"]) == (4, 10.0)


async def test_a_board_that_cannot_be_made_takes_no_other_with_it_and_keeps_no_last_value(
    hub: Hub, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hub.show(picture({"sales": reading(0.9), "help": reading(0.9)}))
    make = Hub._make

    def breaks(self: Hub, each: Any, ours: Any) -> None:
        if each.name == "sales":
            raise ZeroDivisionError
        make(self, each, ours)

    monkeypatch.setattr(Hub, "_make", breaks)
    await hub.show(picture({"sales": reading(0.1), "help": reading(0.1)}))
    assert (await client.get("/api/boards/sales")).status == 503
    assert (await client.get("/events/sales")).status == 503
    assert (await (await client.get("/api/boards/all")).json())["wall"]["rows"]["sales"]["cells"]["level"][
        "text"
    ] == "10"
    monkeypatch.undo()
    await hub.show(picture({"sales": reading(0.8)}))
    assert (await client.get("/api/boards/sales")).status == 200
