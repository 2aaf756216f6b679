"""`callpulse worker` for a feed that is faster than time: what it does by the wall clock, it does by the feed's.

It forgets contacts once a minute, and keeps what it has closed for an hour, until no zombie can write it any more; of a
feed that plays a day in ten seconds, it would hold some hundred days of closed contacts.
"""

import asyncio

from callpulse import clock
from callpulse.settings import load
from callpulse.stream import worker
from callpulse.stream.chores import PACE_S, Chores


class Hurried(Chores):
    """Its clock is that of the feed."""

    async def run(self) -> None:
        while True:
            books = self._app.calls.books.values()
            await self.round(max([book.clock_ms for book in books], default=clock.now_ms()))
            await asyncio.sleep(PACE_S)


if __name__ == "__main__":
    setattr(worker, "Chores", Hurried)  # noqa: B010 -- serve() makes it, as always
    asyncio.run(worker.serve(load(), another_port=True))
