"""What the wallboard serves: pages, and the events that keep them right."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector

from callpulse.alerts.commanding import Ask
from callpulse.edges.scrape_door import admits
from callpulse.edges.whose import of_site
from callpulse.stream.endpoint import exposed
from callpulse.stream.metrics.loaded import Loaded
from callpulse.wallboard import desk_answers, looking_back, no_board
from callpulse.wallboard.acting import Acting
from callpulse.wallboard.answers import SECURE, SECURE_PICTURE, board_of, json_of, language_of
from callpulse.wallboard.asked import Asked
from callpulse.wallboard.boards import LOGO_PATH
from callpulse.wallboard.door import Door
from callpulse.wallboard.events import events
from callpulse.wallboard.files import FILES, file, files_of_pages
from callpulse.wallboard.guard import PERSON, Guard
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.logos import Logo
from callpulse.wallboard.metrics import WallScrape
from callpulse.wallboard.openapi import BoardAnswer, BoardName, Me, document
from callpulse.wallboard.preview import preview
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.texts import text_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HUB = web.AppKey("hub", Hub)
GUARD = web.AppKey("guard", Guard)
ASKED = web.AppKey("asked", Asked)
LOGOS = web.AppKey("logos", Mapping[str, Logo])
PROCESS = web.AppKey("process", CollectorRegistry)
LOADED: web.AppKey[Callable[[], Loaded]] = web.AppKey("loaded")
LARGEST_BODY = 8192


def app_of(
    hub: Hub,
    local_name: str = "",
    ask: Ask | None = None,
    logos: Mapping[str, Logo] = {},
    loaded: Callable[[], Loaded] = Loaded,
) -> web.Application:
    """Everything under one roof. `local_name`: who it is that sits at this machine; `ask`: how
    what a supervisor asks for gets to the alerts worker; `logos`: by board; `loaded`: how settings were read."""
    app = web.Application(middlewares=[_secured, _guarded], client_max_size=LARGEST_BODY)
    wallboard = hub.settings.wallboard
    open_ = frozenset({_livez, _readyz, _static, _sign_in, _openapi})
    app[HUB], app[FILES], app[LOGOS] = hub, files_of_pages(), logos
    app[GUARD] = Guard(Door(wallboard, local_name), open_, language=hub.settings.site.language, port=wallboard.port)
    app[LOADED] = loaded
    app[ASKED] = Asked(hub, app[GUARD], Acting(ask, hub.settings.calendar()))
    app[PROCESS] = CollectorRegistry()
    ProcessCollector(registry=app[PROCESS])
    app.add_routes(
        [
            web.get("/", _list),
            web.get("/b/{name}", _page),
            web.get("/events/{name}", _events, allow_head=False),  # a stream without a body would have no end
            web.get("/api/boards", _names),
            web.get("/api/previews", _previews),
            web.get("/api/boards/{name}", _board),
            web.get("/api/boards/{name}/text", _board_text),
            web.get(desk_answers.PATH, _queue),
            web.get("/api/openapi.json", _openapi),
            web.get("/b/{name}/day", _day_page),
            web.get(looking_back.PATH, _interval),
            web.get(looking_back.TOTAL_PATH, _interval_of_all),
            web.get(looking_back.DAY_PATH, _day),
            web.get("/api/me", _me),
            web.post("/sign-in", _sign_in),
            *app[ASKED].routes(),
            web.get(LOGO_PATH, _logo),
            web.get("/static/{file}", _static),
            web.get("/metrics", _metrics),
            web.get("/livez", _livez),
            web.get("/readyz", _readyz),
        ]
    )
    return app


@web.middleware
async def _secured(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as refused:
        refused.headers.update(SECURE)
        raise
    if not response.prepared:
        response.headers.update(SECURE_PICTURE if response.content_type.startswith("image/") else SECURE)
    return response


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.match_info.handler is _metrics and _is_prometheus(request):
        return await handler(request)
    return await request.app[GUARD].admit(request, handler)


def _is_prometheus(request: web.Request) -> bool:
    """Who has the secret of [metrics] may read those of the wallboard too, and nothing else."""
    return admits(request.app[HUB].settings.metrics, request.headers.get("Authorization", ""))


async def _list(request: web.Request) -> web.Response:
    """With one board there is nothing to choose."""
    hub = request.app[HUB]
    if len(hub.boards) == 1 and not hub.rotations:
        raise web.HTTPFound(f"/b/{next(iter(hub.boards))}")
    return file(request, "list.html")


async def _page(request: web.Request) -> web.Response:
    is_rotation = request.match_info["name"] in request.app[HUB].rotations
    return file(request, "wall.html") if is_rotation else _page_of_board(request, "wall.html")


def _page_of_board(request: web.Request, page: str) -> web.Response:
    """Who looks for a board that does not exist gets all that do to choose from; a program gets a line."""
    name = request.match_info["name"]
    if name not in request.app[HUB].boards and "text/html" in request.headers.get("Accept", ""):
        of_all = request.app[FILES]["list.html"].decode()
        text = no_board.page(of_all, name, request.app[GUARD].reader(request))
        return web.Response(text=text, status=404, content_type="text/html")
    board_of(request, request.app[HUB])
    return file(request, page)


async def _static(request: web.Request) -> web.Response:
    return file(request, request.match_info["file"])


async def _logo(request: web.Request) -> web.Response:
    """As it was when this process began; who has it already, at each turn of a rotation, is told so."""
    logo = request.app[LOGOS].get(request.match_info["name"])
    if logo is None:
        raise web.HTTPNotFound(text="that board has no logo\n")
    has_it = any(tag.value in (logo.tag, "*") for tag in request.if_none_match or ())
    body, status = (None, 304) if has_it else (logo.body, 200)
    response = web.Response(body=body, status=status, content_type=logo.kind)
    response.etag = logo.tag
    return response


async def _sign_in(request: web.Request) -> web.StreamResponse:
    return await request.app[GUARD].sign_in(request)


async def _me(request: web.Request) -> web.Response:
    """Who asks, and what they may do."""
    person = request[PERSON]
    return json_of(Me(person.name, person.role))


async def _names(request: web.Request) -> web.Response:
    hub = request.app[HUB]
    found = [BoardName(each.name, each.title) for each in hub.boards.values()]
    found += [BoardName(name, each.title, each.boards, each.every_ms) for name, each in hub.rotations.items()]
    return json_of(found)


async def _previews(request: web.Request) -> web.Response:
    """A line of each board; none of one that cannot be shown now."""
    hub = request.app[HUB]
    shown = {name: hub.shown(name, language_of(request, hub, name)) for name in hub.boards}
    return json_of([preview(name, wall) for name, wall in shown.items() if wall is not None])


async def _board(request: web.Request) -> web.Response:
    """As it is shown now, and as numbers, for a program."""
    hub = request.app[HUB]
    name, shown = board_of(request, hub), _shown(request)
    values = hub.values(name)
    assert values is not None  # what is shown was read
    return json_of(BoardAnswer(figures=values, wall=shown, **hub.around()))


async def _board_text(request: web.Request) -> web.Response:
    """As it is shown now, for a chat."""
    return web.Response(text=text_of(_shown(request)))


async def _queue(request: web.Request) -> web.Response:
    return await desk_answers.queue(request, request.app[HUB])


def _shown(request: web.Request) -> Wall:
    hub = request.app[HUB]
    name = board_of(request, hub)
    shown = hub.shown(name, language_of(request, hub, name))
    if shown is None:
        raise web.HTTPServiceUnavailable(text="nothing has been read yet\n")
    return shown


async def _openapi(_: web.Request) -> web.Response:
    return json_of(document())


async def _day_page(request: web.Request) -> web.Response:
    return _page_of_board(request, "day.html")


async def _day(request: web.Request) -> web.Response:
    return await looking_back.day(request, request.app[HUB])


async def _interval(request: web.Request) -> web.Response:
    return await looking_back.interval(request, request.app[HUB])


async def _interval_of_all(request: web.Request) -> web.Response:
    return await looking_back.total(request, request.app[HUB])


async def _events(request: web.Request) -> web.StreamResponse:
    return await events(request, request.app[HUB])


async def _metrics(request: web.Request) -> web.Response:
    hub, guard = request.app[HUB], request.app[GUARD]
    told = WallScrape(hub, guard.refused_total, request.app[ASKED].total, request.app[LOADED]())
    return await exposed(request, told, request.app[PROCESS])


async def _livez(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _readyz(request: web.Request) -> web.Response:
    """Ready to show what there is: also that Redis does not answer."""
    hub = request.app[HUB]
    whose = of_site(hub.settings.site.name)
    if not hub.walls:
        return web.Response(text="nothing has been read yet\n", status=503, headers=whose)
    said = "ready\n" if hub.away_since_ms is None else "ready; Redis does not answer\n"
    return web.Response(text=said, headers=whose)
