"""The addresses of the day of a board, and of one interval of a queue's day."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from aiohttp import web
from msgspec import Struct, structs

from callpulse.board.words import Language
from callpulse.current.parts import Interval, Wait
from callpulse.wallboard.answers import board_of, json_of, language_of
from callpulse.wallboard.back import Asked, Back, back
from callpulse.wallboard.back_words import BACK
from callpulse.wallboard.day import hours
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.printed import Of, printed
from callpulse.wallboard.words import LANGUAGES

DAY_PATH = "/api/boards/{name}/day"
PATH = "/api/boards/{name}/queues/{queue}/intervals/{start}"
TOTAL_PATH = "/api/boards/{name}/intervals/{start}"


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
    return _answer(asked, day, start, hub.days.parts.worst.get(queue, ()))


async def total(request: web.Request, hub: Hub) -> web.Response:
    """The same of all queues of the board that could be added."""
    name = board_of(request, hub)
    language, zone = language_of(request, hub, name), ZoneInfo(hub.settings.site.zone)
    seen = hub.seen(name)
    if seen is None:
        raise web.HTTPServiceUnavailable(text="nothing has been read yet\n")
    (state, day), words = seen, LANGUAGES[language]
    queues = {row.name for row in state.rows}
    named = words.of_queues.format(known=day.known, all=len(queues))
    worst = [
        structs.replace(each, contact_id=f"{queue} · {each.contact_id}")
        for queue, waits in hub.days.parts.worst.items()
        if queue in queues
        for each in waits
    ]
    asked = Asked("", None, language, zone, f"{words.total}, {named}")
    return _answer(asked, day.added, request.match_info["start"], worst)


def _answer(asked: Asked, day: Sequence[Interval], start: str, worst: Sequence[Wait]) -> web.Response:
    at_ms = int(start) if start.isdecimal() and len(start) <= 15 else -1
    found = back(asked, day, at_ms, worst)
    if found is None:
        raise web.HTTPNotFound(text=_not_there(day, asked.language, asked.zone))
    of = next(each for each in day if each.start_ms == at_ms)
    return json_of(BackAnswer(of, found, BACK[asked.language].page))


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
