"""What a repartition makes of a coordinator that is on its way: it asks again. "Nothing was ever committed" would take
every event for unapplied, and put all offsets back to the beginning."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DescribeGroupsResponse_v0
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from callpulse.repartition.cluster import Cluster
from callpulse.stream.transport.notes import Place

LOADING, NOT_COORDINATOR = 14, 16
PLACES = [TopicPartition("calls", p) for p in (0, 1)]


class Coordinator(AIOKafkaAdminClient):
    """The admin client with these answers of the broker, one after the other."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)

    async def find_coordinator(self, *_: Any, **__: Any) -> int:
        return 1

    async def _send_request(self, *_: Any) -> Any:
        return self.answers.pop(0)


@contextlib.asynccontextmanager
async def asking(*answers: Any) -> AsyncIterator[Cluster]:
    cluster = Cluster({}, "callpulse.stream")
    cluster._admin = Coordinator(*answers)
    yield cluster
    await cluster.__aexit__()


async def test_offsets_are_asked_for_again_while_the_coordinator_loads_them() -> None:
    """Kafka says so beside the partitions, of which it then names none; aiokafka does not look at it."""
    known = OffsetFetchResponse_v3(0, [("calls", [(0, 7, "n", 0), (1, -1, "", 0)])], 0)
    answers = (OffsetFetchResponse_v3(0, [], LOADING), OffsetFetchResponse_v3(0, [], NOT_COORDINATOR), known)
    async with asking(*answers) as cluster:
        assert await cluster.committed(PLACES) == {PLACES[0]: Place(7, "n")}


async def test_members_are_asked_for_again_while_the_coordinator_loads_them() -> None:
    def told(error: int, members: list[Any]) -> Any:
        return DescribeGroupsResponse_v0([(error, "callpulse.stream", "", "", "", members)])

    answers = told(LOADING, []), told(0, [("id", "faust", "/10.0.0.7", b"", b"")])
    async with asking(*answers) as cluster:
        assert await cluster.members() == ["faust at 10.0.0.7"]


async def test_members_are_told_where_the_broker_names_none() -> None:
    """As the embedded one; the refusal must not read "workers are running:  at "."""
    nameless = DescribeGroupsResponse_v0([(0, "callpulse.stream", "", "", "", [("id", "", "", b"", b"")])])
    async with asking(nameless) as cluster:
        assert await cluster.members() == ["one that Kafka gives no name for"]
