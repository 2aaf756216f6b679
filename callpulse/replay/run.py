"""`callpulse replay FILE`: read a log, put it in the order of its times, play it into Kafka."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from callpulse import clock, kafka
from callpulse.replay.timing import rebased, shift, with_beats
from callpulse.settings import Settings
from callpulse.sources.play import Delivery, play
from callpulse.sources.produce import EventProducer
from callpulse.sources.reading import SourceOptions, doubt, open_source
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Rejected

Progress = Callable[[int, int], None]


class Request(Struct, frozen=True):
    """What to replay. `speed` None: as fast as it goes. `warmup_s`: what happened in the first so many seconds is sent
    at once, as the recent past. `since_ms`, at speed 1 with `rebase`: when this replay was begun before; what was sent
    since is sent again, at once, as copies, and it goes on from now."""

    path: Path
    source: str
    options: SourceOptions
    speed: float | None = 1.0
    rebase: bool = True
    since_ms: int | None = None
    warmup_s: float = 0.0


class Replayed(Struct, frozen=True):
    """What was sent, and why reading stopped before the end of the file, or ""."""

    events: int
    refused: int
    first_ms: int
    last_ms: int
    broken_off: str


async def replay(request: Request, settings: Settings, progress: Progress) -> Replayed:
    """Until the recording is over. Raises SourceError, ProduceError, SettingsError."""
    events, refused, broken_off = recorded(request)
    if not events:
        raise SourceError(f"{request.path}: no event in it; {doubt(request.source)}")
    async with EventProducer(
        kafka.client(settings.kafka),
        source=request.path.name,
        calls_topic=kafka.topic(settings.kafka, "calls"),
        agents_topic=kafka.topic(settings.kafka, "agents"),
        idempotent=settings.kafka.idempotence,
    ) as producer:
        now_ms = clock.now_ms()
        start, feed = _feed(request, events, now_ms if request.since_ms is None else request.since_ms)
        start = start if request.since_ms is None else now_ms
        counted = _counted(feed, len(events), progress)
        await play(counted, producer, start_ms=start, speed=request.speed, now_ms=clock.now_ms, sleep=asyncio.sleep)
    return Replayed(len(events), refused, events[0].at, events[-1].at, broken_off)


def _feed(request: Request, events: list[Event], begun_ms: int) -> tuple[int, Iterator[Delivery]]:
    """(when the replay begins in the time of its events, the events with their heartbeats)."""
    warmup_ms = round(request.warmup_s * 1000)
    first, last = events[0].at, events[-1].at
    moved = shift(first, last, begun_ms, request.speed, warmup_ms) if request.rebase else 0
    start = first + moved + (warmup_ms if request.speed == 1 else 0)
    shifted = rebased(events, moved) if moved else iter(events)
    beats_from = last + moved if request.speed is None else start
    return start, with_beats(shifted, request.path.name, beats_from)


def recorded(request: Request) -> tuple[list[Event], int, str]:
    """Every event of the file in the order of its time, how many lines were refused, why it breaks off or ""."""
    events: list[Event] = []
    refused, broken_off = 0, ""
    try:
        for _, found in open_source(request.source, request.path, request.options):
            for each in found:
                if isinstance(each, Rejected):
                    refused += 1
                else:
                    events.append(each)
    except SourceError as error:
        if not events:
            raise
        broken_off = str(error)
    events.sort(key=lambda event: event.at)
    return events, refused, broken_off


def _counted(feed: Iterator[Delivery], total: int, progress: Progress) -> Iterator[Delivery]:
    for count, delivery in enumerate(feed):
        if count % 500 == 0:
            progress(min(count, total), total)
        yield delivery
    progress(total, total)
