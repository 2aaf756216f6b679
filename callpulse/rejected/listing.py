"""`callpulse rejected list`: reads, counts, keeps the newest."""

from collections import deque
from collections.abc import Callable

from callpulse.rejected.choosing import Asked, Found
from callpulse.rejected.topic import opened
from callpulse.settings import Kafka

TOLD_EVERY = 5_000


async def found(config: Kafka, asked: Asked, limit: int, progress: Callable[[str], None]) -> Found:
    """What is asked for; the newest `limit` are kept whole. Raises RejectedError, SettingsError."""
    counted = Found(newest=deque(maxlen=limit))
    async with opened(config, asked.since_ms) as topic:
        total, read = await topic.look(), 0
        async for refused in topic.refused():
            read += 1
            if read % TOLD_EVERY == 0:
                progress(f"{read:,} of {total:,} records")
            if asked.holds(refused):
                counted.take(refused, refused.at in topic.retried)
        counted.unread = topic.unread
    return counted
