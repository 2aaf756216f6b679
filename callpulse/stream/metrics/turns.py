"""Long work in an event loop that has other work to do."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from callpulse.clock import monotonic_s

TURN_S = 0.0005  # an event needs some twenty turns of the loop until it is published

T = TypeVar("T")


async def in_turns(things: Iterable[T]) -> AsyncIterator[T]:
    """The things, made one after the other, while the loop gets its turn every half millisecond."""
    began_s = monotonic_s()
    for thing in things:
        yield thing
        if monotonic_s() - began_s >= TURN_S:
            await asyncio.sleep(0)
            began_s = monotonic_s()
