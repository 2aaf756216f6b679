"""Events to Kafka: routed by type, keyed so that one queue, or one agent, is one partition."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownError,
)
from msgspec.structs import replace

from callpulse.clock import monotonic_s
from callpulse.kafka.log import Heard, heard
from callpulse.kafka.stopping import looked_at, stopped
from callpulse.kafka.why import why as known
from callpulse.stream.core.events import AgentState, Event, Heartbeat
from callpulse.stream.core.wire import encode

LINGER_MS = 20
RETRY_S = 1.0
SAY_EVERY_S = 5.0
TOPIC_ATTEMPTS = 4
CONNECTED_WITHIN_S = 8.0
_HOPELESS = (MessageSizeTooLargeError, TopicAuthorizationFailedError, ClusterAuthorizationFailedError)


class ProduceError(Exception):
    """Kafka did not take the events. `waiting_helps`: the same may work later, with a new connection."""

    def __init__(self, message: str, waiting_helps: bool) -> None:
        super().__init__(message)
        self.waiting_helps = waiting_helps


log = logging.getLogger("callpulse.source")


def to_the_log(message: str) -> None:
    """To whoever runs the source."""
    log.warning("%s", message)


def route(event: Event, calls_topic: str, agents_topic: str) -> tuple[str, bytes]:
    """Topic and key of an event. Raises TypeError for a heartbeat: it goes to every partition."""
    if isinstance(event, AgentState):
        return agents_topic, event.agent.encode()
    if isinstance(event, Heartbeat):
        raise TypeError("a heartbeat has no queue; send it with heartbeat()")
    return calls_topic, event.queue.encode()


class EventProducer:
    """An async context manager around one connection.

    `client`: aiokafka's settings of the connection (`bootstrap_servers`, security). `source` fills events
    that name none. `idempotent = False` is for brokers without producer ids. Entering waits until Kafka
    answers, and says so every few seconds.
    """

    def __init__(
        self,
        client: dict[str, Any],
        *,
        source: str,
        calls_topic: str,
        agents_topic: str,
        idempotent: bool = True,
        say: Callable[[str], None] = to_the_log,
    ) -> None:
        self._client = client
        self._source, self._idempotent, self._say = source, idempotent, say
        self._calls_topic, self._agents_topic = calls_topic, agents_topic
        self._pending: list[asyncio.Future[Any]] = []
        self._producer: Any = None
        self._why = Heard()

    async def __aenter__(self) -> Self:
        said_s = monotonic_s() - SAY_EVERY_S
        while not await self._connected():
            if monotonic_s() - said_s >= SAY_EVERY_S:
                said_s = monotonic_s()
                self._say(self._no_kafka())
            await asyncio.sleep(RETRY_S)
        try:
            await self._check_topics()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def send(self, event: Event) -> "asyncio.Future[Any]":
        """Queues the event; `flush` says whether Kafka has it. Raises ProduceError."""
        topic, key = route(event, self._calls_topic, self._agents_topic)
        if not event.source:
            event = replace(event, source=self._source)
        return await self._queue(topic, encode(event), key)

    async def heartbeat(self, at_ms: int) -> None:
        """Tells every partition of the calls topic that all up to `at_ms` is sent. Raises ProduceError."""
        value, key = encode(Heartbeat(at=at_ms, source=self._source)), self._source.encode()
        try:
            partitions = await self._producer.partitions_for(self._calls_topic)
        except KafkaError as error:
            raise self._trouble(error) from error
        for partition in sorted(partitions):
            await self._queue(self._calls_topic, value, key, partition)

    async def put(self, topic: str, value: bytes, key: bytes) -> None:
        """Queues a record that is no event, for whoever has to note something beside them. Raises ProduceError."""
        await self._queue(topic, value, key)

    async def flush(self) -> None:
        """Returns when Kafka has acknowledged all that was sent, and says every few seconds that it still has not.
        Raises ProduceError if it refused any of it."""
        pending, self._pending = self._pending, []
        acknowledged = asyncio.gather(*pending, return_exceptions=True)
        while not (await asyncio.wait({acknowledged}, timeout=SAY_EVERY_S))[0]:
            waiting = sum(not future.done() for future in pending)
            self._say(f"Kafka at {self._where()} does not answer; events that wait for it: {waiting:,}")
        for outcome in acknowledged.result():
            if isinstance(outcome, KafkaError):
                raise self._trouble(outcome) from outcome
            if isinstance(outcome, BaseException):
                raise outcome

    async def _queue(self, topic: str, value: bytes, key: bytes, partition: int | None = None) -> "asyncio.Future[Any]":
        try:
            future: asyncio.Future[Any] = await self._producer.send(topic, value, key, partition)
        except KafkaError as error:
            raise self._trouble(error) from error
        self._pending.append(future)
        return future

    async def _connected(self) -> bool:
        self._producer = AIOKafkaProducer(
            **self._client, acks="all", enable_idempotence=self._idempotent, linger_ms=LINGER_MS
        )
        try:
            with heard() as why:
                await asyncio.wait_for(self._producer.start(), CONNECTED_WITHIN_S)
        except BaseException as error:
            self._why = why
            await self._close()
            if isinstance(error, KafkaConnectionError | OSError | asyncio.TimeoutError):
                return False
            if isinstance(error, KafkaError):
                raise self._trouble(error) from error
            raise
        return True

    async def _check_topics(self) -> None:
        """From the list of all topics: asking for one by name would have some brokers create it, with any number of
        partitions. A topic just created may not be known everywhere at once."""
        missing = {self._calls_topic, self._agents_topic}
        for attempt in range(TOPIC_ATTEMPTS):
            await asyncio.sleep(RETRY_S if attempt else 0)
            try:
                missing -= (await self._producer.client.fetch_all_metadata()).topics()
            except KafkaError as error:
                raise self._trouble(error) from error
            if not missing:
                return
        raise ProduceError(
            f"no topic {sorted(missing)[0]!r} at {self._where()}, or no right to use it; create the topics with"
            " `callpulse topics`",
            False,
        )

    async def _close(self) -> None:
        """Gives up on a Kafka that does not answer: what it has not acknowledged is sent again another
        time."""
        for future in self._pending:
            future.add_done_callback(looked_at)
        if not await stopped(self._producer.stop):
            await stopped(self._producer.client.close)

    def _trouble(self, error: KafkaError) -> ProduceError:
        if self._idempotent and isinstance(error, UnknownError):
            return ProduceError(
                f"Kafka at {self._where()} knows no idempotent producers, as the demo's broker; set "
                "kafka.idempotence = false (CALLPULSE_KAFKA_IDEMPOTENCE=false)",
                False,
            )
        said = known(error) or f"{type(error).__name__} {error}"
        return ProduceError(
            f"Kafka at {self._where()} did not take the events: {said}", not isinstance(error, _HOPELESS)
        )

    def _no_kafka(self) -> str:
        if self._why.known:
            return f"Kafka at {self._where()} cannot be used: {self._why.known}; still trying"
        return f"no Kafka at {self._where()}{self._why.last}: still trying; is it up, and are the settings right?"

    def _where(self) -> str:
        servers = self._client.get("bootstrap_servers", "localhost")
        return servers if isinstance(servers, str) else ", ".join(servers)
