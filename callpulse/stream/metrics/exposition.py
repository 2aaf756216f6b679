"""A scrape as text, in pieces between which the event loop gets its turn.

A large site has more than a hundred thousand series; prometheus-client needs seconds for their text and would hold up
the stream for as long. It writes what stands above the samples; their own lines are ours (lines.py), to the same bytes.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Protocol

from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client import exposition as classic
from prometheus_client.core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from callpulse.stream.metrics.collector import metric
from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.lines import line
from callpulse.stream.metrics.turns import in_turns

OPENMETRICS = "application/openmetrics-text"
EOF = b"# EOF\n"
GZIP, LEVEL = 31, 1
THREAD = ThreadPoolExecutor(1, "press")
TOGETHER = 4_000_000  # bytes: whenever it begins and ends, the thread waits until the loop lets go of the interpreter

Weights = dict[str, float]


class Format(Struct, frozen=True):
    """One of the two texts that Prometheus reads. `end` stands once, after the last family."""

    content_type: str
    write: Callable[[Collector], bytes]
    end: bytes


CLASSIC = Format(classic.CONTENT_TYPE_PLAIN_0_0_4, classic.generate_latest, b"")
OPEN = Format(openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest, EOF)


class Told(Protocol):
    """What one scrape tells."""

    def families(self) -> Iterator[tuple[Family, Iterator[Sample | str]]]:
        """Every family with its samples, or, where they are many, with lines of theirs."""
        ...


class _Only(Collector):
    """A collector of one family."""

    def __init__(self, only: Metric) -> None:
        self._only = only

    def collect(self) -> Iterator[Metric]:
        yield self._only


def weights(header: str) -> Weights:
    """`a;q=0.5, b` -> {"a": 0.5, "b": 1.0}; what cannot be read weighs nothing."""
    found: Weights = {}
    for choice in header.split(","):
        name, *parameters = (part.strip().lower() for part in choice.split(";"))
        found[name] = max(found.get(name, 0.0), _weight(parameters))
    return found


def _weight(parameters: list[str]) -> float:
    stated = [part[2:] for part in parameters if part.startswith("q=")]
    try:
        return float(stated[0]) if stated else 1.0
    except ValueError:
        return 0.0


def chosen(accept: str) -> Format:
    """OpenMetrics for who prefers it to plain text, or likes both alike."""
    wanted = weights(accept)
    liked = wanted.get(OPENMETRICS, 0.0)
    return OPEN if liked > 0 and liked >= wanted.get("text/plain", 0.0) else CLASSIC


async def texts(told: Told, form: Format, others: CollectorRegistry | None = None) -> AsyncIterator[bytes]:
    """The whole text, piece by piece; `others`: what else is to be told (figures of the process)."""
    async for text in in_turns(_texts(told, form)):
        yield text
    if others is not None:
        yield form.write(others).removesuffix(EOF)
    yield form.end


async def pressed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same by gzip, in a thread that works while the next pieces are made."""
    press, loop = zlib.compressobj(LEVEL, wbits=GZIP), asyncio.get_running_loop()
    parts = [loop.run_in_executor(THREAD, _press, press, some) async for some in _together(pieces)]
    for part in (*parts, loop.run_in_executor(THREAD, press.flush)):
        yield await part


async def _together(pieces: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    some: list[bytes] = []
    size = 0
    async for piece in pieces:
        some.append(piece)
        size += len(piece)
        if size >= TOGETHER:
            yield some
            some, size = [], 0
    yield some


def _press(press: "zlib._Compress", some: list[bytes]) -> bytes:
    return press.compress(b"".join(some))


def _texts(told: Told, form: Format) -> Iterator[bytes]:
    """Family by family."""
    for family, pieces in told.families():
        yield _head(family, form)
        for piece in pieces:
            yield (piece if isinstance(piece, str) else line(piece)).encode()


@lru_cache(maxsize=512)
def _head(family: Family, form: Format) -> bytes:
    """Name, help, type and unit of a family, also of one without samples."""
    return form.write(_Only(metric(family, ()))).removesuffix(EOF)
