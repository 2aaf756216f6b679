"""The running source: follow a queue_log, send its events, keep the place, tell that all is sent."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from callpulse.clock import monotonic_s, now_ms
from callpulse.ending import ended
from callpulse.sources.follow import Batch, Follower, Position, load_position, save_position
from callpulse.sources.produce import EventProducer, ProduceError, to_the_log
from callpulse.sources.queue_log import QueueLog
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import queue_log
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Rejected

POLL_S = 0.2
HEARTBEAT_S = 1.0
WHOLE_SECOND_MS = 1_000  # a line stamped 12 may be written until 12.999: only what is older than that is complete
RECONNECT_S = 2.0
GRACE_S = 5.0
REFUSALS_SAID = 20

Say = Callable[[str], None]


class _Log(Struct, frozen=True):
    path: Path
    position: Path
    options: QueueLogOptions
    say: Say


async def follow_queue_log(  # noqa: PLR0913  (the command line's arguments, one by one)
    path: Path,
    position: Path,
    client: dict[str, Any],
    *,
    source: str,
    calls_topic: str,
    agents_topic: str,
    options: QueueLogOptions | None = None,
    idempotent: bool = True,
    stop: asyncio.Event | None = None,
    say: Say = to_the_log,
) -> None:
    """Runs until SIGTERM, SIGINT or `stop`. Goes on from `position`, a file that is written after Kafka has
    the events; a crash in between sends some again, which changes no number. Raises SourceError,
    ProduceError."""
    log = _Log(path, position, options or QueueLogOptions(), say)
    _restored(log)  # what is wrong with options or position is said before anything is connected

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                producer = EventProducer(
                    client,
                    source=source,
                    calls_topic=calls_topic,
                    agents_topic=agents_topic,
                    idempotent=idempotent,
                    say=say,
                )
                if await _connected(producer, stop):
                    try:
                        await _pump(log, producer, stop)
                    finally:
                        await producer.__aexit__()
            except ProduceError as error:
                if not error.waiting_helps:
                    raise
                say(f"{error}; going on from the last acknowledged line")
                await _pause(stop, RECONNECT_S)

    await _until_stopped(run, stop or _stop_on_signals())


async def _until_stopped(run: Callable[[asyncio.Event], Any], stop: asyncio.Event) -> None:
    """The batch in hand may finish; a Kafka that does not answer is not waited for longer than GRACE_S."""
    running, stopping = asyncio.create_task(run(stop)), asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({running}, timeout=GRACE_S)
    stopping.cancel()
    if not running.done():
        await ended(running)
    elif (error := running.exception()) is not None:
        raise error


async def _connected(producer: EventProducer, stop: asyncio.Event) -> bool:
    """False where it is told to stop while Kafka is away: nothing is in hand, so nothing is waited for."""
    entering, stopping = asyncio.create_task(producer.__aenter__()), asyncio.create_task(stop.wait())
    await asyncio.wait({entering, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if entering.done():
        entering.result()
        return True
    await ended(entering)
    return False


async def _pump(log: _Log, producer: EventProducer, stop: asyncio.Event) -> None:
    parser, position = _restored(log)
    follower, beaten_s, missing = Follower(log.path, position.place), monotonic_s() - HEARTBEAT_S, False
    while not stop.is_set():
        looked_ms, before = now_ms(), follower.place
        batch = follower.step()
        if batch.lines or batch.place != before:
            await _send(log, parser, batch, producer)
        if batch.missing != missing:
            missing = batch.missing
            log.say(f"{log.path}: {'does not exist; waiting for it' if missing else 'is there'}")
        if batch.behind:
            continue
        if not missing and monotonic_s() - beaten_s >= HEARTBEAT_S:
            beaten_s = monotonic_s()
            await producer.heartbeat(looked_ms - WHOLE_SECOND_MS)
            await producer.flush()
        await _pause(stop, POLL_S)


async def _send(log: _Log, parser: QueueLog, batch: Batch, producer: EventProducer) -> None:
    """Facts before effects: the position moves once Kafka has all events of the batch."""
    if batch.gap:
        log.say(batch.gap)
    refused: list[str] = []
    for line in batch.lines:
        for event in parser.feed(line):
            if isinstance(event, Rejected):
                refused.append(f"line {parser.line}: {event.reason}: {event.field} {event.detail}")
            else:
                await producer.send(event)
    for text in refused[:REFUSALS_SAID]:
        log.say(f"{log.path}: {text}")
    if len(refused) > REFUSALS_SAID:
        log.say(f"{log.path}: and {len(refused) - REFUSALS_SAID} more lines were refused")
    await producer.flush()
    save_position(log.position, Position(batch.place, parser.line, parser.state()))


def _restored(log: _Log) -> tuple[QueueLog, Position]:
    parser, position = queue_log(log.options), load_position(log.position)
    if position.state:
        try:
            parser.restore(position.state)
        except (msgspec.DecodeError, ValueError) as error:
            raise SourceError(f"{log.position}: its state cannot be read ({error}). Remove the file") from None
    return parser, position


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
