"""Samples as the lines of either format, byte for byte as prometheus-client writes them (a law), at a small part of its
price.

A large site has two hundred thousand lines. All queues have the same ones but for their names and numbers: those are
filled in.
"""

from collections.abc import Iterable
from functools import lru_cache

from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

A_LINE = 7  # pieces
Labels = tuple[tuple[str, str], ...]
Line = tuple[str, Labels]  # name of the sample, its labels beside channel and queue


def line(sample: Sample) -> str:
    """One sample."""
    return f"{_named(sample.name, tuple(sample.labels.items()))} {number(sample.value)}\n"


def blank(lines: Iterable[Line]) -> list[str]:
    """So many lines of any queue in pieces, A_LINE of each: what is "" is the channel, the queue, or the number."""
    return [piece for line in lines for piece in _pieces(*line)]


def _pieces(name: str, labels: Labels) -> tuple[str, ...]:
    before, between, after = (
        ",".join(_label(*label) for label in sorted(labels) if low < label[0] < high)
        for low, high in (("", "channel"), ("channel", "queue"), ("queue", "~"))
    )
    opening = f"{name}{{{before}," if before else f"{name}{{"
    return opening, "", f",{between}," if between else ",", "", f",{after}}} " if after else "} ", "", "\n"


def filled(blank: list[str], channel: str, queue: str, values: Iterable[float]) -> list[str]:
    """The pieces of the lines of one queue."""
    pieces, lines = blank.copy(), len(blank) // A_LINE
    pieces[1::A_LINE] = [_label("channel", channel)] * lines
    pieces[3::A_LINE] = [_label("queue", queue)] * lines
    pieces[5::A_LINE] = map(number, values)
    return pieces


def _named(name: str, labels: Labels) -> str:
    told = ",".join(_label(*label) for label in sorted(labels))
    return f"{name}{{{told}}}" if told else name


@lru_cache(maxsize=16_384)
def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'{name}="{escaped}"'


@lru_cache(maxsize=65_536)
def number(value: float) -> str:
    """As Go writes it."""
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]  # it has no types
