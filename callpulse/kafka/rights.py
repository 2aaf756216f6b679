"""Which of its rights a process lacks, asked of Kafka itself before it begins: later it would only be known piece by
piece, by what fails."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError

from callpulse.edges.rights import Right, kafka_rights
from callpulse.stream.topic_list import TOPICS, changelogs
from callpulse.stream.transport.topic_ids import operations_allowed

BITS: Mapping[str, int] = {"Read": 3, "Write": 4, "Alter": 7, "Describe": 8, "DescribeConfigs": 10}
TABLE = "docs/OPERATIONS.md, Rights in Kafka"


async def lacking(admin: Any, process: str, prefix: str) -> str | None:
    """A sentence, or None. Of topics that are not there yet, and of a broker that does not tell, nothing is said.
    `admin`: an AIOKafkaAdminClient that is connected. Raises KafkaError."""
    wanted = kafka_rights(process, prefix)
    topics = [right for right in wanted if right.kind == "topic"]
    everything = [*(topic.name(prefix) for topic in TOPICS), *changelogs(prefix)]
    names = sorted({name for right in topics for name in _covered(right, everything)})
    allowed = await operations_allowed(admin._client, names)
    found = [] if allowed is None else list(_of_topics(topics, everything, allowed))
    found += [each for right in wanted if right.kind == "group" for each in await _of_group(admin, right)]
    if not found:
        return None
    return f"this user lacks rights in Kafka: {'; '.join(found)}. `callpulse {process}` needs them ({TABLE})"


def _covered(right: Right, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(right.name)] if right.prefixed else [right.name]


def _of_topics(rights: Iterable[Right], names: list[str], allowed: Mapping[str, int]) -> Iterator[str]:
    """`Read, Write on topic callpulse.kpis`, by topic. `allowed`: bits, by topic."""
    lacked: dict[str, list[str]] = {}
    for right in rights:
        for name in _covered(right, names):
            for operation in (each for each in right.operations if each in BITS):
                if name in allowed and not allowed[name] >> BITS[operation] & 1:
                    lacked.setdefault(name, []).append(operation)
    yield from (f"{', '.join(operations)} on topic {name}" for name, operations in lacked.items())


async def _of_group(admin: Any, right: Right) -> list[str]:
    """Who may read as a group may describe it, which is what can be asked."""
    try:
        [answer] = await admin.describe_consumer_groups([right.name])
        refused = answer.groups[0][0] == GroupAuthorizationFailedError.errno
    except GroupAuthorizationFailedError:
        refused = True
    except GroupCoordinatorNotAvailableError:
        refused = False  # the first group of a new cluster, of which it cannot be told yet
    return [f"{', '.join(right.operations)} on group {right.name}"] if refused else []
