"""One picture after the other: soon after a change, and each second in any case."""

from collections.abc import Sequence

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from callpulse.clock import monotonic_s
from callpulse.current.connection import FAILURES, RedisAwayError, reason
from callpulse.current.keys import Keys
from callpulse.current.reader import Picture, Reader, changed_queue

REFRESH_S = 1.0
GATHER_S = 0.25  # changes that come together are one picture


class Feed:
    """Pictures of one site, with these `fields` of it and of these `groups`. After a failure the next call starts anew
    and reads everything."""

    def __init__(self, client: Redis, keys: Keys, fields: Sequence[str], groups: Sequence[str] = ()) -> None:
        self._client = client
        self._keys = keys
        self._reader = Reader(client, keys, fields, groups)
        self._listener: PubSub | None = None
        self._last: tuple[Picture, float] | None = None

    async def next(self) -> Picture:
        """Waits for changes, at most a second, and reads. Raises RedisAwayError."""
        try:
            changed = await self._changed()
            picture = await self._reader.read(changed)
        except FAILURES as error:
            await self.close()
            raise RedisAwayError(reason(error)) from error
        except RedisAwayError:
            await self.close()
            raise
        self._last = picture, monotonic_s()
        return picture

    def aged(self) -> Picture | None:
        """The last picture with the time that has passed since, for as long as there is no new one."""
        if self._last is None:
            return None
        picture, at_s = self._last
        passed_ms = int((monotonic_s() - at_s) * 1000)
        return msgspec.structs.replace(picture, redis_now_ms=picture.redis_now_ms + passed_ms)

    async def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            await self._listener.aclose()  # type: ignore[no-untyped-call]
            self._listener = None

    async def _changed(self) -> set[str] | None:
        """The queues that changed; None = unknown, since nobody listened."""
        if self._listener is None:
            self._listener = self._client.pubsub(ignore_subscribe_messages=True)
            await self._listener.subscribe(self._keys.changes)
            return None
        return await self._gather(self._listener)

    @staticmethod
    async def _gather(listener: PubSub) -> set[str]:
        names: set[str] = set()
        end_s = monotonic_s() + REFRESH_S
        while (left_s := end_s - monotonic_s()) > 0:
            message = await listener.get_message(timeout=left_s)
            if message is None:
                continue
            name = changed_queue(message["data"])
            if name is not None:
                names.add(name)
                end_s = min(end_s, monotonic_s() + GATHER_S) if len(names) == 1 else end_s
        return names
