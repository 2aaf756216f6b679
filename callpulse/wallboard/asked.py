"""What a supervisor's browser or program posts: who may, what is asked, what is answered."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from aiohttp import web

from callpulse.board.words import Language
from callpulse.clock import now_ms
from callpulse.wallboard.acting import Acting, NotDoneError, Sent
from callpulse.wallboard.bodies import body_of
from callpulse.wallboard.guard import PERSON, Guard
from callpulse.wallboard.hub import Hub


class Asked:
    """The addresses by which people act. `total`: by what was asked for and how it ended (metrics.py)."""

    def __init__(self, hub: Hub, guard: Guard, acting: Acting) -> None:
        self._hub, self._guard, self._acting = hub, guard, acting
        self.total: Counter[tuple[str, str]] = Counter()

    def routes(self) -> Sequence[web.RouteDef]:
        """All of them."""
        return [
            web.post("/api/alerts/{id}/{what:ack|mute}", self._act),
            web.post("/api/mutes/{id}/{what:unmute}", self._act),
        ]

    async def _act(self, request: web.Request) -> web.Response:
        what = request.match_info["what"]
        if (refusal := self._guard.may_act(request)) is not None:
            self.total[what, "refused"] += 1
            return self._guard.refuse(request, refusal)
        language = self._guard.reader(request)
        try:
            sent = await self._done(request, await body_of(request), language)
        except NotDoneError as error:
            self.total[what, "not_done"] += 1
            return web.Response(text=error.said(language) + "\n", status=error.status)
        self.total[what, "sent"] += 1
        return web.Response(body=msgspec.json.encode(sent), status=202, content_type="application/json")

    async def _done(self, request: web.Request, body: bytes, language: Language) -> Sent:
        alerts, id_, who, at_ms = self._hub.alerts, request.match_info["id"], request[PERSON], now_ms()
        if alerts is None and self._hub.away_since_ms is not None:
            raise NotDoneError("redis_away")
        match request.match_info["what"]:
            case "ack":
                return await self._acting.take(alerts, id_, body, who, at_ms)
            case "mute":
                return await self._acting.mute(alerts, id_, body, who, at_ms, language)
            case _:
                return await self._acting.unmute(alerts, id_, body, who, at_ms)
