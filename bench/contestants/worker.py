"""The worker as `callpulse worker` runs it: all figures, changelogs, commits, Redis, kpis topic, /metrics."""

import asyncio
import contextlib
import os
import signal
from typing import Any

from bench.contestants.job import Job, Lap, Watch, answer, asked
from callpulse.settings import load
from callpulse.stream import worker
from callpulse.stream.app import StreamApp

LOOK_EVERY_S = 0.002


class Watched(StreamApp):
    """Tells how far it is: the only difference to the real one."""

    latest: "Watched | None" = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        Watched.latest = self


async def measured(job: Job) -> Lap:
    """Serve until all events are applied, then stop as SIGTERM stops it."""
    setattr(worker, "StreamApp", Watched)  # noqa: B010 -- serve() makes it, as always
    serving = asyncio.create_task(worker.serve(load(environment=job.environment)))
    watching = asyncio.create_task(_watch(job))
    await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        watching.cancel()
        await serving
    os.kill(os.getpid(), signal.SIGTERM)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    return watching.result()


async def _watch(job: Job) -> Lap:
    watch = Watch()
    while (read := _read(job.topic)) < job.events:
        if read:
            watch.start()
        await asyncio.sleep(LOOK_EVERY_S)
    app = Watched.latest
    assert app is not None
    return watch.lap(read, redis_writes=app.current.written_total, queues=len(list(app.viewing.queues())))


def _read(topic: str) -> int:
    return 0 if Watched.latest is None else Watched.latest.read[topic]


if __name__ == "__main__":
    answer(asyncio.run(measured(asked())))
