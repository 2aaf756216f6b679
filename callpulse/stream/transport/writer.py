"""Changelog batches to the broker, through the producer Faust already runs."""

from collections.abc import Awaitable
from typing import Any, cast

import faust


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
