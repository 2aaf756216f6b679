"""Long work in an event loop that has other work to do."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from callpulse.clock import monotonic_s

TURN_S = 0.0005
IDLE_S = 0.0001  # a turn of the loop that took less had nothing to do; one that did nothing takes a tenth of it
WAY_S = 0.002  # a loop that is never idle must not keep Prometheus waiting for ever

T = TypeVar("T")


async def in_turns(things: Iterable[T]) -> AsyncIterator[T]:
    """The things, made one after the other; each half millisecond the loop goes first."""
    began_s = monotonic_s()
    for thing in things:
        yield thing
        if monotonic_s() - began_s >= TURN_S:
            await _give_way()
            began_s = monotonic_s()


async def _give_way() -> None:
    """Until the loop has nothing more to do: an event needs some twenty turns of it until it is published."""
    began_s = turn_s = monotonic_s()
    while True:
        await asyncio.sleep(0)
        now_s = monotonic_s()
        if now_s - turn_s < IDLE_S or now_s - began_s >= WAY_S:
            return
        turn_s = now_s
