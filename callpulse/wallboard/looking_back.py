"""The addresses of the day of a board, and of one interval of a queue's day."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from aiohttp import web
from msgspec import Struct

from callpulse.board.words import Language
from callpulse.current.parts import Interval
from callpulse.wallboard.answers import board_of, json_of, language_of
from callpulse.wallboard.back import Asked, Back, back
from callpulse.wallboard.back_words import BACK
from callpulse.wallboard.day import hours
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.printed import Of, printed

DAY_PATH = "/api/boards/{name}/day"
PATH = "/api/boards/{name}/queues/{queue}/intervals/{start}"


class BackAnswer(Struct, frozen=True):
    """An interval: as it stands in Redis; as it is shown; and what the page says by itself."""

    interval: Interval
    back: Back
    words: Mapping[str, str]


async def interval(request: web.Request, hub: Hub) -> web.Response:
    """What is not there is said."""
    name = board_of(request, hub)
    language, zone = language_of(request, hub, name), ZoneInfo(hub.settings.site.zone)
    queue, start = request.match_info["queue"], request.match_info["start"]
    seen = hub.seen(name)
    if seen is None or queue not in {row.name for row in seen[0].rows}:
        raise web.HTTPNotFound(text=f"{BACK[language].no_queue}\n")
    day = hub.days.parts.intervals.get(queue, ())
    asked = Asked(queue, hub.settings.policy(queue), language, zone)
    at_ms = int(start) if start.isdecimal() and len(start) <= 15 else -1
    found = back(asked, day, at_ms, hub.days.parts.worst.get(queue, ()))
    if found is None:
        raise web.HTTPNotFound(text=_not_there(day, language, zone))
    of = next(each for each in day if each.start_ms == at_ms)
    return json_of(BackAnswer(of, found, BACK[language].page))


def _not_there(day: Sequence[Interval], language: Language, zone: ZoneInfo) -> str:
    first, last = (hours(day[at].start_ms, zone) if day else "–" for at in (0, -1))
    return BACK[language].not_there.format(first=first, last=last) + "\n"


async def day(request: web.Request, hub: Hub) -> web.Response:
    """All of today, to be printed."""
    name = board_of(request, hub)
    language, settings = language_of(request, hub, name), hub.settings
    seen = hub.seen(name)
    if seen is None:
        raise web.HTTPServiceUnavailable(text="nothing has been read yet\n")
    of = Of(settings.site.name, hub.boards[name].title, settings.policy, language, ZoneInfo(settings.site.zone))
    return json_of(printed(of, seen[0], hub.days.parts.intervals, seen[1]))
