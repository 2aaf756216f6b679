"""A small contact centre whose events meet in few cells: nothing goes wrong without a figure that shows it."""

import random
from typing import Any

from callpulse.stream.core import events as ev
from callpulse.stream.core.wire import encode

START_MS = 1_795_341_600_000  # where a pane, a cell and an interval begin
QUEUES = ("sales", "help")
AGENTS = ("7", "8", "9")
HORIZON_MS = 1_200_000  # the settings' visit_retention
STATES: tuple[Any, ...] = ("ready", "talking", "not_ready", "logged_out")


def calls(seed: int, contacts: int) -> list[bytes]:
    """Visits that overlap, told late and twice, and arrivals so near the horizon that the clock at exactly their place
    decides whether they count."""
    chance, due = random.Random(f"calls {seed}"), list[tuple[int, int, Any]]()
    for number in range(contacts):
        at = START_MS + number * 4_000
        for event in [*_visit(chance, at, f"c{number}"), *_at_the_edge(chance, at, f"late {number}")]:
            for _ in range(1 + (chance.random() < 0.15)):
                late = chance.randrange(20_000) if chance.random() < 0.3 else 0
                due.append((max(at, event.at) + late, len(due), event))
    return [encode(event) for _, _, event in sorted(due, key=lambda told: told[:2])]


def _visit(chance: random.Random, at: int, contact: str) -> list[Any]:
    place: dict[str, Any] = {"queue": chance.choice(QUEUES), "contact_id": contact}
    left = at + chance.randrange(12_000)
    entered = ev.Enqueued(at=at, **place)
    if chance.random() < 0.3:
        return [entered, ev.Abandoned(at=left, **place)]
    agent = chance.choice(AGENTS)
    over = left + chance.randrange(15_000)
    return [entered, ev.Connected(at=left, agent=agent, **place), ev.Ended(at=over, agent=agent, **place)]


def _at_the_edge(chance: random.Random, at: int, contact: str) -> list[Any]:
    if chance.random() < 0.5:
        return []
    edge = at - HORIZON_MS + chance.randrange(-3_000, 12_000)
    return [ev.Abandoned(at=edge, queue=chance.choice(QUEUES), contact_id=contact, wait_s=2.0)]


def agents(seed: int, changes: int) -> list[bytes]:
    """Changes of state of agents who serve now this queue, now that, told late and twice."""
    chance, due = random.Random(f"agents {seed}"), list[tuple[int, int, Any]]()
    for number in range(changes):
        at = START_MS + number * 3_000
        serves = tuple(queue for queue in QUEUES if chance.random() < 0.6)
        event = ev.AgentState(at=at, agent=chance.choice(AGENTS), state=chance.choice(STATES), queues=serves)
        for _ in range(1 + (chance.random() < 0.15)):
            late = chance.randrange(20_000) if chance.random() < 0.3 else 0
            due.append((at + late, len(due), event))
    return [encode(event) for _, _, event in sorted(due, key=lambda told: told[:2])]
