"""Who may see the wall, as a browser and a program meet it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from callpulse.current.connection import connect
from callpulse.settings import load
from callpulse.wallboard.app import GUARD, app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.serve import quietly
from tests.core.readings import picture, reading

KEY = "kiosk-key-of-the-hall"
KEYS = f'[wallboard.tokens.hall]\nkey = "{KEY}"\n[boards.all]\n[boards.sales]\n'
HTML = {"Accept": "text/html"}

Client = TestClient[Any, Any]
Serve = Callable[[str], Awaitable[Client]]


@pytest.fixture
async def serve(tmp_path: Any) -> AsyncIterator[Serve]:
    """A wallboard with these settings, that has read a queue."""
    redis, clients = connect("redis://127.0.0.1:1/0"), []

    async def served(text: str) -> Client:
        (tmp_path / "callpulse.toml").write_text(text)
        hub = Hub(load(tmp_path / "callpulse.toml", {}), redis)
        await hub.show(picture({"sales": reading(0.9)}))
        client: Client = TestClient(TestServer(app_of(hub, "me")), cookie_jar=CookieJar(unsafe=True))
        await client.server.start_server(**quietly())
        await client.start_server()
        clients.append(client)
        return client

    yield served
    for client in clients:
        await client.close()
    await redis.aclose()


async def test_a_link_with_a_key_opens_the_board_and_loses_the_key(serve: Serve) -> None:
    client = await serve(KEYS)
    response = await client.get(f"/b/all?lang=nl&key={KEY}", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/b/all?lang=nl")
    cookie = response.headers["Set-Cookie"]
    assert all(f"; {flag}" in cookie for flag in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"))
    assert KEY not in cookie
    for path in ("/", "/b/all", "/api/boards", "/api/boards/all", "/events/all"):
        assert (path, (await client.get(path)).status) == (path, 200)
    assert await (await client.get("/api/me")).json() == {"name": "hall", "role": "viewer"}


async def test_without_a_key_nothing_of_the_boards_is_told(serve: Serve) -> None:
    client = await serve(KEYS)
    for path in ("/", "/b/all", "/b/none", "/api/boards", "/api/boards/all", "/api/me", "/events/all", "/none"):
        response = await client.get(path)
        assert (path, response.status) == (path, 401)
        text = await response.text()
        assert text.startswith("This board is for who has a key.")
        assert "sales" not in text
    for path in ("/livez", "/readyz", "/static/tokens.css"):
        assert (path, (await client.get(path)).status) == (path, 200)


@pytest.mark.parametrize(
    "path", ["/static/../api/boards", "/static/%2e%2e/api/boards", "//api/boards", "/livez/../b/all"]
)
async def test_no_detour_leads_past_the_door(serve: Serve, path: str) -> None:
    client = await serve(KEYS)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.split()[1] in (b"401", b"404"), answer
    assert b"sales" not in answer


async def test_a_wrong_key_and_no_key_are_said_in_the_readers_language(serve: Serve) -> None:
    client = await serve(KEYS)
    wrong = await client.get("/b/all?key=not-the-key-of-the-hall", headers=HTML)
    assert wrong.status == 401
    text = await wrong.text()
    assert "This key is not known here." in text
    assert "not-the-key" not in text
    for headers, query in (({"Accept-Language": "nl-NL,nl;q=0.9"}, ""), ({}, "?lang=nl")):
        response = await client.get(f"/b/all{query}", headers={**HTML, **headers})
        text = await response.text()
        assert 'lang="nl"' in text
        assert "voor wie een sleutel heeft" in text
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
        assert "Bearer" in response.headers["WWW-Authenticate"]
    assert client.server.app[GUARD].refused_total == {"wrong_key": 1, "no_key": 2}  # type: ignore[attr-defined]


async def test_a_key_typed_into_the_page_opens_the_board_where_one_was(serve: Serve) -> None:
    client = await serve(KEYS)
    page = await (await client.get("/b/sales?lang=nl&x=%22%3E%3Cscript%3E", headers=HTML)).text()
    assert '<input type="hidden" name="to" value="/b/sales?lang=nl&amp;x=%22%3E%3Cscript%3E">' in page
    ours = {"Origin": f"http://127.0.0.1:{client.port}"}
    response = await client.post(
        "/sign-in", data={"key": KEY, "to": "/b/sales?lang=nl"}, headers=ours, allow_redirects=False
    )
    assert (response.status, response.headers["Location"]) == (303, "/b/sales?lang=nl")
    assert (await client.get("/api/boards")).status == 200


@pytest.mark.parametrize(
    "to", ["//evil.org", "https://evil.org", "/\\evil.org", "/a\r\nX: y", "javascript:alert(1)", "é"]
)
async def test_a_key_leads_to_no_other_house(serve: Serve, to: str) -> None:
    client = await serve(KEYS)
    ours = {"Origin": f"http://127.0.0.1:{client.port}"}
    response = await client.post("/sign-in", data={"key": KEY, "to": to}, headers=ours, allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/")


async def test_a_form_of_another_house_signs_nobody_in(serve: Serve) -> None:
    client = await serve(KEYS)
    for headers in ({"Origin": "http://evil.org"}, {}, {"Origin": "null"}):
        response = await client.post("/sign-in", data={"key": KEY}, headers=headers)
        assert response.status == 403
    assert len(client.session.cookie_jar) == 0


async def test_who_comes_by_a_link_of_another_site_asks_once_more_from_here(serve: Serve) -> None:
    client = await serve(KEYS)
    page = await (await client.get("/b/all", headers={**HTML, "Sec-Fetch-Site": "cross-site"})).text()
    assert '<meta http-equiv="refresh" content="0;url=/b/all">' in page
    page = await (await client.get("/b/all", headers={**HTML, "Sec-Fetch-Site": "same-origin"})).text()
    assert "refresh" not in page


async def test_a_program_has_its_key_in_a_header(serve: Serve) -> None:
    client = await serve(KEYS)
    assert (await client.get("/api/boards", headers={"Authorization": f"Bearer {KEY}"})).status == 200
    assert (await client.get("/api/boards", headers={"Authorization": "Bearer x"})).status == 401


async def test_no_key_is_logged_whatever_is_asked(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:

    client = await serve(KEYS)
    with caplog.at_level(logging.DEBUG):
        await client.get(f"/b/all?key={KEY}")
        await client.get(f"/none?key={KEY}")
        await client.post(f"/b/all?key={KEY}")
        for line in (
            f"GET /b/all?key={KEY} HTTP/9.x",
            f"GET /b/all?key={KEY}\x01 HTTP/1.1",
            f"G@T /?key={KEY} HTTP/1.1",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            writer.write(f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            await reader.read()
            writer.close()
    assert KEY not in caplog.text
    said = [record for record in caplog.records if "is no HTTP" in record.message]
    assert [(record.levelname, record.exc_info) for record in said] == [("WARNING", None)] * 3


async def test_here_everybody_is_at_home_and_under_another_name_nobody(serve: Serve) -> None:
    client = await serve("")
    assert await (await client.get("/api/me")).json() == {"name": "me", "role": "supervisor"}
    response = await client.get("/api/boards/all", headers={"Host": "evil.example.org"})
    assert (response.status, await response.text()) == (
        403,
        "This board is not known by that name. Who runs callpulse can add it to wallboard.allowed_hosts.\n",
    )
    assert (await client.get("/livez", headers={"Host": "evil.example.org"})).status == 200


async def test_a_header_of_who_is_no_proxy_is_ignored_and_said_once(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve('[wallboard]\ntrusted_proxies = ["10.0.0.1"]\nuser_header = "X-User"\nsupervisors = ["ann"]')
    for _ in range(3):
        assert (await client.get("/api/me", headers={"X-User": "ann"})).status == 401
    said = [record.message for record in caplog.records if "trusted_proxies" in record.message]
    assert said == [
        "127.0.0.1 says who its user is and is none of wallboard.trusted_proxies: not believed, now and later"
    ]


async def test_a_proxy_here_is_believed(serve: Serve) -> None:
    client = await serve('[wallboard]\ntrusted_proxies = ["127.0.0.1"]\nuser_header = "X-User"\nsupervisors = ["ann"]')
    assert (await client.get("/api/me")).status == 401
    assert await (await client.get("/api/me", headers={"X-User": "ann"})).json() == {
        "name": "ann",
        "role": "supervisor",
    }
    assert await (await client.get("/api/me", headers={"X-User": "bob"})).json() == {"name": "bob", "role": "viewer"}
    twice = [("X-User", "bob"), ("X-User", "ann")]
    assert (await client.get("/api/me", headers=twice)).status == 401


async def test_the_secret_of_the_metrics_opens_these_alone(serve: Serve) -> None:
    client = await serve(f'[metrics]\ntoken = "of-prometheus-alone"\n{KEYS}')
    secret = {"Authorization": "Bearer of-prometheus-alone"}
    assert (await client.get("/metrics", headers=secret)).status == 200
    assert (await client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})).status == 200
    assert (await client.get("/metrics")).status == 401
    assert (await client.get("/metrics", headers={"Authorization": "Bearer guessed"})).status == 401
    for path in ("/", "/b/all", "/api/boards"):
        assert (path, (await client.get(path, headers=secret)).status) == (path, 401)
