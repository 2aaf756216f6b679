"""The plain loop and the worker's own core: no tables, no changelog, no publishing."""

import asyncio
from collections import defaultdict
from typing import Any

from bench.contestants.job import answer, asked
from bench.contestants.reading import catch_up
from callpulse.settings import load
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import Rejected
from callpulse.stream.core.wire import decode_call


class Booking:
    """A book for each partition."""

    def __init__(self, environment: dict[str, str]) -> None:
        limits = load(environment=environment).limits()
        self.books = defaultdict[int, CallBook](lambda: CallBook(limits))

    def apply(self, partition: int, records: list[Any]) -> None:
        book = self.books[partition]
        for record in records:
            event = decode_call(record.value)
            if type(event) is not Rejected:
                book.take(event, record.offset, record.timestamp)  # type: ignore[arg-type]  # not a Rejected
        book.settle(records[-1].offset)


if __name__ == "__main__":
    job = asked()
    answer(asyncio.run(catch_up(job, Booking(job.environment).apply)))
