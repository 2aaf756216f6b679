"""Every event that Kafka still has, in the order of its time. Without a group and without commits: nobody is disturbed.

All events of the span are held at once, each decoded; of heartbeats only the last.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from callpulse import kafka
from callpulse.backtest.recording import Recording, Span
from callpulse.kafka import reading
from callpulse.kafka.looking import NoKafkaError, looking, missing, partitions
from callpulse.kafka.why import why
from callpulse.settings import Kafka
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Rejected
from callpulse.stream.core.limits import Limits, believable
from callpulse.stream.core.wire import decode_agent, decode_call

DECODERS: Mapping[str, Callable[[bytes | None], Event | Rejected]] = {"calls": decode_call, "agents": decode_agent}


def names(config: Kafka) -> list[str]:
    """The topics that are read."""
    return [kafka.topic(config, short) for short in DECODERS]


async def read(config: Kafka, limits: Limits, span: Span, progress: Callable[[str], None]) -> Recording:
    """Both topics up to where they reached at the beginning. What a worker refuses for its time is refused here.
    `progress(how far)` is called now and then. Raises SourceError when nothing can be read, SettingsError."""
    topics = dict(zip(names(config), DECODERS.values(), strict=True))
    where = config.brokers
    found = _Found(Recording(name=" and ".join(topics), unit="records", span=span), topics, limits)
    try:
        async with looking(kafka.client(config), where) as (admin, consumer):
            places = await _places(admin, list(topics), where)
            async for records in reading.read(consumer, await _firsts(consumer, places, span, limits)):
                found.take(records)
                progress(f"{found.recording.lines:,} records of {found.recording.name}")
    except NoKafkaError as error:
        raise SourceError(str(error)) from error
    except (KafkaError, reading.StuckError) as error:
        trouble = f"Kafka at {where}: {why(error) or str(error) or type(error).__name__}"
        if not found.recording.lines:
            raise SourceError(trouble) from error
        found.recording.broken_off = trouble
    return found.finished()


class _Found:
    """An accumulator: the events of each partition by themselves, so that the order does not hang on who answers
    first."""

    def __init__(self, recording: Recording, topics: Mapping[str, Any], limits: Limits) -> None:
        self.recording = recording
        self._topics, self._limits = topics, limits
        self._events: dict[TopicPartition, list[Event]] = {}

    def take(self, records: Sequence[Any]) -> None:
        """Of one partition."""
        for record in records:
            self.recording.lines += 1
            event = self._read(record)
            if isinstance(event, Rejected):
                self.recording.refuse(event, f"{record.topic}/{record.partition}/{record.offset}")
            else:
                place = TopicPartition(record.topic, record.partition)
                self.recording.keep(event, self._events.setdefault(place, []))

    def _read(self, record: Any) -> Event | Rejected:
        event = self._topics[record.topic](record.value)
        if isinstance(event, Rejected):
            return event
        return believable(event.at, event.at, record.timestamp, self._limits) or event

    def finished(self) -> Recording:
        for place in sorted(self._events):
            self.recording.events += self._events.pop(place)
        self.recording.finish()
        return self.recording


async def _places(admin: Any, names: Sequence[str], where: str) -> list[TopicPartition]:
    there = await partitions(admin)
    for name in names:
        if name not in there:
            raise SourceError(missing(name, where))
    return [TopicPartition(name, number) for name in names for number in there[name]]


async def _firsts(
    consumer: Any, places: Sequence[TopicPartition], span: Span, limits: Limits
) -> dict[TopicPartition, int]:
    """Where to begin: what the broker took long before the span is either before it, or refused for its time."""
    if span.since_ms is None or limits.max_future_ms is None:
        found: dict[TopicPartition, int] = await consumer.beginning_offsets(places)
        return found
    taken_ms = max(0, span.since_ms - limits.max_future_ms)
    later = await consumer.offsets_for_times(dict.fromkeys(places, taken_ms))
    ends = await consumer.end_offsets(places)
    return {tp: ends[tp] if at is None else at.offset for tp, at in later.items()}
