"""Requests that nobody who means well sends: each gets a short answer, none a traceback, none holds anything up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from callpulse.current.connection import connect
from callpulse.settings import Settings
from callpulse.settings.wallboard import Token, Wallboard
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.serve import quietly
from tests.core.readings import picture, reading

KEY = "the-key-of-the-hall"
HOST = "Host: 127.0.0.1\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
OURS = HOST + "Origin: http://127.0.0.1\r\n"

Send = Callable[..., Awaitable[bytes]]


@pytest.fixture
async def send(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Send]:
    """Sends these bytes to a wallboard where people have keys, and returns its answer."""
    redis = connect("redis://127.0.0.1:1/0")
    hub = Hub(Settings(wallboard=Wallboard(tokens={"hall": Token(key=KEY)})), redis)
    await hub.show(picture({"sales": reading(0.9)}))
    runner = web.AppRunner(app_of(hub), handle_signals=False, **quietly())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def sent(request: str | bytes, *, hang_up: bool = False) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(request if isinstance(request, bytes) else request.encode("latin-1"))
        if hang_up:
            await writer.drain()
            writer.close()
            return b""
        async with asyncio.timeout(8):
            answer = await reader.read(2000)
        writer.close()
        return answer

    yield sent
    await runner.cleanup()
    await redis.aclose()
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def posted(form: bytes, kind: str = FORM) -> bytes:
    return f"POST /sign-in HTTP/1.1\r\n{OURS}{kind}Content-Length: {len(form)}\r\n\r\n".encode() + form


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"GET /b/all HTTP/1.1\r\n{HOST}X: {'a' * 100_000}\r\n\r\n", 400),
        (f"GET /b/all HTTP/1.1\r\n{HOST}{''.join(f'X{n}: a{chr(13)}{chr(10)}' for n in range(5000))}\r\n", 400),
        (f"GET /b/{'a' * 50_000} HTTP/1.1\r\n{HOST}\r\n", 400),
        (f"GET /b/all HTTP/1.1\r\n{HOST}Cookie: callpulse-9466={'a.' * 3000}\r\n\r\n", 401),
        (f"GET /b/all HTTP/1.1\r\n{HOST}Cookie: callpulse-9466=hall.{'9' * 40}.x; \xff=\xff\r\n\r\n", 401),
        (f"GET /b/all HTTP/1.1\r\n{HOST}Authorization: Bearer \xff\xfe\r\n\r\n", 401),
        (f"GET /b/%ff%fe HTTP/1.1\r\n{HOST}Accept: text/html\r\n\r\n", 401),
        (f"GET /b/all?key=%ff%fe HTTP/1.1\r\n{HOST}\r\n", 401),
        (f"GET /static/%00 HTTP/1.1\r\n{HOST}\r\n", 404),
        (f"GET /static/%2e%2e%2fhub.py HTTP/1.1\r\n{HOST}\r\n", 404),
        (f"POST /sign-in HTTP/1.1\r\n{HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (posted(b"key=" + b"a" * 100_000), 413),
        (posted(b"key=\xff\xfe"), 400),
        (posted(b"&".join(b"k=1" for _ in range(1000))), 400),
        (posted(b"key=a", FORM.replace("\r\n", "; charset=nonsense\r\n")), 401),
        (posted(b"abc", "Content-Type: multipart/form-data\r\n"), 400),
        (posted(b'{"key": "a"}', "Content-Type: application/json\r\n"), 400),
        (posted(b"abc", FORM + "Content-Encoding: gzip\r\n"), 400),
    ],
    ids=lambda each: each[:40] if isinstance(each, str) else None,
)
async def test_a_senseless_request_gets_a_short_answer(send: Send, request_: str | bytes, status: int) -> None:
    answer = await send(request_)
    assert answer.split()[1] == str(status).encode(), answer


@pytest.mark.parametrize("path", ["//evil.org/", "http://evil.org//evil.org/", "/%0d%0aX:y", "/\\evil.org"])
async def test_a_link_with_a_key_leads_to_no_other_house(send: Send, path: str) -> None:
    answer = (await send(f"GET {path}?key={KEY} HTTP/1.1\r\n{HOST}\r\n")).decode()
    (place,) = [line for line in answer.splitlines() if line.startswith("Location: ")]
    assert place in ("Location: /", "Location: /%0d%0aX:y", "Location: /%5Cevil.org")


async def test_a_body_that_does_not_come_is_waited_for_briefly(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callpulse.wallboard.bodies.WITHIN_S", 0.05)
    answer = await send(f"POST /sign-in HTTP/1.1\r\n{OURS}{FORM}Content-Length: 50\r\n\r\nkey=")
    assert answer.split()[1] == b"408"


async def test_a_body_that_is_broken_off_is_no_error_of_ours(send: Send) -> None:
    assert await send(posted(b"x" * 10)[:-4], hang_up=True) == b""
    assert (await send(f"GET /livez HTTP/1.1\r\n{HOST}\r\n")).split()[1] == b"200"


async def test_a_request_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callpulse.wallboard.serve.IDLE_S", 0.2)
    redis = connect("redis://127.0.0.1:1/0")
    runner = web.AppRunner(app_of(Hub(Settings(), redis)), handle_signals=False, **quietly())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for beginning in (b"", b"GET /b/all HTTP/1.1\r\nHo"):
        reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(beginning)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
    await runner.cleanup()
    await redis.aclose()
