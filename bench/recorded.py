"""A queue_log of a simulated day: the simulator's events as the lines that Asterisk would have written."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.traffic import floor
from callpulse.simulator.run import feed
from callpulse.stream.core.events import Abandoned, AgentState, Connected, Ended, Enqueued, Event, Exited

QUEUES = 50
START_MS = 1_795_305_600_000  # 2026-11-22T00:00Z
EXITS = {"empty": "EXITEMPTY", "key": "EXITWITHKEY"}


def write(path: Path, lines: int) -> None:
    """That many lines."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(islice(queue_log(), lines))


def queue_log() -> Iterator[str]:
    """Lines without an end, since the simulated floor never closes."""
    memory = _Memory()
    for _, event in feed(floor(QUEUES), START_MS, seed=1):
        line = memory.line(event)
        if line is not None:
            yield f"{event.at // 1000}|{line}\n"


class _Memory:
    """What a line states beyond its event: when the caller came and was answered."""

    def __init__(self) -> None:
        self._came: dict[str, int] = {}
        self._answered: dict[str, int] = {}
        self._lines: dict[type, Callable[[Any], str | None]] = {
            Enqueued: self._enter,
            Connected: self._connect,
            Abandoned: self._abandon,
            Exited: self._exit,
            Ended: self._end,
            AgentState: self._agent,
        }

    def line(self, event: Event) -> str | None:
        """What follows the time, or None where Asterisk writes nothing."""
        found = self._lines.get(type(event))
        return None if found is None else found(event)

    def _enter(self, event: Enqueued) -> str:
        self._came[event.contact_id] = event.at
        return f"{event.contact_id}|{event.queue}|NONE|ENTERQUEUE||0600000000|1"

    def _connect(self, event: Connected) -> str:
        self._answered[event.contact_id] = event.at
        wait_s = self._waited_s(event)
        return f"{event.contact_id}|{event.queue}|Agent {event.agent}|CONNECT|{wait_s}|{event.at}.1|2"

    def _abandon(self, event: Abandoned) -> str:
        return f"{event.contact_id}|{event.queue}|NONE|ABANDON|1|1|{self._waited_s(event)}"

    def _exit(self, event: Exited) -> str:
        name, wait_s = EXITS.get(event.cause, "EXITWITHTIMEOUT"), self._waited_s(event)
        more = f"1|1|1|{wait_s}" if name == "EXITWITHKEY" else f"1|1|{wait_s}"
        return f"{event.contact_id}|{event.queue}|NONE|{name}|{more}"

    def _end(self, event: Ended) -> str:
        answered = self._answered.pop(event.contact_id, event.at)
        wait_s = (answered - self._came.pop(event.contact_id, answered)) // 1000
        name = "COMPLETEAGENT" if event.by == "agent" else "COMPLETECALLER"
        talk_s = event.at // 1000 - answered // 1000
        return f"{event.contact_id}|{event.queue}|Agent {event.agent}|{name}|{wait_s}|{talk_s}|1"

    def _agent(self, event: AgentState) -> str | None:
        if event.state == "not_ready":
            return f"NONE|NONE|Agent {event.agent}|PAUSEALL|{event.reason}"
        return None

    def _waited_s(self, event: Any) -> int:
        return int(event.at // 1000 - self._came.get(event.contact_id, event.at) // 1000)


__all__ = ["queue_log", "write"]
