"""A worker for chaos: `python -m tests.chaos.worker SLOW_MS SEED WITHOUT`; its settings come from the environment.

It is the worker of callpulse, with three differences: contacts are forgotten and buried within seconds instead of
hours, each write of a cut waits a seeded while before it goes out (a slow network: what is on its way when a process
stops is what makes zombies), and it may do without one guard, to show what that guard is for.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable
from typing import Any

from callpulse.cli import main
from callpulse.stream import chores
from callpulse.stream.app import StreamApp
from callpulse.stream.tables import Changelog
from callpulse.stream.transport.writer import ChangelogWriter
from tests.chaos import guards

FORGET_EVERY_MS = 3_000
BURIED_AFTER_MS = 20_000


class SlowWriter(ChangelogWriter):
    """Waits before a batch is handed over, and before its acknowledgement is told."""

    def __init__(self, app: Any, chance: random.Random, slow_ms: int) -> None:
        super().__init__(app)
        self._chance, self._slow_s = chance, slow_ms / 1000

    async def send(self, batch: Any, topic: str, partition: int) -> Awaitable[Any]:
        await asyncio.sleep(self._chance.uniform(0, self._slow_s))
        return self._told(await super().send(batch, topic, partition))

    async def _told(self, sent: Awaitable[Any]) -> Any:
        answer = await sent
        await asyncio.sleep(self._chance.uniform(0, self._slow_s))
        return answer


def prepare(slow_ms: int, seed: int, without: str) -> None:
    chores.FORGET_EVERY_MS = FORGET_EVERY_MS
    vars(chores)["KEEP_NEWEST"] = Changelog(min_compaction_lag_ms=BURIED_AFTER_MS)
    if slow_ms:
        chance = random.Random(seed)
        StreamApp.new_changelog_writer = lambda app: SlowWriter(app, chance, slow_ms)  # type: ignore[method-assign, assignment]
    if without:
        guards.WITHOUT[without]()


if __name__ == "__main__":
    prepare(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    main(["worker"], prog_name="callpulse")
