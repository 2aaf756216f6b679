"""The address of one queue of a supervisor's board."""

from zoneinfo import ZoneInfo

from aiohttp import web

from callpulse.wallboard.answers import board_of, json_of, language_of
from callpulse.wallboard.desk import desk
from callpulse.wallboard.hub import Hub

PATH = "/api/boards/{name}/queues/{queue}"
SHAPE = "desk"


async def queue(request: web.Request, hub: Hub) -> web.Response:
    """Contacts by id and agents one by one: of boards of this shape alone."""
    name = board_of(request, hub)
    board, seen = hub.boards[name], hub.seen(name)
    if board.look.shape != SHAPE:
        raise web.HTTPNotFound(text=f'only a board with shape = "{SHAPE}" shows a queue from near by\n')
    if seen is None:
        raise web.HTTPServiceUnavailable(text="nothing has been read yet\n")
    zone = ZoneInfo(hub.settings.site.zone)
    found = desk(
        seen[0], hub.days.parts, request.match_info["queue"], board.holds, language_of(request, hub, name), zone
    )
    if found is None:
        raise web.HTTPNotFound(text="the board has no queue of that name\n")
    return json_of(found)
