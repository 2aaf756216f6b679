"""Faust as its documentation shows it, with the worker's own core: `async for event`, and each cell that an event
changes is set in a table, which writes it to its changelog. No Redis, no metrics."""

import asyncio
import logging
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import faust

from bench.contestants.job import Job, Lap, Watch, answer, asked
from callpulse.settings import load
from callpulse.stream import codecs
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.wire import decode_call
from callpulse.stream.transport import Codec

STORED: dict[str, Codec[Any, Any]] = {
    "live": codecs.LIVE,
    "intervals": codecs.INTERVALS,
    "totals": codecs.TOTALS,
    "contacts": codecs.CONTACTS,
}


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
    limits = load(environment=job.environment).limits()
    books = defaultdict[int, CallBook](lambda: CallBook(limits))
    tables = {name: _table(app, name, job.partitions) for name in STORED}

    async def book(stream: Any) -> None:
        read = 0
        async for event in stream.events():
            watch.start()
            _apply(books[event.message.partition], event, tables)
            read += 1
            if read == job.events:
                done.set()

    app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))(book)
    await app.start()
    await done.wait()
    lap = watch.lap(job.events)
    await app.stop()
    return lap


def _table(app: faust.App, name: str, partitions: int) -> Any:
    """Of bytes as the worker stores them: what Faust would write as JSON is many times as long."""
    return app.Table(name, partitions=partitions, key_type=bytes, value_type=bytes)


def _apply(book: CallBook, event: Any, tables: dict[str, Any]) -> None:
    call, offset = decode_call(event.value), event.message.offset
    if type(call) is not Rejected:
        book.take(call, offset, round(event.message.timestamp * 1000))  # type: ignore[arg-type]  # not a Rejected
        book.settle(offset)
    for name, codec in STORED.items():
        cells, dirty = getattr(book, name), getattr(book, f"dirty_{name}")
        for key in dirty:
            tables[name][codec.encode_key(key)] = codec.encode_value(cells[key])
        dirty.clear()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as temporary:
        answer(asyncio.run(measured(asked(), Path(temporary))))
