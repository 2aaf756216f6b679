"""A worker for chaos: `python -m tests.chaos.worker SLOW_MS SEED WITHOUT`; its settings come from the environment.

It is the worker of callpulse, with three differences: contacts are forgotten and buried within seconds instead of
hours, each write of a cut waits a seeded while before it goes out (a slow network: what is on its way when a process
stops is what makes zombies), and it may do without one guard, to show what that guard is for.
"""

import asyncio
import random
import signal
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


def tells_its_state() -> None:
    """To its log at SIGUSR1: what the transport of this worker holds at that moment."""
    start = StreamApp.__init__

    def begin(app: Any, *arguments: Any) -> None:
        start(app, *arguments)
        signal.signal(signal.SIGUSR1, lambda *_: print(state(app), flush=True))

    StreamApp.__init__ = begin  # type: ignore[method-assign, assignment]


def state(app: Any) -> str:
    batches, totals = app.batches, app.totals
    lines = [f"generation {app.consumer_generation_id}, rebalancing {app.rebalancing}, counts {dict(batches.counts)}"]
    for tp in sorted(batches.assignment()):
        part, reading = batches.parts.get(tp), batches.intake.readings.get(tp)
        end = batches.highwater(tp)
        lines.append(
            f"{tp} part {part and (part.next, part.end, part.gen)} reading {reading and reading.next} end {end}"
        )
    lines.append(f"dropped {batches.intake._dropped}, active {sorted(batches._get_active_partitions())}")
    lines.append(f"totals {totals._part and (totals._part.next, totals._part.end)} queues {len(totals.heard.queues)}")
    return "\n".join(lines)


def prepare(slow_ms: int, seed: int, without: str) -> None:
    chores.FORGET_EVERY_MS = FORGET_EVERY_MS
    vars(chores)["KEEP_NEWEST"] = Changelog(min_compaction_lag_ms=BURIED_AFTER_MS)
    tells_its_state()
    if slow_ms:
        chance = random.Random(seed)
        StreamApp.new_changelog_writer = lambda app: SlowWriter(app, chance, slow_ms)  # type: ignore[method-assign, assignment]
    if without:
        guards.WITHOUT[without]()


if __name__ == "__main__":
    prepare(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    main(["worker"], prog_name="callpulse")
