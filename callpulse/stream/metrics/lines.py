"""Samples as the lines of either format, byte for byte as prometheus-client writes them (a law), at a small part of its
price.

A large site has two hundred thousand lines. All queues of a channel have the same ones but for their names and numbers:
those are filled in.
"""

from collections.abc import Iterable
from functools import lru_cache

import msgspec
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

A_LINE = 4  # pieces
SMALL, LARGE = 1e-4, 1e6  # between them the text has no exponent; JSON's is the same, at a tenth of the price
Labels = tuple[tuple[str, str], ...]
Line = tuple[str, Labels]  # name of the sample, its labels beside channel and queue

_json = msgspec.json.Encoder().encode


def line(sample: Sample) -> str:
    """One sample."""
    labels = _labels(sample.labels.items())
    return f"{sample.name}{{{labels}}} {number(sample.value)}" if labels else f"{sample.name} {number(sample.value)}"


def blank(lines: Iterable[Line], channel: str) -> list[str]:
    """So many lines of any queue of a channel in pieces, A_LINE of each: what is "" is the queue, or the number."""
    return [piece for name, labels in lines for piece in _pieces(name, (*labels, ("channel", channel)))]


def _pieces(name: str, labels: Labels) -> tuple[str, ...]:
    before = _labels(label for label in labels if label[0] < "queue")
    after = _labels(label for label in labels if label[0] > "queue")
    return f"{name}{{{before},", "", f",{after}}} " if after else "} ", ""


def filled(blank: list[str], queue: str, numbers: Iterable[str]) -> list[str]:
    """The pieces of the lines of one queue."""
    pieces = blank.copy()
    pieces[1::A_LINE] = [_label("queue", queue)] * (len(blank) // A_LINE)
    pieces[3::A_LINE] = numbers
    return pieces


def _labels(labels: Iterable[tuple[str, str]]) -> str:
    return ",".join(_label(*label) for label in sorted(labels))


@lru_cache(maxsize=16_384)
def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'{name}="{escaped}"'


def number(value: float) -> str:
    """As Go writes it, and the end of its line."""
    if SMALL <= value < LARGE or value == 0:
        return f"{_json(float(value)).decode()}\n"
    return f"{floatToGoString(value)}\n"  # type: ignore[no-untyped-call]  # it has no types


count = lru_cache(maxsize=16_384)(number)  # the same ones come again and again
