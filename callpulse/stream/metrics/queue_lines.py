"""The lines of the families of queues: as samples, or at once as text."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any

from prometheus_client.samples import Sample

from callpulse.stream.metrics import lines
from callpulse.stream.metrics.family import OF_QUEUE, Family
from callpulse.stream.metrics.lines import Labels, Line
from callpulse.stream.metrics.names import BY_NAME, QUEUES
from callpulse.stream.metrics.queue_gauges import Keys
from callpulse.stream.metrics.queue_samples import OUTCOMES, Reading, rows

TOGETHER = 20  # queues

Pieces = tuple[list[str], Sequence[int]]  # of the lines of one queue, and where those of each of names.QUEUES end


def samples_of_queues(readings: Sequence[Reading]) -> Iterator[tuple[Family, list[Sample]]]:
    """Of each of names.QUEUES."""
    told = [rows(reading) for reading in readings]
    for number, family in enumerate(QUEUES):
        each = zip(readings, [of_queue[number] for of_queue in told], strict=True)
        yield family, [sample for reading, found in each for sample in _samples(family, reading, *found)]


def _samples(family: Family, reading: Reading, keys: Keys, texts: Sequence[str]) -> Iterator[Sample]:
    named = {"channel": reading.view.channel, "queue": reading.view.queue}
    for (name, labels), text in zip(_lines(family.name, keys), texts, strict=True):
        yield Sample(name, {**named, **dict(labels)}, float(text))


def pieces_of_queue(reading: Reading) -> Pieces:
    """The same of one queue, to be put together as text."""
    told = rows(reading)
    blank, ends = _blank(reading.view.channel, tuple([keys for keys, _ in told]))
    numbers: list[str] = []
    for _, texts in told:
        numbers += texts
    return lines.filled(blank, reading.view.queue, numbers), ends


def texts_of_queues(number: int, queues: Sequence[Pieces]) -> Iterator[str]:
    """Of one of QUEUES, some queues at a time."""
    for first in range(0, len(queues), TOGETHER):
        some: list[str] = []
        for pieces, ends in queues[first : first + TOGETHER]:
            some += pieces[ends[number] : ends[number + 1]]
        yield "".join(some)


@lru_cache(maxsize=128)  # most queues have the same lines
def _blank(channel: str, keys: tuple[Keys, ...]) -> Pieces:
    found = [_of_family(family.name, of_family, channel) for family, of_family in zip(QUEUES, keys, strict=True)]
    return list(chain.from_iterable(found)), list(accumulate(map(len, found), initial=0))


@lru_cache(maxsize=4096)
def _of_family(family: str, keys: Keys, channel: str) -> list[str]:
    return lines.blank(_lines(family, keys), channel)


@lru_cache(maxsize=1024)
def _lines(family: str, keys: Any) -> tuple[Line, ...]:
    """Of each line the name and the labels that it has beside queue and channel."""
    found = BY_NAME[family]
    own = found.labels[len(OF_QUEUE) :]
    if found.type == "histogram":
        series: list[Labels] = [((name, outcome),) for name in own for outcome in OUTCOMES] or [()]
        return tuple(line for labels in series for line in _steps(family, keys, labels))
    return tuple((family, tuple(zip(own, values, strict=True))) for values in keys)


def _steps(family: str, edges_s: Sequence[int], labels: Labels) -> Iterator[Line]:
    for le in (*(f"{edge}.0" for edge in edges_s), "+Inf"):
        yield f"{family}_bucket", (*labels, ("le", le))
    yield f"{family}_count", labels
    yield f"{family}_sum", labels
