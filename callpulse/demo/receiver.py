"""A small receiver of alerts for the demo: it listens where the webhook channel tells, and prints what it is told.

python -m callpulse.demo.receiver: a port that the system picks, said in the first line.
"""

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web

from callpulse.board.figures import clock, printable
from callpulse.clock import now_ms

LISTENS = "the receiver of alerts listens at "
Say = Callable[[str], None]


class Words(msgspec.Struct):
    """Of a webhook's body, what is printed."""

    subject: str


class Told(msgspec.Struct):
    """A webhook's body. `type` = `alert.KIND`."""

    type: str
    message: Words


def line(body: bytes, at_ms: int) -> str:
    """What is printed of it: `14:03:20 alert.firing: SUBJECT`. Raises MsgspecError."""
    told = msgspec.json.decode(body, type=Told)
    return printable(f"{clock(at_ms, None)} {told.type}: {told.message.subject}")


class Receiver:
    """Says each piece of news once: a channel tells again what it does not know to have arrived."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._heard: set[str] = set()

    async def take(self, request: web.Request) -> web.Response:
        """204, or 400 with what was expected."""
        try:
            told = line(await request.read(), now_ms())
        except msgspec.MsgspecError as error:
            return web.Response(status=400, text=f"expected a webhook of callpulse: {error}\n")
        news = request.headers.get("webhook-id", told)
        if news not in self._heard:
            self._heard.add(news)
            self._say(told)
        return web.Response(status=204)

    async def listen(self) -> None:
        """Until cancelled, on this machine only."""
        app = web.Application()
        app.add_routes([web.post("/", self.take)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0]
            self._say(f"{LISTENS}http://{host}:{port}/")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def _print(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    asyncio.run(Receiver(_print).listen())
