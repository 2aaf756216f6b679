"""Every agent's newest state, and which queues have to hear of a change."""

from collections.abc import Iterable, MutableMapping
from typing import Any

from msgspec import Struct

from callpulse.stream.core.events import AgentState, AgentStateName, Rejected
from callpulse.stream.core.limits import Limits, believable
from callpulse.stream.core.roster import EVERYBODY, STATE_RANK
from callpulse.stream.core.schemas import AGENT_CELL


class AgentCell(Struct, array_like=True, gc=False):
    """One agent: newest state, and every queue served within the horizon with the last time it was stated."""

    schema: int = AGENT_CELL.version
    offset: int = -1
    at_ms: int = -1
    state: AgentStateName = "logged_out"
    reason: str = ""
    queues: tuple[str, ...] = ()
    served: dict[str, int] = {}


class AgentBook:
    """One partition of `callpulse.agents`: agents {agent: AgentCell}."""

    def __init__(self, limits: Limits, clock_ms: int = 0) -> None:
        self.limits = limits
        self.clock_ms = clock_ms
        self.agents: MutableMapping[str, AgentCell] = {}
        self.dirty_agents: MutableMapping[str, None] = {}

    def take(self, event: Any, offset: int, recorded_ms: int | None = None) -> list[AgentState] | Rejected:
        """Book one event; returns the copies to forward, one for each queue served before or after."""
        cell = self.hear(event, offset, recorded_ms)
        if isinstance(cell, Rejected):
            return cell
        # what was booked already may not have been forwarded in an earlier life
        return [] if cell is None else forwarded(event, cell)

    def hear(self, event: Any, offset: int, recorded_ms: int | None = None) -> AgentCell | Rejected | None:
        """Book one event; returns what is known of its agent now, or None where it is about nobody."""
        refused = believable(event.at, self.clock_ms, recorded_ms, self.limits)
        if refused is not None:
            return refused
        self.clock_ms = max(self.clock_ms, event.at)
        if type(event) is not AgentState:
            return None
        cell = self.agents.get(event.agent)
        if cell is None:
            cell = self.agents[event.agent] = AgentCell(served={})
        elif offset <= cell.offset:
            return cell
        cell.offset = offset
        self.dirty_agents[event.agent] = None
        self._serve(cell, event)
        return cell

    def _serve(self, cell: AgentCell, event: AgentState) -> None:
        served, at, queues = cell.served, event.at, event.queues
        if queues != cell.queues or len(queues) != len(served):
            oldest = self.clock_ms - self.limits.horizon_ms
            for queue in [queue for queue, stated in served.items() if stated < oldest]:
                del served[queue]
        for queue in queues:
            if served.get(queue, -1) < at:
                served[queue] = at
        newest = at > cell.at_ms or (at == cell.at_ms and STATE_RANK[event.state] >= STATE_RANK[cell.state])
        if newest or cell.at_ms < 0:
            cell.at_ms, cell.state, cell.reason, cell.queues = at, event.state, event.reason, queues


def forwarded(event: AgentState, cell: AgentCell) -> list[AgentState]:
    """The event once for every queue concerned, and once for everybody. A queue that a late event names may never have
    heard of the newest state: it is told that too."""
    out = copies(event, (EVERYBODY, *cell.served, *event.queues))
    if event.at < cell.at_ms:
        newest = AgentState(at=cell.at_ms, agent=event.agent, state=cell.state, reason=cell.reason, queues=cell.queues)
        out += copies(newest, event.queues)
    return out


def copies(event: AgentState, queues: Iterable[str]) -> list[AgentState]:
    """The event once for each of these queues. A copy names its own queue alone, if the agent serves it: what goes
    out must not grow with the square of what came in."""
    served = frozenset(event.queues)
    return [
        AgentState(
            at=event.at,
            agent=event.agent,
            state=event.state,
            reason=event.reason,
            queues=(q,) if q in served else (),
            queue=q,
        )
        for q in dict.fromkeys(queues)
    ]
