"""A made log of two queues for the backtest: eight agents answer everybody within four seconds, but in `help` nobody
answers for half an hour, and who calls there gives up."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from callpulse.stream.core.events import Abandoned, AgentState, Connected, Ended, Enqueued, Event
from callpulse.stream.core.wire import encode
from tests.timeline import ms_of

EVERY_MS = 30_000
BEGINS, BAD_FROM, BAD_TO, ENDS = "09:00", "09:20", "09:50", "10:30"
WAITS_MS, LOST_AFTER_MS, TALKS_MS, AGENTS = 4000, 45_000, 120_000, 8


def events(fine: str = "fine", trouble: str = "help") -> list[Event]:
    """In the order of their time."""
    found = [each for queue in (fine, trouble) for each in (*_agents(queue), *_calls(queue, queue == trouble))]
    return sorted(found, key=lambda each: each.at)


def written(path: Path, *names: str) -> Path:
    """As JSON lines."""
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events(*names)))
    return path


def _agents(queue: str) -> Iterator[Event]:
    for number in range(AGENTS):
        yield AgentState(at=ms_of(BEGINS), agent=f"{queue}/{number}", state="ready", queues=(queue,))


def _calls(queue: str, hit: bool) -> Iterator[Event]:
    for number, at_ms in zip(count(), range(ms_of(BEGINS), ms_of(ENDS), EVERY_MS), strict=False):
        contact, agent = f"{number}", f"{queue}/{number % AGENTS}"
        yield Enqueued(at=at_ms, queue=queue, contact_id=contact)
        if hit and ms_of(BAD_FROM) <= at_ms < ms_of(BAD_TO):
            yield Abandoned(at=at_ms + LOST_AFTER_MS, queue=queue, contact_id=contact)
            continue
        answered_ms = at_ms + WAITS_MS
        yield Connected(at=answered_ms, queue=queue, contact_id=contact, agent=agent)
        yield AgentState(at=answered_ms, agent=agent, state="talking", queues=(queue,))
        yield Ended(at=answered_ms + TALKS_MS, queue=queue, contact_id=contact)
        yield AgentState(at=answered_ms + TALKS_MS, agent=agent, state="ready", queues=(queue,))
