"""Workers over what other versions stored: the former's is read to the last figure, a later one's is left alone."""

import copy
from typing import Any

import msgspec
import pytest
from faust.types import TP

from callpulse.newer import NewerStateError
from callpulse.stream.transport.thread import Place
from tests import state_v1
from tests.changelog import fold
from tests.chaos.cells import CODECS
from tests.flush.broker import TwinBroker
from tests.flush.lives import finished
from tests.flush.truth import changelog, topic
from tests.flush.worker import Worker


def test_a_worker_says_what_version_1_said_of_the_state_it_left_behind() -> None:
    worker = Worker(state_v1.broker())
    assert state_v1.figures(worker) == state_v1.expected()
    assert set(state_v1.expected()) == {"help", "sales"}


def test_every_table_is_among_what_is_kept_of_version_1() -> None:
    kept = state_v1.broker()
    for table, codec in CODECS.items():
        assert fold(codec, kept.logs[changelog(table)]), table


def test_it_goes_on_from_there_as_if_version_1_had() -> None:
    assert not finished(state_v1.broker())


def _with_a_newer(table: str) -> TwinBroker:
    """One cell was stored by a later version, in the middle of the others."""
    broker = state_v1.broker()
    log = broker.logs[changelog(table)]
    place = len(log) // 2
    _, offset, *rest = msgspec.msgpack.decode(log[place].value or b"", strict=False)
    log[place] = log[place]._replace(value=msgspec.msgpack.encode([2, offset, "of another kind", *rest]))
    return broker


def _refused(broker: TwinBroker) -> str:
    """Why a worker does not begin; that it has changed nothing is seen to here."""
    before = copy.deepcopy((broker.logs, broker.ends, broker.places))
    worker = Worker(broker, at_once=False)
    with pytest.raises(NewerStateError) as refused:
        worker.loop.run_until_complete(worker.begun)
    assert isinstance(worker.app.crash_reason, NewerStateError)  # what `callpulse worker` ends with
    worker.loop.do(_told_to_stop(worker))
    assert (broker.logs, broker.ends, broker.places) == before
    return str(refused.value)


async def _told_to_stop(worker: Worker) -> None:
    await worker.app.batches.commit_and_end_transactions()


@pytest.mark.parametrize("table", CODECS)
def test_a_newer_cell_of_any_table_stops_a_worker_before_it_writes_anything(table: str) -> None:
    said = _refused(_with_a_newer(table))
    assert said.startswith(f"{changelog(table).topic}/0/")
    assert "schema version 2; this callpulse knows versions up to 1" in said


@pytest.mark.parametrize("short", ["calls", "agents", "queue-agents"])
@pytest.mark.parametrize("copied", [False, True])
def test_a_newer_note_beside_a_committed_offset_stops_it_too(short: str, copied: bool) -> None:
    """Read without its clock, events would be taken for too late; without its mark, cells counted twice."""
    broker = state_v1.broker()
    last = {"calls": "contacts", "agents": "agents", "queue-agents": "agents_by_queue"}[short]
    at: TP = changelog(last) if copied else topic(short)
    found: dict[str, Any] = msgspec.json.decode(broker.places[at].note)
    broker.places[at] = Place(broker.places[at].offset, msgspec.json.encode(found | {"v": 2}).decode())
    if copied:  # the offset was set by hand: no note with it
        broker.places[topic(short)] = Place(broker.places[topic(short)].offset)
    assert f"{at.topic}/0, committed offset {broker.places[at].offset}: stored with schema version 2" in _refused(
        broker
    )


def _without_changelogs(broker: TwinBroker) -> TwinBroker:
    """Somebody deleted them, as docs/OPERATIONS.md says, to go back to an earlier version."""
    for tp in [tp for tp in broker.logs if tp.topic.endswith("-changelog")]:
        del broker.logs[tp], broker.ends[tp]
    return broker


@pytest.mark.parametrize("with_group", [False, True])
def test_going_back_makes_every_figure_again_from_the_events_that_kafka_has(with_group: bool) -> None:
    broker = _without_changelogs(_with_a_newer("contacts"))
    if with_group:  # the newer version's notes lie with its offsets
        broker.places.clear()
    assert not finished(broker)
