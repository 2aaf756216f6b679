"""Long work in an event loop that has other work to do."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from callpulse.clock import monotonic_s

TURN_S = 0.003  # an event needs a few turns of the loop until it is published: together less than it may be late

T = TypeVar("T")


async def in_turns(things: Iterable[T]) -> AsyncIterator[T]:
    """The things, made one after the other, while the loop gets its turn every few milliseconds."""
    began_s = monotonic_s()
    for thing in things:
        yield thing
        if monotonic_s() - began_s >= TURN_S:
            await asyncio.sleep(0)
            began_s = monotonic_s()
