"""Asking over HTTP, briefly."""

from typing import Any, NamedTuple

import msgspec
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponseError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    InvalidURL,
    NonHttpUrlClientError,
    TooManyRedirects,
)
from yarl import URL

from callpulse.edges.whose import site_of

WITHIN_S = 4.0
MOST_BYTES = 20 * 1024**2
MOST_SAID = 200  # characters
BEGINNING = 1_000  # characters of a body: /readyz has a sentence for each reason
FINE = 200


class Answer(NamedTuple):
    """`status` 0: none came, `said` is why, and `listens` whether somebody is there. Otherwise `said` is the beginning
    of the body, `told` its JSON or None; `site`: whose process of ours it was, "" of a stranger."""

    status: int
    said: str
    told: Any = None
    site: str = ""
    listens: bool = False


def session() -> ClientSession:
    """`async with session() as one`: it waits no longer than WITHIN_S for an answer."""
    return ClientSession(timeout=ClientTimeout(total=WITHIN_S))


async def ask(one: ClientSession, url: str, *, ours: bool = False, **query: str) -> Answer:
    """Never fails. `ours`: one of our own processes, asked here, whose certificate is for the name that others use, and
    which sends nobody on."""
    try:
        async with one.get(url, params=query, ssl=not ours, allow_redirects=not ours) as answer:
            body = await answer.content.read(MOST_BYTES)
            while part := await answer.content.read(MOST_BYTES):
                body += part
                if len(body) > MOST_BYTES:
                    return Answer(0, "its answer is too long", listens=True)
    except (ClientError, OSError, TimeoutError, ValueError) as error:
        nobody = isinstance(error, ClientConnectorError) and not isinstance(error, ClientSSLError)
        return Answer(0, _why(error), listens=not nobody)
    return Answer(answer.status, beginning(body.decode("utf-8", "replace")), _json(body), site_of(answer.headers))


def beginning(text: str) -> str:
    """Whose end is missing says so."""
    return text if len(text) <= BEGINNING else text[:BEGINNING] + "…"


def shown(url: str) -> str:
    """Without user, password and what comes after the host: those may be secrets."""
    try:
        found = URL(url)
    except ValueError:
        return "an address that is none"
    host = f"[{found.host}]" if ":" in (found.host or "") else found.host
    return f"{found.scheme}://{host}:{found.port}"


def _why(error: Exception) -> str:
    """In one short line, without the address: it may hold a secret, as that of a wall does."""
    match error:
        case TooManyRedirects():
            said = "it sends us round in a circle"
        case InvalidURL() | NonHttpUrlClientError():
            said = "it is, or sends us to, an address that is none"
        case ClientResponseError():
            said = error.message
        case TimeoutError():
            said = f"nothing came within {WITHIN_S:.0f} s"
        case _:
            said = str(error)
    return " ".join(said.split())[:MOST_SAID] or type(error).__name__


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
