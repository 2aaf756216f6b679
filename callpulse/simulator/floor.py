"""Who waits, who is free, and who takes whom: the discipline of the floor.

A queue serves by priority, then by arrival. The agent who has been ready longest goes first; one who serves
several queues takes whoever of their heads has waited longest. Mutable on purpose: this is the state of one
simulation.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from callpulse.simulator.callers import Caller, Callers
from callpulse.simulator.scenario import Queue, Scenario, Team
from callpulse.stream.core.events import AgentState, AgentStateName, Event, Ringing

WAITING, RINGING, TALKING, OVER = range(4)
Act = Callable[[int, Any], None]


class Line:
    """One queue: those who wait in it and those who could serve it."""

    __slots__ = ("arrival_s", "callers", "id", "idle", "queue", "visits", "waiting")

    def __init__(self, queue: Queue, callers: Callers, from_s: float) -> None:
        self.queue, self.callers, self.id = queue, callers, queue.id
        self.arrival_s = from_s  # of the latest call
        self.waiting = 0
        self.visits: list[tuple[int, int, int, Visit]] = []  # (-priority, enqueued_at, n, visit); stale ones remain
        self.idle: list[tuple[int, int, Agent]] = []  # (ready since, n, agent); stale ones remain


class Away:
    """A reason to be away: for `length_ms` from when it is taken, or (None) until called back."""

    __slots__ = ("length_ms", "reason")

    def __init__(self, reason: str, length_ms: int | None) -> None:
        self.reason, self.length_ms = reason, length_ms


class Agent:
    """One agent. While not_ready, the first reason in `away` is the one in force."""

    __slots__ = ("away", "id", "leaving", "lines", "queues", "since", "state", "team")

    def __init__(self, agent_id: str, team: Team, lines: tuple[Line, ...]) -> None:
        self.id, self.team, self.queues, self.lines = agent_id, team, team.queues, lines
        self.state: AgentStateName = "logged_out"
        self.since = 0
        self.away: list[Away] = []
        self.leaving = False


class Visit:
    """One stay of a contact in one queue."""

    __slots__ = ("agent", "caller", "contact_id", "enqueued_at", "line", "rings", "state")

    def __init__(self, contact_id: str, line: Line, caller: Caller, enqueued_at: int) -> None:
        self.contact_id, self.line, self.caller, self.enqueued_at = contact_id, line, caller, enqueued_at
        self.state = WAITING
        self.rings = 0
        self.agent: Agent


class Floor(ABC):
    """The state of one simulation: what will happen (`heap`), what just happened (`out`), queues and agents.

    An agent changes state at most once in a millisecond, so that the order of states follows from their times: an
    act that comes in the same millisecond as the agent's last change waits for the next one.
    """

    def __init__(self, scenario: Scenario, start_ms: int, seed: int) -> None:
        self.source, self.start_ms = scenario.source, start_ms
        self.heap: list[tuple[int, int, Act, Any]] = []
        self.out: list[Event] = []
        self.count = 0
        from_s = -scenario.warmup_s
        self.lines = {q.id: Line(q, Callers(scenario, q, seed), from_s) for q in scenario.queues}
        teams = [team for team in scenario.teams for _ in range(team.agents)]
        self.agents = [
            Agent(str(1001 + n), team, tuple(self.lines[q] for q in team.queues)) for n, team in enumerate(teams)
        ]

    def ms(self, at_s: float) -> int:
        """The moment `at_s` seconds from the start."""
        return self.start_ms + round(at_s * 1000)

    def later(self, at: int, act: Act, subject: Any) -> None:
        """`act(at, subject)` happens at `at`; in the order of asking among those of one millisecond."""
        self.count += 1
        heappush(self.heap, (at, self.count, act, subject))

    def say(self, kind: Callable[..., Event], at: int, visit: Visit, **more: Any) -> None:
        """An event of this visit, with the fields of its kind."""
        self.out.append(kind(at=at, source=self.source, queue=visit.line.id, contact_id=visit.contact_id, **more))

    def turn(self, at: int, agent: Agent, state: AgentStateName, reason: str = "") -> None:
        agent.state, agent.since = state, at
        self.out.append(
            AgentState(
                at=at,
                source=self.source,
                agent=agent.id,
                state=state,
                reason=reason,
                queues=agent.queues,
                site=agent.team.site,
            )
        )

    def release(self, at: int, agent: Agent) -> None:
        """The agent's hands are free: home, away, or ready for the next visit."""
        if agent.leaving:
            agent.away.clear()
            self.turn(at, agent, "logged_out")
        elif agent.away:
            away = agent.away[0]
            self.turn(at, agent, "not_ready", away.reason)
            if away.length_ms is not None:
                self.later(at + away.length_ms, self.come_back, (agent, away))
        else:
            self._ready(at, agent)

    def come_back(self, at: int, subject: tuple[Agent, Away]) -> None:
        """A reason to be away no longer holds."""
        agent, away = subject
        if away not in agent.away:
            return
        in_force = agent.state == "not_ready" and agent.away[0] is away
        if in_force and agent.since == at:
            self.later(at + 1, self.come_back, subject)
            return
        agent.away.remove(away)
        if in_force:
            self.release(at, agent)

    def wait(self, at: int, visit: Visit) -> None:
        """The visit takes its place by priority and arrival."""
        visit.state = WAITING
        line = visit.line
        line.waiting += 1
        self.count += 1
        heappush(line.visits, (-(visit.caller.priority or 0), visit.enqueued_at, self.count, visit))
        self.serve(at, line)

    def serve(self, at: int, line: Line) -> None:
        """Agents who are ready take whom they can, until nobody waits in the line or nobody is ready."""
        while line.waiting:
            agent = _longest_idle(line)
            if agent is None:
                return
            if agent.since == at:
                self.later(at + 1, self.serve, line)
                return
            self._offer(at, agent)

    def _ready(self, at: int, agent: Agent) -> None:
        self.turn(at, agent, "ready")
        for line in agent.lines:
            self.count += 1
            heappush(line.idle, (at, self.count, agent))
            if line.waiting:
                self.later(at + 1, self.serve, line)

    def _offer(self, at: int, agent: Agent) -> None:
        heads = [_head(line) for line in agent.lines if line.waiting]
        visit = min(heads, key=_arrival) if len(heads) > 1 else heads[0]
        visit.state, visit.agent = RINGING, agent
        visit.rings += 1
        visit.line.waiting -= 1
        heappop(visit.line.visits)
        self.say(Ringing, at, visit, agent=agent.id)
        self.turn(at, agent, "ringing")
        self.later(at + visit.caller.ring_ms, self.answer, visit)

    @abstractmethod
    def answer(self, at: int, visit: Visit) -> None:
        """The ringing is over: the agent picks up, or has let it ring."""


def _arrival(visit: Visit) -> int:
    return visit.enqueued_at


def _head(line: Line) -> Visit:
    while line.visits[0][3].state != WAITING:
        heappop(line.visits)
    return line.visits[0][3]


def _longest_idle(line: Line) -> Agent | None:
    idle = line.idle
    while idle:
        since, _, agent = idle[0]
        if agent.state == "ready" and agent.since == since:
            return agent
        heappop(idle)
    return None
