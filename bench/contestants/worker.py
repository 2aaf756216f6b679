"""The worker as `callpulse worker` runs it: all figures, changelogs, commits, Redis, kpis topic, /metrics."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

from bench.contestants.job import Job, Lap, Watch, answer, asked
from callpulse.settings import load
from callpulse.stream import worker
from callpulse.stream.app import StreamApp
from callpulse.stream.transport import Part


class Watched(StreamApp):
    """Times itself from its first batch of calls to its last: the only difference to the real one."""

    job: Job
    lap: asyncio.Future[Lap]

    def __init__(self, *arguments: Any) -> None:
        self.watch = Watch()
        super().__init__(*arguments)

    def _reader(self, apply: Callable[[Any, Part], None]) -> Callable[[Any], Any]:
        def timed(batch: Any, part: Part) -> None:
            if batch.topic == self.job.topic:
                self.watch.start()
            apply(batch, part)
            if self.read[self.job.topic] >= self.job.events and not self.lap.done():
                self.lap.set_result(self._measured())

        return super()._reader(timed)

    def _measured(self) -> Lap:
        written, queues = self.current.written_total, len(list(self.viewing.queues()))
        return self.watch.lap(self.read[self.job.topic], redis_writes=written, queues=queues)


async def measured(job: Job) -> Lap:
    """Serve until all events are applied, then stop as SIGTERM stops it."""
    Watched.job, Watched.lap = job, asyncio.get_running_loop().create_future()
    setattr(worker, "StreamApp", Watched)  # noqa: B010 -- serve() makes it, as always
    serving: asyncio.Future[Any] = asyncio.ensure_future(worker.serve(load(environment=job.environment)))
    either: set[asyncio.Future[Any]] = {serving, Watched.lap}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    os.kill(os.getpid(), signal.SIGTERM)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    return Watched.lap.result()


if __name__ == "__main__":
    answer(asyncio.run(measured(asked())))
