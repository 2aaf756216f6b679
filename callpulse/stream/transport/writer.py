"""Changelog batches to the broker, through the producer Faust already runs."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import faust
from faust.transport.drivers.aiokafka import Producer

from callpulse.kafka.stopping import stopped

CLOSE_S = 5.0  # without a broker, what is still in the producer would hold up a stop until it expires


class ChangelogWriter:
    """Batches are closed by the cut and sent as they are: one produce request each."""

    def __init__(self, app: faust.App) -> None:
        self._app = app

    def new_batch(self) -> Any:
        return self._producer.create_batch()

    async def send(self, batch: Any, topic: str, partition: int) -> Awaitable[Any]:
        return cast(Awaitable[Any], await self._producer.send_batch(batch, topic, partition=partition))

    @property
    def _producer(self) -> Any:
        return cast(Any, self._app.producer)._ensure_producer()


class HastyProducer(Producer):
    """Faust's producer, whose stop and flush wait for a missing broker no longer than `CLOSE_S`. What they leave
    behind was not committed, and is made again from the events."""

    async def flush(self) -> None:
        await self._hurry(super().flush)

    async def on_stop(self) -> None:
        await self._hurry(super().on_stop)

    async def _hurry(self, close: Callable[[], Awaitable[None]]) -> None:
        if not await stopped(close, CLOSE_S):
            self.log.warning("the broker did not take everything within %g s", CLOSE_S)
