"""Which sites there are in a Redis: for somebody who asked for one that has no queue."""

import re

from redis.asyncio import Redis
from redis.exceptions import ResponseError

KEY = re.compile(r"callpulse:\{([^{}]+)\}:queues")
AT_ONCE = 1000
LOOKS = 50  # a Redis of millions of keys of others is not searched to its end
MOST = 10


async def sites(client: Redis) -> tuple[str, ...]:
    """Names of sites with a queue, at most MOST of them. Empty where this user may not look."""
    found: set[str] = set()
    cursor = 0
    try:
        for _ in range(LOOKS):
            cursor, keys = await client.scan(cursor, match="callpulse:{*}:queues", count=AT_ONCE)
            names = (key if isinstance(key, str) else key.decode("utf-8", "replace") for key in keys)
            matches = map(KEY.fullmatch, names)
            found |= {match[1] for match in matches if match}
            if cursor == 0 or len(found) >= MOST:
                break
    except ResponseError:
        return ()
    return tuple(sorted(found)[:MOST])
