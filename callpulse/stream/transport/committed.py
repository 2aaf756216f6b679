"""Committed offsets with their metadata, of many partitions in one request.

Kafka says beside the partitions, of which it then names none, that a coordinator is not there yet. aiokafka looks only
at what is said of each partition, and would take that for "nothing was ever committed".
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from aiokafka.errors import KafkaError, NotCoordinatorForGroupError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.structs import OffsetAndMetadata, TopicPartition

ASK_AGAIN_S = 0.1


async def committed(coordinator: Any, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, OffsetAndMetadata]:
    """What was never committed is missing. `coordinator`: aiokafka's, in whose thread this runs. Asks again while the
    group's coordinator is on its way; raises KafkaError where asking again does not help."""
    by_topic: defaultdict[str, list[int]] = defaultdict(list)
    for topic, partition in partitions:
        by_topic[topic].append(partition)
    while by_topic:
        await coordinator.ensure_coordinator_known()
        try:
            answer = await coordinator._send_req(OffsetFetchRequest(coordinator.group_id, list(by_topic.items())))
            return dict(_told(answer, coordinator.group_id))
        except KafkaError as error:
            if not error.retriable:
                raise
            if isinstance(error, NotCoordinatorForGroupError):
                coordinator.coordinator_dead()
            await asyncio.sleep(ASK_AGAIN_S)
    return {}


def _told(answer: Any, group: str) -> Iterator[tuple[TopicPartition, OffsetAndMetadata]]:
    _raise(getattr(answer, "error_code", 0), group)  # old brokers have none there
    for topic, places in answer.topics:
        for partition, offset, metadata, error in places:
            if for_code(error) is not UnknownTopicOrPartitionError:
                _raise(error, f"{group}: {topic}/{partition}")
            if offset >= 0:
                yield TopicPartition(topic, partition), OffsetAndMetadata(offset, metadata or "")


def _raise(code: int, whose: str) -> None:
    if code:
        raise for_code(code)(whose)
