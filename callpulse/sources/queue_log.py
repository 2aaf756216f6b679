"""Asterisk's and FreePBX's queue_log: a line in, events out.

A line is `epoch|call id|queue|agent|EVENT|parameters…`, whole seconds. Waits and talk are passed on as the
log states them. Events that say nothing about waits or agents (DID, RINGCANCELED, CONFIGRELOAD; AGENTDUMP,
after which the caller waits on or an ABANDON follows; OUT… and other additions) are counted by name.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from callpulse.sources.queue_log_agents import Agents
from callpulse.sources.queue_log_calls import CallLines
from callpulse.sources.queue_log_fields import Refused, check_text, checked_ms, event_name, time_ms
from callpulse.sources.queue_log_names import LogNames, QueueLogOptions
from callpulse.sources.queue_log_visits import Visits
from callpulse.stream.core.events import Event, Rejected

IGNORED_NAMES = 200
OTHER = "other"
BLANK = "(blank)"

Handler = Callable[[int, list[str]], list[Event]]


class _Memory(Struct):
    visits: Visits
    agents: Agents
    ignored: dict[str, int]
    line: int = 0


class QueueLog:
    """Reads one log line by line; remembers open visits and agents, bounded."""

    def __init__(self, options: QueueLogOptions | None = None) -> None:
        self.options = options or QueueLogOptions()
        self._names = LogNames(self.options)
        self._go_on(_Memory(Visits(), Agents(), {}))

    @property
    def line(self) -> int:
        """The number of the last line fed."""
        return self._memory.line

    @property
    def ignored(self) -> Mapping[str, int]:
        """Lines that said nothing new, by event name."""
        return self._memory.ignored

    def state(self) -> bytes:
        """All that is remembered: call ids, queues, agents; never a telephone number."""
        return msgspec.msgpack.encode(self._memory)

    def restore(self, state: bytes) -> None:
        """Go on where `state()` was taken. Raises msgspec.DecodeError if the bytes are no such state."""
        self._go_on(msgspec.msgpack.decode(state, type=_Memory))

    def feed(self, line: str, number: int = 0) -> list[Event | Rejected]:
        """The events of one line, or its refusal, or nothing: then its name is counted in `ignored`. Never
        raises.

        `number` is the line's number; 0 counts on.
        """
        memory = self._memory
        memory.line = number or memory.line + 1
        fields = line.rstrip("\r\n").split("|")
        try:
            if "\ufffd" in line:
                check_text(fields)
            try:
                at, handler = int(fields[0]) * 1000, self._handlers[fields[4]]
            except (ValueError, IndexError, KeyError):
                if not line.strip("\0\ufeff \t\r\n"):
                    return self._ignore(BLANK)
                at, handler = time_ms(fields[0]), self._handlers.get(event_name(fields), _says_nothing)
            events = handler(checked_ms(at), fields)
        except Refused as refused:
            return [refused.rejected]
        return events or self._ignore(fields[4])  # type: ignore[return-value]  # a list of events alone will do

    def _go_on(self, memory: _Memory) -> None:
        self._memory = memory
        self._calls = CallLines(self.options, self._names, memory.visits, memory.agents)
        self._handlers: dict[str, Handler] = {
            **self._calls.handlers(),
            "RINGNOANSWER": self._ring_no_answer,
            "ADDMEMBER": self._add,
            "REMOVEMEMBER": self._remove,
            "PAUSE": lambda at, f: self._pause(at, f, True),
            "UNPAUSE": lambda at, f: self._pause(at, f, False),
            "PAUSEALL": lambda at, f: self._pause(at, f, True),
            "UNPAUSEALL": lambda at, f: self._pause(at, f, False),
            "AGENTLOGIN": lambda at, f: self._sign(at, f, False),
            "AGENTLOGOFF": lambda at, f: self._sign(at, f, True),
            "AGENTCALLBACKLOGIN": lambda at, f: self._sign(at, f, False),
            "AGENTCALLBACKLOGOFF": lambda at, f: self._sign(at, f, True),
            "QUEUESTART": self._restart,
        }

    def _add(self, at: int, fields: list[str]) -> list[Event]:
        agent, queue = self._names.somebody(fields), self._names.queues[fields[2]]
        paused = fields[5:6] == ["PAUSED"]
        return [] if agent is None else [*self._memory.agents.join(agent, queue, paused, at)]

    def _remove(self, at: int, fields: list[str]) -> list[Event]:
        agent, queue = self._names.somebody(fields), self._names.queues[fields[2]]
        return [] if agent is None else [*self._memory.agents.quit(agent, queue, at)]

    def _ring_no_answer(self, at: int, fields: list[str]) -> list[Event]:
        agent, queue = self._names.somebody(fields), self._names.queues[fields[2]]
        return [] if agent is None else [*self._memory.agents.seen(agent, queue, at)]

    def _pause(self, at: int, fields: list[str], paused: bool) -> list[Event]:
        agent = self._names.somebody(fields)
        queue = None if fields[2] in ("", "NONE") else self._names.queues[fields[2]]
        reason = fields[5] if len(fields) > 5 else ""
        return [] if agent is None else [*self._memory.agents.pause(agent, queue, paused, reason, at)]

    def _sign(self, at: int, fields: list[str], off: bool) -> list[Event]:
        agent = self._names.somebody(fields)
        return [] if agent is None else [*self._memory.agents.sign(agent, off, at)]

    def _restart(self, at: int, fields: list[str]) -> list[Event]:
        return [*self._calls.lost(at), *self._memory.agents.restart(self.options.members_stay, at)]

    def _ignore(self, name: str) -> list[Event | Rejected]:
        counts = self._memory.ignored
        if name not in counts and len(counts) >= IGNORED_NAMES:
            name = OTHER
        counts[name] = counts.get(name, 0) + 1
        return []


def _says_nothing(at: int, fields: list[str]) -> list[Event]:
    return []
