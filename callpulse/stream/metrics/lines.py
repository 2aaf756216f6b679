"""Samples as the lines of either format, byte for byte as prometheus-client writes them (a law), at a small part of its
price.

A large site has two hundred thousand lines. All queues have the same ones but for their names and numbers, so a family
is a template: the numbers are filled in, then the names.
"""

from collections.abc import Iterable
from functools import lru_cache

from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

BETWEEN = '"";'  # families of a queue; it stands in no line, as a quotation mark in a name has a backslash before it
Labels = tuple[tuple[str, str], ...]
Line = tuple[str, Labels]  # name of the sample, its labels beside channel and queue


def line(sample: Sample) -> str:
    """One sample."""
    return f"{_named(sample.name, tuple(sample.labels.items()))} {number(sample.value)}\n"


def template(lines: Iterable[Line]) -> str:
    """So many lines of any queue, without their numbers and its names."""
    series = (_named(name, (("channel", ""), ("queue", ""), *labels)) for name, labels in lines)
    return "".join(each.replace("%", "%%") + " %s\n" for each in series)


def filled(template: str, channel: str, queue: str, values: Iterable[float]) -> str:
    """The lines of one queue. Where a quotation mark stands in a name there is a backslash before it, so no name can be
    taken for a place that is to be filled in."""
    numbered = template % tuple(map(number, values))
    return numbered.replace('channel=""', _label("channel", channel)).replace('queue=""', _label("queue", queue))


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
