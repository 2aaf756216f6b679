"""Lines of a queue_log, read."""

from typing import Any

from callpulse.sources.queue_log import QueueLog
from callpulse.stream.core.events import AgentState

T0 = 1717397259  # 2024-06-03T06:47:39Z


def read(text: str, log: QueueLog | None = None) -> list[Any]:
    log = log or QueueLog()
    return [event for line in text.strip().splitlines() for event in log.feed(line.strip())]


def visits(text: str, log: QueueLog | None = None) -> list[Any]:
    return [event for event in read(text, log) if not isinstance(event, AgentState)]


def agents(text: str, log: QueueLog | None = None) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(e.agent, e.state, e.reason, e.queues) for e in read(text, log) if isinstance(e, AgentState)]
