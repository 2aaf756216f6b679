"""What must come out: every stored cell, every copy, every refusal and every clock against the pure core in one go, and
against the second reading of the definitions (tests/laws/oracle.py)."""

from collections.abc import Iterator
from typing import Any

import msgspec
from faust.types import TP

from callpulse.stream.transport.notes import noted_clock
from tests.changelog import fold
from tests.chaos import cells, outputs
from tests.chaos.differences import Difference, differences
from tests.chaos.truth import Truth
from tests.flush.broker import TwinBroker
from tests.flush.worker import SETTINGS, Worker

PREFIX = SETTINGS.kafka.prefix


def topic(short: str) -> TP:
    return TP(f"{PREFIX}.{short}", 0)


def changelog(table: str) -> TP:
    return TP(f"{PREFIX}.stream-{table}-changelog", 0)


def wrong(broker: TwinBroker) -> list[Difference]:
    """What differs in what a worker has left behind that has read and committed everything."""
    truth = told(broker)
    tables = {table: fold(codec, broker.logs[changelog(table)]) for table, codec in cells.CODECS.items()}
    return [
        *cells.compare(truth, tables),
        *cells.by_oracle(truth, tables),
        *outputs.copies(truth),
        *_refused(broker, truth),
        *_clocks(broker, truth),
    ]


def told(broker: TwinBroker) -> Truth:
    """What follows from the events."""
    logs = {short: {0: broker.logs[topic(short)]} for short in ("calls", "agents", "queue-agents")}
    return Truth(SETTINGS, logs["calls"], logs["agents"], logs["queue-agents"])


def in_memory(worker: Worker) -> Iterator[Difference]:
    """What differs in what a worker holds that has read everything."""
    tables = {table.name: table.cells[0] for table in worker.app.all_tables()}
    yield from cells.compare(told(worker.network.broker), tables)


def regressed(broker: TwinBroker) -> int:
    """Keys whose last record is not the newest: what compaction would keep of them is wrong."""
    return sum(cells.regressed(codec, broker.logs[changelog(table)]) for table, codec in cells.CODECS.items())


def stored(broker: TwinBroker, table: str) -> int:
    """How many records a changelog has had."""
    return broker.ends[changelog(table)]


def _refused(broker: TwinBroker, truth: Truth) -> Iterator[Difference]:
    kept = [msgspec.json.decode(record.value or b"") for record in broker.logs[topic("rejected")]]
    found = {(each["topic"][len(PREFIX) + 1 :], each["partition"], each["offset"]) for each in kept}
    yield from differences("rejected", dict.fromkeys(truth.refused, True), dict.fromkeys(found, True))


def _clocks(broker: TwinBroker, truth: Truth) -> Iterator[Difference]:
    books: dict[str, Any] = {"calls": truth.calls[0], "agents": truth.agents[0], "queue-agents": truth.rosters[0]}
    expected = {short: (broker.ends[topic(short)], book.clock_ms) for short, book in books.items()}
    places = {short: broker.places[topic(short)] for short in books}
    found = {short: (place.offset, noted_clock(place.note, place.offset)) for short, place in places.items()}
    yield from differences("committed offset and clock", expected, found)


def progress(broker: TwinBroker) -> str:
    """How far the cuts had come."""
    ends = {tp.topic.rpartition("stream-")[2][:-10]: end for tp, end in broker.ends.items() if "changelog" in tp.topic}
    sources = {tp: place for tp, place in broker.places.items() if "changelog" not in tp.topic}
    places = {tp.topic.rpartition(".")[2]: place.offset for tp, place in sources.items()}
    return f"committed {places}, stored { ({table: end for table, end in ends.items() if end}) }"
