"""What version 1 of callpulse stored, kept in `tests/fixtures/state-v1`: written once by the flush lane's worker, read
by every later version.

`python -m tests.state_v1` wrote it. It is not to be written again: what lies in a changelog does not change either. A
later schema gets a directory of its own beside it.
"""

import asyncio
import base64
import functools
from pathlib import Path
from typing import Any

import msgspec
from faust.types import TP

from callpulse.stream.core.contact_cells import Kept, awake
from callpulse.stream.core.snapshot import Figures
from callpulse.stream.transport.thread import Place
from tests.chaos.cells import CODECS
from tests.flush.broker import Record, TwinBroker
from tests.flush.lives import a_day
from tests.flush.worker import PAUSE_S, Worker

KEPT = Path(__file__).parent / "fixtures" / "state-v1"
SEED, CUTS, MOST = 7, 4, 9  # so that half of the day has been applied, by several cuts


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record. `shown`: what it says, for people; nothing reads it."""

    topic: str
    offset: int
    key: str | None
    value: str | None
    shown: Any = None


def _base64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def broker() -> TwinBroker:
    """As a worker of version 1 left it behind, in the middle of a day."""
    twin = TwinBroker(1)
    for text in (KEPT / "records.jsonl").read_text().splitlines():
        line = msgspec.json.decode(text, type=Line)
        tp = TP(line.topic, 0)
        twin.logs[tp].append(Record(*tp, line.offset, _bytes(line.key), _bytes(line.value), 0))
        twin.ends[tp] = line.offset + 1
    places = msgspec.json.decode((KEPT / "committed.json").read_bytes(), type=dict[str, Place])
    twin.places.update({TP(topic, 0): place for topic, place in places.items()})
    twin.generation = 1
    return twin


def figures(worker: Worker) -> dict[str, Figures]:
    """What is published of every queue."""
    viewing = worker.app.viewing
    found = {queue: viewing.see(queue) for queue in sorted(set(viewing.queues()))}
    return {queue: msgspec.json.decode(msgspec.json.encode(seen.figures)) for queue, seen in found.items() if seen}


@functools.cache
def expected() -> dict[str, Figures]:
    """What version 1 said."""
    return msgspec.json.decode((KEPT / "figures.json").read_bytes(), type=dict[str, Any])


def _shown(table: str, record: Record) -> Any:
    codec: Any = CODECS[table]
    value: Any = None if record.value is None else codec.decode_value(record.value)
    if table == "contacts" and value is not None:
        kept: Kept = value
        value = {"offset": awake(kept).offset, "facts": awake(kept).facts}
    elif hasattr(value, "tally"):
        value = {"schema": value.schema, "offset": value.offset, "tally": value.tally}
    return {"key": codec.decode_key(record.key), "value": value}


def _lines(twin: TwinBroker) -> list[bytes]:
    found = []
    for tp, log in sorted(twin.logs.items()):
        table = tp.topic.removesuffix("-changelog").rpartition("stream-")[2] if tp.topic.endswith("-changelog") else ""
        for each in log:
            shown = _shown(table, each) if table else (each.value or b"").decode()
            found.append(
                msgspec.json.encode(Line(tp.topic, each.offset, _base64(each.key), _base64(each.value), shown))
            )
    return found


async def _half_a_day(worker: Worker) -> None:
    for _ in range(CUTS):
        for tp in worker.sources:
            worker.deliver(tp, MOST)
        await asyncio.sleep(PAUSE_S)
        await worker.app.batches.commit()


def write() -> None:
    """Once for each version."""
    twin = a_day(SEED)
    worker = Worker(twin)
    worker.loop.do(_half_a_day(worker))
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / "records.jsonl").write_bytes(b"\n".join(_lines(twin)) + b"\n")
    places = {tp.topic: place for tp, place in sorted(twin.places.items())}
    (KEPT / "committed.json").write_bytes(msgspec.json.format(msgspec.json.encode(places)) + b"\n")
    (KEPT / "figures.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures(worker))) + b"\n")


if __name__ == "__main__":
    write()
