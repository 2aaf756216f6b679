"""The address of one interval of a queue's day."""

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
    if queue not in hub.queues(name):
        raise web.HTTPNotFound(text=f"{BACK[language].no_queue}\n")
    day = hub.parts.intervals.get(queue, ())
    asked = Asked(queue, hub.settings.policy(queue), language, zone)
    at_ms = int(start) if start.isdecimal() and len(start) <= 15 else -1
    found = back(asked, day, at_ms, hub.parts.worst.get(queue, ()))
    if found is None:
        raise web.HTTPNotFound(text=_not_there(day, language, zone))
    of = next(each for each in day if each.start_ms == at_ms)
    return json_of(BackAnswer(of, found, BACK[language].page))


def _not_there(day: Sequence[Interval], language: Language, zone: ZoneInfo) -> str:
    first, last = (hours(day[at].start_ms, zone) if day else "–" for at in (0, -1))
    return BACK[language].not_there.format(first=first, last=last) + "\n"
