"""From rows to samples: values of the labels, and what is told of them."""

from collections.abc import Iterable, Iterator

from prometheus_client.samples import Sample

from callpulse.stream.durations import EDGES_S, Took
from callpulse.stream.metrics.family import Family

Row = tuple[tuple[str, ...], float]
LES = (*(f"{edge}" for edge in EDGES_S), "+Inf")


def plain(family: Family, rows: Iterable[Row]) -> Iterator[Sample]:
    """One sample a row."""
    for values, value in rows:
        yield Sample(family.name, dict(zip(family.labels, values, strict=True)), float(value))


def timed(family: Family, rows: Iterable[tuple[tuple[str, ...], Took]]) -> Iterator[Sample]:
    """A histogram a row."""
    for values, took in rows:
        labels = dict(zip(family.labels, values, strict=True))
        for le, count in zip(LES, took.upto, strict=True):
            yield Sample(family.name + "_bucket", {**labels, "le": le}, count)
        yield Sample(family.name + "_count", labels, took.upto[-1])
        yield Sample(family.name + "_sum", labels, took.sum_s)
