"""What is running here, for every process that tells metrics."""

import platform
from collections.abc import Iterator
from importlib import metadata

from prometheus_client.samples import Sample

from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.names import BUILD
from callpulse.stream.metrics.rows import plain


def running() -> tuple[str, str]:
    """Version of callpulse, version of Python."""
    return metadata.version("callpulse"), platform.python_version()


def build_info() -> tuple[Family, Iterator[Sample]]:
    """The family, told."""
    return BUILD, plain(BUILD, [(running(), 1)])
