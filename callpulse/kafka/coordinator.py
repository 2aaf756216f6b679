"""Asking the coordinator of a group, which may be on its way: on a cluster that has just started, or of the first group
of all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)

from callpulse.clock import monotonic_s

RETRY_S = 0.2

T = TypeVar("T")


async def asked(ask: Callable[[], Awaitable[T]], within_s: float) -> T:
    """Its answer; asked again for so long. Raises what it raised last."""
    begun_s = monotonic_s()
    while True:
        try:
            return await ask()
        except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError):
            if monotonic_s() - begun_s > within_s:
                raise
            await asyncio.sleep(RETRY_S)
