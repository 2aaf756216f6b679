"""A scrape as text, in slices between which the event loop gets its turn.

A large site has more than a hundred thousand series; prometheus-client needs seconds for their text and would hold up
the stream for as long. It writes what stands above the samples; their own lines are written here, to the same bytes.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Protocol

from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client import exposition as classic
from prometheus_client.core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

from callpulse.stream.metrics.collector import metric
from callpulse.stream.metrics.names import Family

SLICE = 1000  # samples, about 3 ms
OPENMETRICS = "application/openmetrics-text"
EOF = b"# EOF\n"

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

    def families(self) -> Iterator[tuple[Family, Iterator[Sample]]]:
        """Every family, with its samples."""
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


async def written(scrape: Told, form: Format, others: CollectorRegistry | None = None, *, size: int = SLICE) -> bytes:
    """The whole text; `others`: what else is to be told (figures of the process)."""
    slices: list[bytes] = []
    for family, samples in scrape.families():
        slices.append(_head(metric(family, ()), form))
        while text := "".join(map(_line, islice(samples, size))):
            slices.append(text.encode())
            await asyncio.sleep(0)
    if others is not None:
        slices.append(form.write(others).removesuffix(EOF))
    return b"".join((*slices, form.end))


def _head(empty: Metric, form: Format) -> bytes:
    """Name, help, type and unit of a family, also of one without samples."""
    return form.write(_Only(empty)).removesuffix(EOF)


def _line(sample: Sample) -> str:
    """What prometheus-client would write for it in either format, byte for byte (a law), four times as fast."""
    if not sample.labels:
        return f"{sample.name} {_number(sample.value)}\n"
    return f"{sample.name}{{{','.join(map(_label, sorted(sample.labels.items())))}}} {_number(sample.value)}\n"


@lru_cache(maxsize=16_384)
def _label(label: tuple[str, str]) -> str:
    name, value = label
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'{name}="{escaped}"'


@lru_cache(maxsize=16_384)
def _number(value: float) -> str:
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]  # it has no types
