"""The door as aiohttp meets it: who sends a request, a key that becomes a cookie, and who is not let in."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import get_args
from urllib.parse import urlencode

from aiohttp import web

from callpulse.board.words import Language
from callpulse.clock import now_ms
from callpulse.wallboard.bodies import form_of
from callpulse.wallboard.door import Door, Knock, Person, Reason, Refusal, same_origin
from callpulse.wallboard.refused import page, sentence

MOST_NAMED = 20  # addresses that pretend, each said once in the log
BY_PROGRAMS = "Bearer "
OF_THE_PAGE = "X-Callpulse"  # a header that a form cannot send
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PERSON = web.RequestKey("person", Person)

log = logging.getLogger("callpulse.wallboard")


class Guard:
    """Asks everybody at `door`, but for handlers in `open_`. `refused_total`: by reason."""

    def __init__(self, door: Door, open_: frozenset[Handler], *, language: Language, port: int) -> None:
        self.refused_total: Counter[Reason] = Counter()
        self._door, self._open, self._language = door, open_, language
        self._cookie = f"callpulse-{port}"
        self._pretended: set[str] = set()

    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The answer to a request; raises what aiohttp answers with instead."""
        if request.match_info.handler in self._open:
            return await handler(request)
        knock = self._knock(request)
        self._note(knock)
        if request.method == "GET" and "key" in request.query:
            return self._with_key(request, knock, request.query["key"])
        found = self._door.admitted(knock)
        if isinstance(found, Refusal):
            return self.refuse(request, found)
        request[PERSON] = found
        return await handler(request)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """A key from the form of the page that refuses: the same cookie as by a link."""
        if not self.is_from_a_page_of_ours(request):
            return self.refuse(request, Refusal(403, "origin"))
        form = await form_of(request)
        if form is None:
            return self.refuse(request, Refusal(400, "form"))
        return self._with_key(request, self._knock(request), form.get("key", "").strip(), form.get("to", "/"))

    def refuse(self, request: web.Request, refusal: Refusal) -> web.Response:
        """In words: a page for who looks, a line for a program."""
        self.refused_total[refusal.reason] += 1
        language = self.reader(request)
        headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
        if "text/html" not in request.headers.get("Accept", ""):
            text = sentence(refusal.reason, language) + "\n"
            return web.Response(text=text, status=refusal.status, headers=headers)
        again = refusal.reason == "no_key" and request.headers.get("Sec-Fetch-Site") == "cross-site"
        body = page(refusal, language, _place(request), again=again)
        return web.Response(text=body, status=refusal.status, headers=headers, content_type="text/html")

    def may_act(self, request: web.Request) -> Refusal | None:
        """Why the one who was let in may not do what is asked, None where they may. A program has shown its key in a
        header, which no page of another house can have sent; a browser has to come from a page of ours."""
        if not request[PERSON].may_act:
            return Refusal(403, "role")
        if request.headers.get("Authorization", "").startswith(BY_PROGRAMS):
            return None
        by_script = request.content_type == "application/json" and request.headers.get(OF_THE_PAGE) == "page"
        return None if by_script and self.is_from_a_page_of_ours(request) else Refusal(403, "origin")

    def is_from_a_page_of_ours(self, request: web.Request) -> bool:
        """What a page of another house sends is not: a form of theirs must not act in a name of ours."""
        hosts = [request.headers.get("Host", "")]
        if self._door.is_proxy(request.remote or ""):
            hosts += request.headers.getall("X-Forwarded-Host", [])
        sites = request.headers.getall("Sec-Fetch-Site", [])
        return same_origin(request.headers.getall("Origin", []), sites, filter(None, hosts))

    def _knock(self, request: web.Request) -> Knock:
        said = request.headers.get("Authorization", "")
        return Knock(
            peer=request.remote or "",
            host=request.headers.get("Host", ""),
            headers=[(name.lower(), value) for name, value in request.headers.items()],
            now_s=now_ms() // 1000,
            bearer=said.removeprefix(BY_PROGRAMS) if said.startswith(BY_PROGRAMS) else None,
            cookie=request.cookies.get(self._cookie),
            is_http_10=request.version < (1, 1),
        )

    def _with_key(self, request: web.Request, knock: Knock, key: str, to: str = "") -> web.StreamResponse:
        """A cookie, and the same address without the key: it stands in no history, and in no link that is copied."""
        name = self._door.owner(key)
        if name is None:
            return self.refuse(request, Refusal(401, "wrong_key"))
        value, lasts_s = self._door.cookie(name, knock.now_s)
        response = web.Response(status=303, headers={"Location": _inside(to) if to else _place(request)})
        is_tls = request.secure or ("https" in knock.said("x-forwarded-proto") and self._door.is_proxy(knock.peer))
        response.set_cookie(
            self._cookie, value, max_age=lasts_s, path="/", httponly=True, samesite="Strict", secure=is_tls
        )
        return response

    def _note(self, knock: Knock) -> None:
        """Once an address, and not for ever more of them."""
        if not self._door.pretends(knock) or knock.peer in self._pretended or len(self._pretended) >= MOST_NAMED:
            return
        self._pretended.add(knock.peer)
        log.warning(
            "%s says who its user is and is none of wallboard.trusted_proxies: not believed, now and later", knock.peer
        )

    def reader(self, request: web.Request) -> Language:
        """That of the address, of the browser, of the site."""
        asked = [request.query.get("lang", ""), *request.headers.get("Accept-Language", "").split(",")]
        known: dict[str, Language] = {each: each for each in get_args(Language)}
        return next((known[each] for text in asked if (each := text.strip()[:2].lower()) in known), self._language)


def _place(request: web.Request) -> str:
    """The address within the site, without a key."""
    query = [(name, value) for name, value in request.query.items() if name != "key"]
    return _inside(request.rel_url.raw_path) + (f"?{urlencode(query)}" if query else "")


def _inside(path: str) -> str:
    """A place of this site, whatever was asked for: never that of another house."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
