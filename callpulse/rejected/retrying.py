"""`callpulse rejected retry`: judges every record by what is known now, sends again what would be taken, notes it."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from aiokafka import TopicPartition
from msgspec import Struct, field

from callpulse import clock, kafka
from callpulse.kafka import coordinator
from callpulse.kafka.looking import partitions
from callpulse.rejected.choosing import Asked
from callpulse.rejected.judging import DECODERS, Again, World, judged
from callpulse.rejected.record import Refused
from callpulse.rejected.sending import Sender
from callpulse.rejected.topic import RejectedError, RejectedTopic, opened
from callpulse.settings import Settings
from callpulse.sources.produce import EventProducer
from callpulse.stream.topic_list import group
from callpulse.stream.transport.notes import noted_clock

COORDINATOR_WITHIN_S = 10.0


class Outcome(Struct):
    """Counts of records by the reason for which they were refused. `sent`: have been, or would be; `stay`: (why they
    would be refused again, one sentence of it) by reason; `before`: were sent again already."""

    sent: Counter[str] = field(default_factory=Counter)
    stay: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    before: int = 0
    unread: int = 0

    def note(self, sent: Iterable[Refused]) -> None:
        """These have been sent."""
        self.sent.update(refused.reason for refused in sent)

    def count(self) -> int:
        """All that were looked at."""
        return self.sent.total() + self.stay.total() + self.before


async def retry(
    settings: Settings, asked: Asked, outcome: Outcome, *, by: str | None, progress: Callable[[str], None]
) -> None:
    """Fills `outcome` as it goes, so that whoever breaks it off knows how far it was. `by`: who sends; None = nothing
    is sent. What was sent and not noted when it ended is sent once more the next time, and counts once. Raises
    RejectedError, SettingsError, ProduceError."""
    async with opened(settings.kafka, asked.since_ms) as topic:
        world = await _world(settings, topic)
        if by is None:
            await topic.look()
            await _through(topic, asked, world, outcome, None, progress)
            return
        async with _producer(settings) as producer:
            sender = Sender(producer, kafka.topic(settings.kafka, "rejected"), by)
            async with sender.turn(topic):
                await _through(topic, asked, world, outcome, sender, progress)


async def _through(
    topic: RejectedTopic,
    asked: Asked,
    world: World,
    outcome: Outcome,
    sender: Sender | None,
    progress: Callable[[str], None],
) -> None:
    async for refused in topic.refused():
        if sender is not None:
            await sender.go_on()
        if not asked.holds(refused):
            continue
        if refused.at in topic.retried:
            outcome.before += 1
            continue
        found = judged(refused, world)
        if not isinstance(found, Again):
            outcome.stay[found.why] += 1
            outcome.examples[found.why] = found.detail
        elif sender is None:
            outcome.sent[refused.reason] += 1
        else:
            outcome.note(await sender.send(refused, found.event))
        progress(f"{outcome.count():,} records")
    if sender is not None:
        outcome.note(await sender.settle())
    outcome.unread = topic.unread


async def _world(settings: Settings, topic: RejectedTopic) -> World:
    config = settings.kafka
    names = {kafka.topic(config, short): short for short in DECODERS}
    there = await partitions(topic.admin)
    for name in names:
        if (count := len(there.get(name, ()))) != config.partitions:
            raise RejectedError(
                f"{name} has {count} partitions, kafka.partitions is {config.partitions}; set it right first: "
                "`callpulse topics` says how"
            )
    places = [TopicPartition(name, partition) for name in names for partition in range(config.partitions)]
    offsets = partial(topic.admin.list_consumer_group_offsets, group(config.prefix), partitions=places)
    committed: dict[Any, Any] = await coordinator.asked(offsets, COORDINATOR_WITHIN_S)
    clocks = {
        (names[tp.topic], tp.partition): found
        for tp, at in committed.items()
        if (found := noted_clock(at.metadata or "", at.offset)) is not None
    }
    return World(names, config.partitions, clocks, clock.now_ms(), settings.limits())


def _producer(settings: Settings) -> EventProducer:
    config = settings.kafka
    return EventProducer(
        kafka.client(config),
        source="",  # what names none goes on naming none
        calls_topic=kafka.topic(config, "calls"),
        agents_topic=kafka.topic(config, "agents"),
        idempotent=config.idempotence,
    )
