"""Only decode and count: the limit of Python and aiokafka on this machine."""

import asyncio
from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from bench.contestants.job import answer, asked
from bench.contestants.reading import catch_up


class Small(Struct):
    type: str
    at: int
    queue: str = ""


class Counting:
    """Counts by type."""

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(Small).decode
        self.types: Counter[str] = Counter()

    def apply(self, _partition: int, records: list[Any]) -> None:
        decode, types = self._decode, self.types
        for record in records:
            types[decode(record.value).type] += 1


if __name__ == "__main__":
    answer(asyncio.run(catch_up(asked(), Counting().apply)))
