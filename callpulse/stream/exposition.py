"""A scrape as text, in slices: prometheus-client writes it, and the event loop gets its turn between two slices.

A large site has more than a hundred thousand series; written in one go they would hold up the stream for seconds.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice

from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client import exposition as classic
from prometheus_client.core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from callpulse.stream.metrics import Scrape, metric

SLICE = 300  # samples, about 3 ms
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


class _Piece(Collector):
    def __init__(self, piece: Metric) -> None:
        self._piece = piece

    def collect(self) -> Iterator[Metric]:
        yield self._piece


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


async def written(scrape: Scrape, form: Format, others: CollectorRegistry | None = None, *, size: int = SLICE) -> bytes:
    """The whole text; `others`: what else is to be told (figures of the process)."""
    slices: list[bytes] = []
    for piece, continued in pieces(scrape, size):
        text = form.write(_Piece(piece)).removesuffix(EOF)
        slices.append(_without_header(text) if continued else text)
        await asyncio.sleep(0)
    if others is not None:
        slices.append(form.write(others).removesuffix(EOF))
    return b"".join((*slices, form.end))


def pieces(scrape: Scrape, size: int) -> Iterator[tuple[Metric, bool]]:
    """Families in pieces of at most `size` samples; True = goes on with the family of the piece before. Of a family
    without samples there is one piece: its name, type and help are told all the same."""
    for family, samples in scrape.families():
        piece, continued = list(islice(samples, size)), False
        while piece or not continued:
            yield metric(family, piece), continued
            piece, continued = list(islice(samples, size)), True


def _without_header(text: bytes) -> bytes:
    while text.startswith(b"# "):
        text = text[text.index(b"\n") + 1 :]
    return text
