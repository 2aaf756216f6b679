"""A small receiver of alerts for the demo: it listens where the webhook channel tells, and prints what it is told."""

import asyncio
import sys

import msgspec
from aiohttp import web


class _Told(msgspec.Struct):
    """What is printed of a webhook's body."""

    subject: str
    kind: str = ""


async def _take(request: web.Request) -> web.Response:
    try:
        told = msgspec.json.decode(await request.read(), type=_Told)
    except msgspec.MsgspecError as error:
        return web.Response(status=400, text=f"expected a notice of callpulse: {error}\n")
    print(f"ALERT {told.subject}", flush=True)
    return web.Response(status=204)


async def receive(port: int) -> None:
    """Until cancelled."""
    app = web.Application()
    app.add_routes([web.post("/", _take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(receive(int(sys.argv[1])))
