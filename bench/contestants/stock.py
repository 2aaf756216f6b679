"""Faust as its documentation shows it: `async for event`, one count per queue in a tumbling table."""

import asyncio
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import faust
import msgspec

from bench.contestants.job import Job, Lap, Watch, answer, asked

WINDOW_S = 10


async def measured(job: Job, folder: Path) -> Lap:
    """The first `events` records of the topic, whichever partition they come from."""
    watch, done = Watch(), asyncio.Event()
    app = faust.App(
        f"{job.topic}.stock",
        broker=f"kafka://{job.brokers}",
        store="memory://",
        topic_partitions=job.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=str(folder),
        stream_wait_empty=False,
    )
    counts = app.Table("counts", default=int, partitions=job.partitions).tumbling(WINDOW_S)

    async def count(stream: Any) -> None:
        read = 0
        async for event in stream.events():
            watch.start()
            queue = msgspec.json.decode(event.value).get("queue", "")
            counts[queue] += 1
            read += 1
            if read == job.events:
                done.set()

    app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))(count)
    await app.start()
    await done.wait()
    lap = watch.lap(job.events)
    await app.stop()
    return lap


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as temporary:
        answer(asyncio.run(measured(asked(), Path(temporary))))
