"""The lines of the families of queues: as samples, or at once as text."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import Any

from prometheus_client.samples import Sample

from callpulse.stream.metrics import lines, names
from callpulse.stream.metrics.lines import Labels, Line
from callpulse.stream.metrics.names import BY_NAME, FAMILIES, OF_QUEUE, Family
from callpulse.stream.metrics.queue_gauges import Keys
from callpulse.stream.metrics.queue_samples import OUTCOMES, Reading, rows

OF_QUEUES = tuple(family for family in FAMILIES if family.labels[: len(OF_QUEUE)] == OF_QUEUE)


def samples_of_queues(family: Family, readings: Sequence[Reading]) -> Iterator[Sample]:
    """The samples of a family."""
    for reading in readings:
        keys, values = rows(family, reading)
        named = {"channel": reading.view.channel, "queue": reading.view.queue}
        for (name, labels), value in zip(_lines(family.name, keys), values, strict=True):
            yield Sample(name, {**named, **dict(labels)}, value)


def texts_of_queue(reading: Reading) -> list[str]:
    """The same of one queue as text, of each of OF_QUEUES."""
    told = [rows(family, reading) for family in OF_QUEUES]
    blank, ends = _blank(tuple([keys for keys, _ in told]))
    values = chain.from_iterable([values for _, values in told])
    pieces = lines.filled(blank, reading.view.channel, reading.view.queue, values)
    return ["".join(pieces[start:end]) for start, end in pairwise(ends)]


@lru_cache(maxsize=128)  # most queues have the same lines
def _blank(keys: tuple[Keys, ...]) -> tuple[list[str], list[int]]:
    """Pieces of the lines of all families, and where those of each end."""
    found = [_of_family(family.name, of_family) for family, of_family in zip(OF_QUEUES, keys, strict=True)]
    return list(chain.from_iterable(found)), list(accumulate(map(len, found), initial=0))


@lru_cache(maxsize=4096)
def _of_family(family: str, keys: Keys) -> list[str]:
    return lines.blank(_lines(family, keys))


@lru_cache(maxsize=1024)
def _lines(family: str, keys: Any) -> tuple[Line, ...]:
    """Of each line the name and the labels that it has beside queue and channel."""
    found = BY_NAME[family]
    own = found.labels[len(names.OF_QUEUE) :]
    if found.type == "histogram":
        series: list[Labels] = [((name, outcome),) for name in own for outcome in OUTCOMES] or [()]
        return tuple(line for labels in series for line in _steps(family, keys, labels))
    return tuple((family, tuple(zip(own, values, strict=True))) for values in keys)


def _steps(family: str, edges_s: Sequence[int], labels: Labels) -> Iterator[Line]:
    for le in (*(f"{edge}.0" for edge in edges_s), "+Inf"):
        yield f"{family}_bucket", (*labels, ("le", le))
    yield f"{family}_count", labels
    yield f"{family}_sum", labels
