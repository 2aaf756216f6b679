"""Stopping a client of a Kafka that may not answer."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import KafkaError

STOP_S = 5.0
BROKEN_OFF_S = 1.0


async def stopped(stop: Callable[[], Awaitable[Any]], within_s: float = STOP_S) -> bool:
    """Whether a client of Kafka came to the end of its own `stop` in time; what it has not sent by then is given up.

    aiokafka waits for a Kafka that is away, lets the cancellations of its own tasks out, and swallows some of ours.
    """
    stopping = asyncio.ensure_future(stop())
    stopping.add_done_callback(looked_at)
    try:
        in_time, _ = await asyncio.wait({stopping}, timeout=within_s)
    finally:
        stopping.cancel()
    if not in_time:
        await asyncio.wait({stopping}, timeout=BROKEN_OFF_S)
        return False
    with contextlib.suppress(asyncio.CancelledError, KafkaError, OSError):
        stopping.result()
        return True
    return False


def looked_at(done: "asyncio.Future[Any]") -> None:
    """For what may fail without harm: asyncio would tell of an error that nobody asked for."""
    if not done.cancelled():
        done.exception()
