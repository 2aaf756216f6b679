"""One reader of Redis, any number of browsers: every board is made once a language, and its changes go to whoever
watches it. Who does not keep up loses changes, never the board: it gets all of it anew."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from redis.asyncio import Redis

from callpulse.board.as_values import BoardValues, values_of
from callpulse.board.row import FIELDS
from callpulse.board.sites import Sites, sites
from callpulse.board.view import BoardState, board
from callpulse.board.words import Language
from callpulse.clock import now_ms
from callpulse.current.alerts import Alerts
from callpulse.current.connection import RedisAwayError
from callpulse.current.feed import REFRESH_S, Feed
from callpulse.current.fields import CADENCE_MS, TTL_MS
from callpulse.current.keys import Keys
from callpulse.current.reader import Picture
from callpulse.settings import Settings
from callpulse.wallboard.boards import Board, boards_of, rotations_of
from callpulse.wallboard.day import Drawn
from callpulse.wallboard.days import Days
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.sites import overview
from callpulse.wallboard.wall import changes, wall
from callpulse.wallboard.watching import Audience, Message, Watcher

log = logging.getLogger("callpulse.wallboard")


class Hub:
    """`walls`: what is shown now, by board and language. `version` is another one in every process: a browser that sees
    a new one loads its page again."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self.version = uuid4().hex[:12]
        self.boards, self.rotations = boards_of(settings), rotations_of(settings)
        self.walls: dict[tuple[str, Language], Wall] = {}
        self.away_since_ms: int | None = None
        self.broken: dict[str, str] = {}  # board -> why it cannot be made
        self.alerts: Alerts | None = None
        self.audience = Audience()
        self.failures_total = 0
        self.settings = settings
        keys, self._zone = Keys(settings.site.name), ZoneInfo(settings.site.zone)
        self.days = Days(redis, keys, self._zone, settings.hours)
        self._feed = Feed(redis, keys, FIELDS, tuple(settings.groups))
        self._states: dict[str, BoardState] = {}
        self._sites: dict[str, Sites] = {}  # of boards that show some
        self._pictures: dict[str, Picture] = {}  # by board, what it was made of
        self._wholes: dict[tuple[str, Language], tuple[Wall, Message]] = {}
        self._numbers = 0
        self._asked: Settings | None = None
        self._redis = redis
        self.now_ms = 0  # Redis's clock at the last picture

    # -- reading

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._take_up()
                picture = await self._picture()
                if self.away_since_ms is None:
                    with contextlib.suppress(RedisAwayError):
                        await self.days.read(picture)
                await self.show(picture)
                if self.away_since_ms is not None:
                    await asyncio.sleep(REFRESH_S)
        finally:
            await self._feed.close()

    def follow(self, settings: Settings) -> None:
        """Other boards, groups and definitions, from the next picture on."""
        self._asked = settings

    async def _take_up(self) -> None:
        """Every page is told of another version, and loads itself again."""
        settings, self._asked = self._asked, None
        if settings is None:
            return
        self.settings, self.version = settings, uuid4().hex[:12]
        self.boards, self.rotations = boards_of(settings), rotations_of(settings)
        keys = Keys(settings.site.name)
        await self._feed.close()
        self._feed = Feed(self._redis, keys, FIELDS, tuple(settings.groups))
        self.days = Days(self._redis, keys, self._zone, settings.hours)
        for kept in (self.walls, self._states, self._sites, self._pictures, self._wholes, self.broken):
            kept.clear()

    async def _picture(self) -> Picture:
        try:
            picture = await self._feed.next()
        except RedisAwayError as error:
            self.failures_total += 1
            aged = self._feed.aged() or _nothing()
            if self.away_since_ms is None:
                self.away_since_ms = aged.redis_now_ms
                log.warning("Redis does not answer (%s); the picture stays as it was, and says so", error)
            return aged
        if self.away_since_ms is not None:
            log.warning("Redis answers again")
            self.away_since_ms = None
        return picture

    # -- showing

    async def show(self, picture: Picture) -> None:
        """Make every board anew, and tell those who watch what has changed."""
        self.now_ms, self.alerts = picture.redis_now_ms, picture.alerts
        for each in self.boards.values():
            try:
                self._make(each, each.seen(picture))
            except Exception as error:
                self._fail(each.name, error)
            else:
                self.broken.pop(each.name, None)
            await asyncio.sleep(0)  # browsers have their turn

    def _make(self, each: Board, ours: Picture) -> None:
        state = self._states[each.name] = self._state(each, ours)
        if each.sites:
            groups, before = {name: place.holds for name, place in each.sites.items()}, self._sites.get(each.name)
            self._sites[each.name] = sites(ours, groups, before, self.away_since_ms, self.days.hours)
        self._pictures[each.name] = ours
        languages = self._languages(each.name)
        for language in languages:
            self._show(each, state, language)
        for key in [key for key in self.walls if key[0] == each.name and key[1] not in languages]:
            del self.walls[key]  # nobody keeps it true any more

    def _fail(self, name: str, error: Exception) -> None:
        """A board that cannot be made: the others go on. Nobody is told that it lives, so that its pages say that they
        hear nothing, and no last value stays."""
        if self.broken.get(name) != str(error):
            log.error("the board %s cannot be shown; this is a defect of callpulse", name, exc_info=error)
        self.broken[name] = str(error)
        self._states.pop(name, None)
        self._sites.pop(name, None)
        self._pictures.pop(name, None)
        self.days.forget(name)
        for key in [key for key in (*self.walls, *self._wholes) if key[0] == name]:
            self.walls.pop(key, None)
            self._wholes.pop(key, None)

    def shown(self, name: str, language: Language) -> Wall | None:
        """The board as it is now, also in a language in which nobody watches it; None before anything was read."""
        state = self._states.get(name)
        if state is None:
            return None
        return self.walls.get((name, language)) or self._wall(self.boards[name], state, language)

    def seen(self, name: str) -> tuple[BoardState, Drawn] | None:
        """A board as values, and its day; None before anything was read."""
        state = self._states.get(name)
        return None if state is None else (state, self._day(name, state))

    def watch(self, name: str, language: Language) -> Watcher:
        """A browser more; its first message holds all of the board."""
        watcher = Watcher(name, language)
        self.audience.watchers.add(watcher)
        if shown := self.shown(name, language):
            self.walls[name, language] = shown
        self.catch_up(watcher)
        return watcher

    def catch_up(self, watcher: Watcher) -> None:
        """All of the board, for one who has lost something."""
        shown = self.walls.get((watcher.name, watcher.language))
        if shown is not None:
            self.audience.give_all(watcher, self._all_of(shown, (watcher.name, watcher.language)))

    def values(self, name: str) -> BoardValues | None:
        """The figures of the board as numbers; None before anything was read."""
        state, sites = self._states.get(name), self._sites.get(name)
        return None if state is None else values_of(self._pictures[name], state, self.boards[name].holds, sites)

    def reach(self) -> dict[str, int]:
        """How far the data of each board reaches, where there is any."""
        return {name: state.at_ms for name, state in self._states.items() if state.at_ms is not None}

    def around(self) -> dict[str, Any]:
        """What a page has to know beside the board."""
        return {"now_ms": self.now_ms, "cadence_ms": CADENCE_MS, "ttl_ms": TTL_MS, "version": self.version}

    def _show(self, each: Board, state: BoardState, language: Language) -> None:
        key = each.name, language
        before, after = self.walls.get(key), self._wall(each, state, language)
        self.walls[key] = after
        whole = before is None or (before.heads, before.axes) != (after.heads, after.axes)
        new = None if before is None or whole else changes(before, after)
        message = None if new is None else self._message("change", {"now_ms": self.now_ms, "wall": new})
        for watcher in self.audience.of(*key):
            if watcher.lost or whole:
                self.catch_up(watcher)
            elif message is not None:
                self.audience.give(watcher, message)

    def _all_of(self, shown: Wall, key: tuple[str, Language]) -> Message:
        """The same message for all who need it until the board is another."""
        known = self._wholes.get(key)
        if known is None or known[0] is not shown:
            body = {"wall": shown, "look": self.boards[key[0]].look, **self.around()}
            known = self._wholes[key] = shown, self._message("wall", body)
        return known[1]

    def _state(self, each: Board, picture: Picture) -> BoardState:
        return board(picture, self._states.get(each.name), self.away_since_ms, self.days.hours)

    def _wall(self, each: Board, state: BoardState, language: Language) -> Wall:
        day, sites = self._day(each.name, state), self._sites.get(each.name)
        found = wall(each, state, day, language, self._zone)
        return found if sites is None else overview(found, each.sites, state, sites, day, self._zone)

    def _day(self, name: str, state: BoardState) -> Drawn:
        return self.days.of(name, state, self._sites.get(name))

    def _message(self, event: str, body: Mapping[str, Any]) -> Message:
        self._numbers += 1
        return Message(f"{self.version}-{self._numbers}", event, msgspec.json.encode(body))

    def _languages(self, name: str) -> set[Language]:
        """Those in which somebody watches it, and its own."""
        return {self.language(name), *self.audience.languages(name)}

    def language(self, name: str) -> Language:
        """The board's own."""
        own = self.settings.boards[name].language if name in self.settings.boards else None
        return own or self.settings.site.language


def _nothing() -> Picture:
    """Of a Redis that has never answered."""
    return Picture(redis_now_ms=now_ms(), written_ms={}, heartbeats_ms={}, queues={}, total=None)
