"""`callpulse worker` for a feed that is faster than time: what it does by the wall clock, it does by the feed's.

It forgets contacts once a minute, and keeps what it has closed for an hour, until no zombie can write it any more; of a
feed that plays a day in ten seconds, it would hold some hundred days of closed contacts.
"""

import asyncio

from callpulse.settings import load
from callpulse.stream import worker
from callpulse.stream.chores import PACE_S, Chores


class Hurried(Chores):
    """Its clock is that of the feed, never the wall's: what was last done then would not be due for weeks of feed."""

    async def run(self) -> None:
        while True:
            clock_ms = max([book.clock_ms for book in self._app.calls.books.values()], default=0)
            if clock_ms:
                await self.round(clock_ms)
            await asyncio.sleep(PACE_S)


if __name__ == "__main__":
    setattr(worker, "Chores", Hurried)  # noqa: B010 -- serve() makes it, as always
    asyncio.run(worker.serve(load(), another_port=True))
