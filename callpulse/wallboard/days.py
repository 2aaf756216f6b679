"""The days of the boards, as Redis has them: read once a cadence, and drawn anew where there is news."""

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from callpulse.alerts.core.hours import Hours
from callpulse.board.adding import MINUTE_MS
from callpulse.board.row import UNKNOWN
from callpulse.board.sites import Sites
from callpulse.board.view import BoardState
from callpulse.current.fields import CADENCE_MS
from callpulse.current.keys import Keys
from callpulse.current.parts import Parts, read_parts
from callpulse.current.reader import Picture
from callpulse.current.transitions import Moves
from callpulse.wallboard.day import Drawn, drawn
from callpulse.wallboard.sites import days_of


class Days:
    """`parts`: what stands beside the figures of all queues; `hours`: when a queue is open."""

    def __init__(self, redis: Redis, keys: Keys, zone: ZoneInfo, hours: Callable[[str], Hours | None]) -> None:
        self.parts = Parts()
        self.hours = cache(hours)
        self._redis, self._keys, self._zone = redis, keys, zone
        self._moves = Moves(redis, keys)
        self._read_ms = 0
        self._drawn: dict[str, tuple[object, Drawn]] = {}  # by board, and what it was drawn from

    async def read(self, picture: Picture) -> None:
        """What stands beside the figures, and what alerts did, once a cadence. Raises RedisAwayError."""
        if 0 <= picture.redis_now_ms - self._read_ms < CADENCE_MS:
            return
        self._read_ms = picture.redis_now_ms
        self.parts = await read_parts(self._redis, self._keys, list(picture.queues))
        await self._moves.read()

    def of(self, name: str, state: BoardState, sites: Sites | None = None) -> Drawn:
        """That of a board: drawn anew with other parts, in another minute, where another queue is known or is not."""
        minute = None if state.at_ms is None else state.at_ms // MINUTE_MS
        rows = [(row.name, row.state in UNKNOWN, row.target) for row in state.rows]
        places = [(site.row.name, site.row.target) for site in sites.sites] if sites else []
        of = self.parts, self._moves.all, minute, rows, sorted(places)
        known = self._drawn.get(name)
        if known is None or known[0] != of:
            known = self._drawn[name] = of, self._draw(state, sites)
        return known[1]

    def _draw(self, state: BoardState, sites: Sites | None) -> Drawn:
        found = drawn(self.parts, state, self._zone, self._until_ms(state), self._moves.all)
        return found if sites is None else found._replace(sites=days_of(sites, self.parts, found.slots, self._zone))

    def forget(self, name: str) -> None:
        """Draw that of this board anew."""
        self._drawn.pop(name, None)

    def _until_ms(self, state: BoardState) -> int | None:
        """When the last of the queues closes today, where all have hours."""
        if state.at_ms is None:
            return None
        hours = [self.hours(row.name) for row in state.rows]
        closes = [each.closes(state.at_ms) for each in hours if each is not None]
        return max((at for at in closes if at is not None), default=None) if len(closes) == len(hours) else None
