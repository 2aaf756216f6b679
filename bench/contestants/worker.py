"""The worker as `callpulse worker` runs it: all figures, changelogs, commits, Redis, kpis topic, /metrics."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

from bench.contestants.job import Job, Lap, Watch, answer, asked, released
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
            if self._has_read_all() and not self.lap.done():
                self.lap.set_result(self._measured())

        return super()._reader(timed)

    def _has_read_all(self) -> bool:
        """What there is for it: the whole topic, or what is in the partitions it was given."""
        job = self.job
        if not job.ends:
            return self.read[job.topic] >= job.events
        mine = [(tp.partition, part) for tp, part in self.batches.parts.items() if tp.topic == job.topic]
        return all(part.next >= job.ends[partition] for partition, part in mine)

    def _measured(self) -> Lap:
        written, queues = self.current.written_total, len(list(self.viewing.queues()))
        mine = len([tp for tp in self.batches.parts if tp.topic == self.job.topic])
        return self.watch.lap(self.read[self.job.topic], redis_writes=written, queues=queues, partitions=mine)


async def measured(job: Job) -> None:
    """Serve until all events are applied, answer, and stop as SIGTERM stops it when everybody has answered."""
    Watched.job, Watched.lap = job, asyncio.get_running_loop().create_future()
    setattr(worker, "StreamApp", Watched)  # noqa: B010 -- serve() makes it, as always
    serving: asyncio.Future[Any] = asyncio.ensure_future(worker.serve(load(environment=job.environment)))
    either: set[asyncio.Future[Any]] = {serving, Watched.lap}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    answer(Watched.lap.result())
    await asyncio.to_thread(released)
    os.kill(os.getpid(), signal.SIGTERM)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


if __name__ == "__main__":
    asyncio.run(measured(asked()))
