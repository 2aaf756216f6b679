"""What the wallboard tells Prometheus: its own few families, in the way of the stream's."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import get_args

from msgspec import Struct
from prometheus_client.samples import Sample

from callpulse.stream.metrics.build import build_info
from callpulse.stream.metrics.family import PREFIX, Family
from callpulse.stream.metrics.loaded import Loaded, of_settings
from callpulse.stream.metrics.names import BUILD, RELOAD_FAILED, SETTINGS_LOADED
from callpulse.stream.metrics.rows import Row, plain
from callpulse.wallboard.door import Reason
from callpulse.wallboard.hub import Hub

ACTS = ("ack", "mute", "unmute")
ENDS = ("sent", "refused", "not_done")


class WallScrape(Struct, frozen=True):
    """One scrape. `refused_total`: by reason; `asked_total`: by what was asked for and how that ended."""

    hub: Hub
    refused_total: Mapping[Reason, int]
    asked_total: Mapping[tuple[str, str], int]
    settings: Loaded = Loaded()

    def families(self) -> Iterator[tuple[Family, Iterator[Sample]]]:
        """Every family of the list, in its order."""
        yield build_info()
        yield from of_settings(self.settings)
        for family, rows in ROWS:
            yield family, plain(family, rows(self))


def _browsers(told: WallScrape) -> Iterator[Row]:
    watched = Counter(watcher.name for watcher in told.hub.audience.watchers)
    yield from (((board,), float(watched[board])) for board in told.hub.boards)


def _data(told: WallScrape) -> Iterator[Row]:
    yield from (((board,), at_ms / 1000) for board, at_ms in told.hub.reach().items())


def _away(told: WallScrape) -> Iterator[Row]:
    if told.hub.away_since_ms is not None:
        yield (), told.hub.away_since_ms / 1000


def _refused(told: WallScrape) -> Iterator[Row]:
    yield from (((reason,), float(told.refused_total.get(reason, 0))) for reason in get_args(Reason))


def _asked(told: WallScrape) -> Iterator[Row]:
    yield from (((act, end), float(told.asked_total.get((act, end), 0))) for act in ACTS for end in ENDS)


def _gauge(name: str, unit: str, help_: str, *labels: str) -> Family:
    return Family(f"{PREFIX}wallboard_{name}", "gauge", labels, unit, help_)


def _counter(name: str, unit: str, help_: str, *labels: str) -> Family:
    return Family(f"{PREFIX}wallboard_{name}_total", "counter", labels, unit, help_)


ROWS: tuple[tuple[Family, Callable[[WallScrape], Iterable[Row]]], ...] = (
    (_gauge("browsers", "browsers", "Browsers that watch a board now.", "board"), _browsers),
    (
        _gauge("data_timestamp_seconds", "seconds", "How far the data of a board reaches.", "board"),
        _data,
    ),
    (_gauge("redis_away_since_timestamp_seconds", "seconds", "Since when Redis does not answer; absent while it does."),
     _away),
    (_counter("messages", "messages", "Messages handed to browsers."),
     lambda told: [((), told.hub.audience.messages_total)]),
    (
        _counter("lost", "messages", "Messages that a browser was too slow to take; it got all of the board instead."),
        lambda told: [((), told.hub.audience.lost_total)],
    ),
    (_counter("redis_failures", "reads", "Reads that Redis did not answer."),
     lambda told: [((), told.hub.failures_total)]),
    (_counter("refused", "requests", "Requests of who was not let in, or may not do it.", "reason"), _refused),
    (_counter("asked", "requests", "What people asked for: sent to Kafka, refused, or not done.", "act", "outcome"),
     _asked),
)  # fmt: skip
FAMILIES = (BUILD, RELOAD_FAILED, SETTINGS_LOADED, *(family for family, _ in ROWS))
