"""Which topic of that name is it? Since Kafka 2.8 each topic has an id, and one made anew under the same name another.
And what may this user do with it?

aiokafka 0.14 asks for metadata of version 5; ids came with version 10, so that one request is spelled out here.
"""

import base64
from io import BytesIO
from typing import Any, ClassVar

from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, NodeNotReadyError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

NONE = bytes(16)
NOT_ALLOWED, NOT_TOLD = 29, -(2**31)
TAGS: Any = ("tags", TaggedFields)


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]  # aiokafka has no types, here and below
    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


_BROKER = (
    ("node_id", Int32), ("host", CompactString("utf-8")), ("port", Int32), ("rack", CompactString("utf-8")), TAGS,
)  # fmt: skip
_PARTITION = (
    ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)), ("isr", CompactArray(Int32)), ("offline", CompactArray(Int32)), TAGS,
)  # fmt: skip
_TOPIC = (
    ("error_code", Int16), ("topic", CompactString("utf-8")), ("topic_id", _Uuid), ("is_internal", Boolean),
    ("partitions", CompactArray(*_PARTITION)), ("authorized_operations", Int32), TAGS,
)  # fmt: skip


class _Response(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_ms", Int32),
        ("brokers", CompactArray(*_BROKER)),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        ("topics", CompactArray(*_TOPIC)),
        ("authorized_operations", Int32),
        TAGS,
    )


class _Struct(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), TAGS)),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        TAGS,
    )


class _Request(Request[_Struct]):  # type: ignore[misc]
    API_KEY: ClassVar[int] = 3

    def __init__(self, topics: list[str], *, operations: bool = False) -> None:
        self._topics, self._operations = topics, operations

    def build(self, request_struct_class: type[_Struct]) -> _Struct:
        return request_struct_class([(NONE, name, {}) for name in self._topics], False, False, self._operations, {})


async def topic_ids(client: Any, topics: list[str]) -> dict[str, str] | None:
    """{topic: id} of those that exist, asked now; None if the broker knows no ids. Raises KafkaError."""
    answer = await _answer(client, _Request(topics))
    if answer is None:
        return None
    return {
        name: base64.urlsafe_b64encode(found).rstrip(b"=").decode()
        for error, name, found, *_ in answer.topics
        if not error and found != NONE
    }


async def operations_allowed(client: Any, topics: list[str]) -> dict[str, int] | None:
    """{topic: a bit for each operation that this user may do} of those that exist, or may not be looked at (0). None if
    the broker does not tell. Raises KafkaError."""
    answer = await _answer(client, _Request(topics, operations=True))
    if answer is None:
        return None
    found = {name: (error, allowed) for error, name, _, _, _, allowed, *_ in answer.topics}
    told = {name: allowed for name, (error, allowed) in found.items() if not error and allowed != NOT_TOLD}
    return told | {name: 0 for name, (error, _) in found.items() if error == NOT_ALLOWED}


async def _answer(client: Any, request: _Request) -> Any:
    """Of the first broker that does answer."""
    trouble: KafkaError = NodeNotReadyError("no broker is known")
    for broker in client.cluster.brokers():
        try:
            return await client.send(broker.nodeId, request)
        except (IncompatibleBrokerVersion, NotImplementedError):
            return None
        except KafkaError as error:
            trouble = error
    raise trouble
