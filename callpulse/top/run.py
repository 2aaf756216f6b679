"""Runs the board: reads, draws, waits; ends quietly on Ctrl-C."""

import asyncio
import io
import signal
import sys
from functools import partial

from rich.console import Console
from rich.live import Live

from callpulse import clock
from callpulse.board.row import FIELDS
from callpulse.board.view import BoardState, HoursOf, always_open, board
from callpulse.board.words import Language
from callpulse.current.connection import RedisAwayError, RedisUrlError, connect
from callpulse.current.feed import REFRESH_S, Feed
from callpulse.current.keys import Keys
from callpulse.current.reader import Picture, Reader
from callpulse.exit_codes import FINE, TROUBLE, WRONG
from callpulse.settings.tables import Redis
from callpulse.top.as_json import board_json
from callpulse.top.render import BoardView

View = partial[BoardView]  # but for the board

_EMPTY = Picture(redis_now_ms=0, written_ms={}, heartbeats_ms={}, queues={}, total=None)


def top(
    redis: str | Redis,
    site: str,
    language: Language = "en",
    *,
    once: bool = False,
    as_json: bool = False,
    hours: HoursOf = always_open,
    wall: str = "",
) -> int:
    """Shows the board of a site until Ctrl-C; `once`, or where nobody looks (no terminal), one picture; `as_json`,
    one picture for a script. `wall`: where that is, to be read above the board. Returns one of exit_codes.py: TROUBLE
    where Redis is away, WRONG for an address or a site that cannot be."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter shows "?", not an error
    once = once or as_json or not sys.stdout.isatty()
    view = partial(BoardView, site=site, language=language, wall=wall)
    showing = _once(redis, view, as_json, hours) if once else _live(redis, view, hours)
    try:
        asyncio.run(showing)
    except (RedisUrlError, ValueError) as error:
        return _failed(f"{error}", WRONG)
    except RedisAwayError as error:
        return _failed(f"Redis does not answer: {error}. Is it running, and is the address right?", TROUBLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    return FINE


async def _once(redis: str | Redis, view: View, for_scripts: bool, hours: HoursOf) -> None:
    keys = Keys(view.keywords["site"])
    async with connect(redis) as client:
        picture = await Reader(client, keys, None if for_scripts else FIELDS).read()
    if for_scripts:
        sys.stdout.write(board_json(picture, board(picture, hours=hours)) + "\n")
    else:
        Console().print(view(board(picture, hours=hours)))


async def _live(redis: str | Redis, view: View, hours: HoursOf) -> None:
    task = asyncio.current_task()
    if task is not None and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    keys, shown = Keys(view.keywords["site"]), None
    async with connect(redis) as client:
        feed = Feed(client, keys, FIELDS)
        with Live(console=Console(), screen=True, auto_refresh=False) as screen:
            while True:
                shown = await _next(feed, shown, hours)
                screen.update(view(shown), refresh=True)
                if shown.away_since_ms is not None:
                    await asyncio.sleep(REFRESH_S)


async def _next(feed: Feed, shown: BoardState | None, hours: HoursOf) -> BoardState:
    """The next board; while Redis is away the last one, older."""
    try:
        return board(await feed.next(), shown, hours=hours)
    except RedisAwayError:
        since_ms = shown.away_since_ms if shown else None
        return board(feed.aged() or _EMPTY, shown, since_ms or clock.now_ms(), hours)


def _failed(sentence: str, code: int) -> int:
    sys.stderr.write(f"callpulse top: {sentence}\n")
    return code
