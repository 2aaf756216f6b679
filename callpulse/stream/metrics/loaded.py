"""What every process that reads its settings again tells of it."""

from collections.abc import Iterator

from msgspec import Struct
from prometheus_client.samples import Sample

from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.names import RELOAD_FAILED, SETTINGS_LOADED
from callpulse.stream.metrics.rows import Row, plain


class Loaded(Struct, frozen=True):
    """`at_ms`: when settings were last taken over; None before. `failed`: those that were read since were refused."""

    at_ms: int | None = None
    failed: bool = False


def failed(loaded: Loaded) -> Iterator[Row]:
    yield (), float(loaded.failed)


def loaded_at(loaded: Loaded) -> Iterator[Row]:
    if loaded.at_ms is not None:
        yield (), loaded.at_ms / 1000


def of_settings(loaded: Loaded) -> Iterator[tuple[Family, Iterator[Sample]]]:
    """Both families."""
    yield RELOAD_FAILED, plain(RELOAD_FAILED, failed(loaded))
    yield SETTINGS_LOADED, plain(SETTINGS_LOADED, loaded_at(loaded))
