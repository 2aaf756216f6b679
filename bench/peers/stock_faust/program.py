"""Faust: `async for event`, counts in a tumbling table, by the time of the event."""

import asyncio
import json
import logging
from typing import Any

import faust

from bench.peers.job import KINDS, WINDOW_MS, Job, answer, asked, began, over


async def serve(job: Job) -> None:
    """Count all events, then stop."""
    done = asyncio.Event()
    app = faust.App(
        job.name,
        broker=f"kafka://{job.brokers}",
        store="memory://",
        topic_partitions=job.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=job.folder,
        stream_wait_empty=False,
    )
    counts = app.Table("counts", default=int, partitions=job.partitions).tumbling(WINDOW_MS / 1000)
    counts = counts.relative_to_stream()

    async def count(stream: Any) -> None:
        read = 0
        async for event in stream.events():
            if not read:
                began()
            told = json.loads(event.value)
            counts[told["queue"] + "/" + told["type"]] += 1
            read += 1
            if read == job.events:
                over()
                done.set()

    app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))(count)
    await app.start()
    await done.wait()
    answer(job, [row(*item) for item in counts.table.items()])
    await app.stop()


def row(key: tuple[str, tuple[float, float]], count: int) -> tuple[str, int, list[int]]:
    name, (start_s, _) = key
    queue, _, kind = name.rpartition("/")
    return queue, round(start_s * 1000), [count * (each == kind) for each in KINDS]


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(serve(asked()))
