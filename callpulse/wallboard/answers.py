"""What answers have in common: their headers, JSON, and which board and language a request means."""

from typing import get_args

import msgspec
from aiohttp import web

from callpulse.board.words import Language
from callpulse.stream.metrics.exposition import weights
from callpulse.wallboard.hub import Hub

SECURE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Server": "callpulse",
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}


SECURE_PICTURE = {**SECURE, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""An SVG is a document too, when it is opened by itself: no script in it runs, nothing is loaded."""


def json_of(value: object) -> web.Response:
    """Pressed where it is taken so."""
    response = web.Response(body=msgspec.json.encode(value), content_type="application/json", charset="utf-8")
    response.enable_compression()
    return response


def takes_gzip(request: web.Request) -> bool:
    """Whether it says so."""
    return weights(request.headers.get("Accept-Encoding", "")).get("gzip", 0.0) > 0


def board_of(request: web.Request, hub: Hub) -> str:
    """The name of a board that there is; raises aiohttp's not-found."""
    name = request.match_info["name"]
    if name not in hub.boards:
        raise web.HTTPNotFound(text=f"no board of that name; there are: {', '.join(hub.boards)}\n")
    return name


def language_of(request: web.Request, hub: Hub, name: str) -> Language:
    """The one asked for, or the board's own."""
    known: dict[str, Language] = {each: each for each in get_args(Language)}
    return known.get(request.query.get("lang", ""), hub.language(name))
