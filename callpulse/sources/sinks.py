"""Where simulated events go: to a file or standard output as JSON lines, or to Kafka."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, BinaryIO, Protocol

import msgspec

from callpulse.sources.produce import EventProducer, route
from callpulse.stream.core.events import Event, Heartbeat
from callpulse.stream.core.wire import encode

KAFKA, STDOUT = "kafka", "-"


class SinkError(Exception):
    """Events could not be written: where, and why."""


class Sink(Protocol):
    """Takes events. `send` may return before the event has arrived; `flush` returns when all have."""

    async def send(self, event: Event) -> Any: ...

    async def heartbeat(self, at_ms: int) -> Any: ...

    async def flush(self) -> Any: ...


class FileSink:
    """JSON lines `{"topic": …, "key": …, "value": {…}}`, one for each record that Kafka would get, but a heartbeat
    once. A heartbeat makes what came before it visible to readers."""

    def __init__(self, file: BinaryIO, *, source: str, calls_topic: str, agents_topic: str) -> None:
        self._file, self._source = file, source
        self._calls, self._agents = calls_topic, agents_topic
        self._encode = msgspec.json.Encoder().encode

    async def send(self, event: Event) -> None:
        topic, key = route(event, self._calls, self._agents)
        self._write(topic, key.decode(), event)

    async def heartbeat(self, at_ms: int) -> None:
        self._write(self._calls, self._source, Heartbeat(at=at_ms, source=self._source))
        await self.flush()

    async def flush(self) -> None:
        self._file.flush()

    def _write(self, topic: str, key: str, event: Event) -> None:
        line = {"topic": topic, "key": key, "value": msgspec.Raw(encode(event))}
        self._file.write(self._encode(line) + b"\n")


@asynccontextmanager
async def open_sink(
    to: str, client: dict[str, Any], *, source: str, calls_topic: str, agents_topic: str, idempotent: bool = True
) -> AsyncIterator[Sink]:
    """`to`: "kafka" (with `client`, the options of the Kafka client), "-" for standard output, or the path of a file
    to write anew. Raises SinkError when a file cannot be written, ProduceError when Kafka does not take the events."""
    if to == KAFKA:
        async with EventProducer(
            client, source=source, calls_topic=calls_topic, agents_topic=agents_topic, idempotent=idempotent
        ) as producer:
            yield producer
        return
    with _file(to) as file:
        yield FileSink(file, source=source, calls_topic=calls_topic, agents_topic=agents_topic)


@contextmanager
def _file(to: str) -> Iterator[BinaryIO]:
    try:
        if to == STDOUT:
            yield sys.stdout.buffer
        else:
            with open(to, "wb") as file:
                yield file
    except BrokenPipeError:
        raise  # whoever read it has seen enough
    except OSError as error:
        name = "standard output" if to == STDOUT else to
        raise SinkError(f"{name}: cannot write events: {error.strerror or error}") from error
