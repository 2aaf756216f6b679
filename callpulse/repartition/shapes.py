"""How each table is stored, and whose its cells are."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from callpulse.stream import codecs
from callpulse.stream.topic_list import TABLES
from callpulse.stream.transport import Codec


class Shape(Struct, frozen=True):
    """One table. `source`: short name of the topic that feeds it; `name_of(key)`: the queue or agent whose cell it is,
    by which cell and events are partitioned alike."""

    table: str
    source: str
    codec: Codec[Any, Any]
    name_of: Callable[[Any], str]


def _first(key: tuple[str, Any]) -> str:
    return key[0]


def _whole(key: str) -> str:
    return key


_CODECS: dict[str, tuple[Codec[Any, Any], Callable[[Any], str]]] = {
    "tallies_live": (codecs.LIVE, _first),
    "tallies_interval": (codecs.INTERVALS, _first),
    "tallies_total": (codecs.TOTALS, _whole),
    "contacts": (codecs.CONTACTS, _first),
    "agents": (codecs.AGENTS, _whole),
    "tallies_agents_live": (codecs.LIVE, _first),
    "tallies_agents_interval": (codecs.INTERVALS, _first),
    "agents_by_queue": (codecs.QUEUE_AGENTS, _first),
}
SHAPES = tuple(Shape(table, source, *_CODECS[table]) for source, tables in TABLES.items() for table in tables)
