"""Refused records on their way again: one run at a time, what was sent is noted before the next."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

from callpulse import clock
from callpulse.rejected.record import RETRIED_KEY, Refused, note
from callpulse.rejected.topic import RejectedError, RejectedTopic
from callpulse.rejected.turns import FORGOTTEN_MS, SAYS_MS
from callpulse.sources.produce import EventProducer, ProduceError
from callpulse.stream.core.events import MAX_NAME, Event

AT_ONCE = 500  # records on their way
SAID_WITHIN_S = 3.0  # that it has ended; otherwise the others wait until it is forgotten


class Sender:
    """`topic`: of what is refused, by its full name. `by`: who sends, for others who ask."""

    def __init__(self, producer: EventProducer, topic: str, by: str) -> None:
        self._producer, self._topic, self._by = producer, topic, by
        self._run = uuid4().hex
        self._pending: list[tuple[Refused, Event]] = []
        self._said_ms = clock.now_ms()

    @contextlib.asynccontextmanager
    async def turn(self, topic: RejectedTopic) -> AsyncIterator[None]:
        """Reads the notes. Raises RejectedError where somebody else is at it, ProduceError."""
        await self._say()
        try:
            await topic.look(self.go_on)
            now_ms = clock.now_ms()
            if (other := topic.turns.ahead_of(self._run, now_ms)) is not None:
                by = " ".join(other.by.split())[:MAX_NAME]  # whoever wrote it
                raise RejectedError(
                    f"another one is at it ({by}, last heard of {max(0, now_ms - other.retried_ms) // 1000} s "
                    f"ago); run it again when that one has ended, or {FORGOTTEN_MS // 1000} s after it was killed"
                )
            yield
        finally:
            with contextlib.suppress(ProduceError, TimeoutError):
                await asyncio.wait_for(self._say(over=True), SAID_WITHIN_S)

    async def send(self, refused: Refused, event: Event) -> Sequence[Refused]:
        """What was sent and noted by this."""
        self._pending.append((refused, event))
        return await self.settle() if len(self._pending) >= AT_ONCE else ()

    async def settle(self) -> Sequence[Refused]:
        """The same; returns when Kafka has all of it, and the note."""
        if not self._pending:
            return ()
        pending, self._pending = self._pending, []
        self._still_ours()
        for _, event in pending:
            await self._producer.send(event)
        await self._producer.flush()
        await self._say([refused.at for refused, _ in pending])
        return [refused for refused, _ in pending]

    async def go_on(self) -> None:
        """Be heard of."""
        if clock.now_ms() - self._said_ms >= SAYS_MS:
            self._still_ours()
            await self._say()

    def _still_ours(self) -> None:
        """Who was not heard of for long may have been given up."""
        if (silent_ms := clock.now_ms() - self._said_ms) > FORGOTTEN_MS // 2:
            raise RejectedError(f"this stood still for {silent_ms // 1000} s, another may be at it; run it again")

    async def _say(self, offsets: Sequence[int] = (), *, over: bool = False) -> None:
        said_ms = clock.now_ms()
        await self._producer.put(self._topic, note(offsets, said_ms, self._run, self._by, over=over), RETRIED_KEY)
        await self._producer.flush()
        self._said_ms = said_ms
