"""Ours: the worker's transport, and a table written by cuts, around the same four counters."""

import asyncio
import logging
import os
import signal
from typing import Any

import msgspec
from msgspec import Struct

from bench.peers.job import KINDS, WINDOW_MS, Job, Row, answer, asked, began, over
from callpulse.stream import garbage
from callpulse.stream.tables import cut_table
from callpulse.stream.transport import Batch, BatchApp, Codec, Part, faust_settings, run

PLACE = {kind: place for place, kind in enumerate(KINDS, 1)}  # the first number is the source offset
Key = tuple[str, int]
Cell = list[int]


class Event(Struct, gc=False):
    type: str
    at: int
    queue: str


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.json.Decoder(Event).decode
CODEC: Codec[Key, Cell] = Codec(
    encode, msgspec.msgpack.Decoder(Key).decode, encode, msgspec.msgpack.Decoder(Cell).decode, lambda cell: cell[0]
)


class Counting(BatchApp):
    """Stops itself when all events are counted."""

    def __init__(self, job: Job) -> None:
        options = faust_settings(brokers=job.brokers, partitions=job.partitions, member=f"peer-{os.getpid()}")
        super().__init__(job.name, **options)
        self.job, self.left = job, job.events
        self.counts = cut_table(self, "counts", CODEC)
        self.agent(self.batch_topic(job.topic, tables=[self.counts]))(self.count)

    async def count(self, stream: Any) -> None:
        async for batch in stream:
            part = self.batches.accept(batch)
            if part is not None:
                if self.left == self.job.events:
                    began()
                self.apply(batch, part)
                self.left -= len(batch)
                if not self.left:
                    await self.batches.commit()  # what others have sent by their last event, ours sends at its next cut
                    over()
                    os.kill(os.getpid(), signal.SIGTERM)

    def apply(self, batch: Batch, part: Part) -> None:
        cells, dirty = self.counts.cells[batch.partition], self.counts.dirty[batch.partition]
        for record in batch:
            event = decode(record.value)
            key = (event.queue, event.at // WINDOW_MS * WINDOW_MS)
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = [-1, 0, 0, 0, 0]
            if record.offset > cell[0]:
                cell[0] = record.offset
                cell[PLACE[event.type]] += 1
                dirty[key] = None
        part.next = batch[-1].offset + 1

    def on_part_lost(self, topic: str, partition: int) -> None:
        """The cells are about to be forgotten."""

    def rows(self) -> list[Row]:
        return [(queue, at, cell[1:]) for cells in self.counts.cells.values() for (queue, at), cell in cells.items()]


async def serve(job: Job) -> None:
    """Count all events, then stop."""
    garbage.look_seldom()
    app = Counting(job)
    await run(app)
    answer(job, app.rows())


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(serve(asked()))
