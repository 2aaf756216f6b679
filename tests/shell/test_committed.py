"""Committed offsets as a worker asks for them: "the coordinator is on its way" is not "nothing was ever committed"."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.protocol.commit import OffsetFetchResponse_v1, OffsetFetchResponse_v3
from aiokafka.structs import OffsetAndMetadata

from callpulse.stream.transport import committed as module
from callpulse.stream.transport.committed import committed

UNKNOWN_TOPIC, LOADING, NOT_COORDINATOR, NOT_ALLOWED = 3, 14, 16, 30
PLACES = [TopicPartition("calls", 0), TopicPartition("calls", 1), TopicPartition("agents", 0)]
TOLD = [("calls", [(0, 7, "note", 0), (1, -1, "", 0)]), ("agents", [(0, 3, None, 0)])]
KNOWN = {PLACES[0]: OffsetAndMetadata(7, "note"), PLACES[2]: OffsetAndMetadata(3, "")}


class Coordinator:
    """aiokafka's, with these answers of the broker, one after the other."""

    group_id = "callpulse.stream"

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.died = 0

    async def ensure_coordinator_known(self) -> None:
        pass

    async def _send_req(self, _: Any) -> Any:
        return self.answers.pop(0)

    def coordinator_dead(self) -> None:
        self.died += 1


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_AGAIN_S", 0)


async def test_it_asks_again_while_the_coordinator_loads_or_moves() -> None:
    coordinator = Coordinator(
        OffsetFetchResponse_v3(0, [], LOADING),
        OffsetFetchResponse_v3(0, [], NOT_COORDINATOR),
        OffsetFetchResponse_v3(0, [("calls", [(0, -1, "", LOADING)])], 0),
        OffsetFetchResponse_v3(0, TOLD, 0),
    )
    assert await committed(coordinator, PLACES) == KNOWN
    assert (coordinator.answers, coordinator.died) == ([], 1)


async def test_old_brokers_say_it_of_each_partition_alone() -> None:
    assert await committed(Coordinator(OffsetFetchResponse_v1(TOLD)), PLACES) == KNOWN


async def test_of_a_topic_that_is_not_there_nothing_was_committed() -> None:
    told = OffsetFetchResponse_v3(0, [("calls", [(0, -1, "", UNKNOWN_TOPIC)])], 0)
    assert await committed(Coordinator(told), PLACES[:1]) == {}


async def test_what_asking_again_does_not_mend_is_an_error() -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await committed(Coordinator(OffsetFetchResponse_v3(0, [], NOT_ALLOWED)), PLACES)


async def test_nothing_is_asked_for_nothing() -> None:
    assert await committed(Coordinator(), []) == {}
