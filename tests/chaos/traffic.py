"""A seeded contact centre, sixty times as fast as the wall: calls and agents as a feed delivers them, doubled and late.

`traffic(seed)` never ends. Event times are its own, so that the horizon passes within seconds: contacts are
closed, panes pruned and visits lost by age while workers die.
"""

import heapq
import itertools
import random
from collections.abc import Iterator
from typing import Any

from callpulse.stream.core import events as ev

START_MS = 1_795_341_600_000  # 2026-11-22T10:00Z: no midnight within the hours of a run
HORIZON_MS = 1_200_000
SETTINGS = {
    "CALLPULSE_WORKER_TIME": "event",
    "CALLPULSE_WORKER_VISIT_RETENTION": "20m",
    "CALLPULSE_WORKER_LIVE_RETENTION": "70m",
    "CALLPULSE_WORKER_MAX_WAIT": "5m",
}
SOURCE = "chaos"
QUEUES = tuple(f"queue {n}" for n in range(14))
AGENTS = tuple(f"70{n:02}" for n in range(30))
CALL_EVERY_MS = 300  # of event time, on average
AGENT_EVERY_MS = 600
BEAT_EVERY_MS = 5_000
LATE_MS, TWICE_MS, LONGEST_MS = 360_000, 180_000, 420_000  # together less than the horizon
STATES = ("ready", "ringing", "talking", "hold", "wrapup", "not_ready", "logged_out")

Told = tuple[int, int, Any]  # (when it is delivered, a number that breaks ties, event)


def traffic(seed: int) -> Iterator[Any]:
    """Events in the order of their delivery; a Heartbeat is meant for every partition of calls."""
    chance, waiting = random.Random(seed), list[Told]()
    numbers = itertools.count()
    next_call = next_agent = next_beat = START_MS
    serving = {agent: _some_queues(chance) for agent in AGENTS}

    def tell(event: Any, *, at: int | None = None) -> None:
        heapq.heappush(waiting, (event.at if at is None else at, next(numbers), event))

    for now in itertools.count(START_MS, 50):
        while next_call <= now:
            _deliver(chance, tell, _call(chance, next_call, f"c{next(numbers)}"))
            _sometimes_too_late(chance, tell, next_call, f"c{next(numbers)}")
            next_call += round(chance.expovariate(1 / CALL_EVERY_MS))
        while next_agent <= now:
            _deliver(chance, tell, [_agent(chance, next_agent, serving)])
            next_agent += round(chance.expovariate(1 / AGENT_EVERY_MS))
        while next_beat <= now:
            tell(ev.Heartbeat(at=next_beat, source=SOURCE))
            next_beat += BEAT_EVERY_MS
        while waiting and waiting[0][0] <= now:
            yield heapq.heappop(waiting)[2]


def _deliver(chance: random.Random, tell: Any, events: list[Any]) -> None:
    """Most at once, some late, some twice; never so late that what a contact said before is forgotten."""
    for event in events:
        late = chance.randrange(LATE_MS) if chance.random() < 0.04 else chance.randrange(3_000)
        tell(event, at=event.at + late)
        if chance.random() < 0.06:
            tell(event, at=event.at + late + chance.randrange(TWICE_MS))


def _sometimes_too_late(chance: random.Random, tell: Any, now: int, contact: str) -> None:
    """So near the horizon that the partition's clock at exactly that offset decides whether it counts."""
    if chance.random() < 0.1:
        at = now - HORIZON_MS + chance.randrange(-5_000, 5_000)
        if at > START_MS:
            place: dict[str, Any] = {"queue": chance.choice(QUEUES), "contact_id": contact, "source": SOURCE}
            tell(ev.Abandoned(at=at, wait_s=float(chance.randrange(60)), **place), at=now)


def _call(chance: random.Random, at: int, contact: str) -> list[Any]:
    """One contact's story: it waits, is answered or not, is passed on to another queue."""
    events: list[Any] = []
    for queue in chance.sample(QUEUES, 3):
        place: dict[str, Any] = {"queue": queue, "contact_id": contact, "source": SOURCE}
        end = _visit(chance, events, at, place)
        if end is None or chance.random() > 0.2:
            break
        at = end
    return events


def _visit(chance: random.Random, events: list[Any], at: int, place: dict[str, Any]) -> int | None:
    """Adds a visit; returns when it was passed on, if it may have been."""
    if chance.random() < 0.02:
        events.append(ev.NotOffered(at=at, why=chance.choice(("menu", "full")), **place))
        return None
    if chance.random() < 0.97:
        events.append(ev.Enqueued(at=at, ivr_s=chance.choice((None, 3.5)), **place))
    wait_ms = min(LONGEST_MS, round(chance.expovariate(1 / 40_000)))
    stated: dict[str, Any] = {"wait_s": wait_ms / 1000} if chance.random() < 0.5 else {}
    left = at + wait_ms
    fate = chance.random()
    if fate < 0.1:
        events.append(ev.Abandoned(at=left, **stated, **place))
    elif fate < 0.16:
        events.append(ev.Exited(at=left, cause=chance.choice(("timeout", "full", "key")), **stated, **place))
    elif fate < 0.98:  # of the rest nobody ever tells the end: lost by age
        return _answered(chance, events, left, place, stated)
    return None


def _answered(chance: random.Random, events: list[Any], at: int, place: dict[str, Any], stated: dict[str, Any]) -> int:
    agent = chance.choice(AGENTS)
    events.append(ev.Connected(at=at, agent=agent, **stated, **place))
    talk_ms = min(LONGEST_MS, round(chance.expovariate(1 / 200_000)))
    if chance.random() < 0.2:
        events.append(ev.Held(at=at + talk_ms // 3, agent=agent, **place))
        events.append(ev.Resumed(at=at + talk_ms // 2, agent=agent, **place))
    by = chance.choice(("customer", "agent", "transfer"))
    events.append(ev.Ended(at=at + talk_ms, agent=agent, by=by, **place))
    if chance.random() < 0.5:
        events.append(ev.WrappedUp(at=at + talk_ms + chance.randrange(60_000), agent=agent, **place))
    return at + talk_ms


def _agent(chance: random.Random, at: int, serving: dict[str, tuple[str, ...]]) -> Any:
    agent = chance.choice(AGENTS)
    if chance.random() < 0.05:
        serving[agent] = _some_queues(chance)
    state: Any = chance.choice(STATES)
    return ev.AgentState(at=at, agent=agent, state=state, queues=serving[agent], source=SOURCE)


def _some_queues(chance: random.Random) -> tuple[str, ...]:
    return tuple(chance.sample(QUEUES, chance.randrange(1, 4)))
