"""Agents' states as a queue_log tells them: who serves which queue, paused or not, in conversation or not.

The log writes no line when a telephone begins to ring and none for wrap-up: such time counts as ready.
"""

from msgspec import Struct

from callpulse.stream.core.events import AgentState, AgentStateName

MOST_AGENTS = 10_000
MOST_QUEUES = 500
_REASON = 200

Said = tuple[AgentStateName, str, tuple[str, ...]]  # state, reason, queues
_UNKNOWN: Said = ("logged_out", "", ())


class Agent(Struct):
    """A private accumulator: one agent's memberships, call and last published state."""

    queues: dict[str, bool] = {}  # queue -> paused there
    serving: tuple[str, ...] = ()  # the queues without a pause, sorted
    reason: str = ""
    call: tuple[str, str] | None = None
    signed_off: bool = False
    said: Said = _UNKNOWN
    said_at: int = -1

    def state(self) -> Said:
        """What is to be published. A pause in one queue of several takes it out; in all: not ready."""
        if self.signed_off or not self.queues:
            return _UNKNOWN
        if self.call is not None:
            return "talking", "", self.serving or tuple(sorted(self.queues))
        if self.serving:
            return "ready", "", self.serving
        return "not_ready", self.reason, tuple(sorted(self.queues))

    def put(self, queue: str, paused: bool) -> None:
        if queue in self.queues or len(self.queues) < MOST_QUEUES:
            self.queues[queue] = paused
            self.settle()

    def settle(self) -> None:
        self.serving = tuple(sorted(queue for queue, paused in self.queues.items() if not paused))


class Agents(Struct):
    """A private accumulator, bounded. Every method returns the state to publish, if there is a new one."""

    known: dict[str, Agent] = {}

    def join(self, name: str, queue: str, paused: bool, at: int) -> list[AgentState]:
        """ADDMEMBER. Asterisk writes it only for somebody who was no member: an older pause there is over."""
        agent = self._agent(name)
        agent.signed_off = False
        agent.put(queue, paused)
        return self._say(name, agent, at)

    def quit(self, name: str, queue: str, at: int) -> list[AgentState]:
        agent = self._agent(name)
        agent.queues.pop(queue, None)
        agent.settle()
        return self._say(name, agent, at)

    def sign(self, name: str, off: bool, at: int) -> list[AgentState]:
        """AGENTLOGIN and AGENTLOGOFF, old and new: no queue is named, the memberships stay as they are."""
        agent = self._agent(name)
        agent.signed_off = off
        return self._say(name, agent, at)

    def pause(self, name: str, queue: str | None, paused: bool, reason: str, at: int) -> list[AgentState]:
        """`queue` None: in all queues known. A pause in a queue makes a member of it: static ones have no
        other line."""
        agent = self._agent(name)
        if paused:
            agent.reason = reason[:_REASON]
        if queue is not None:
            agent.put(queue, paused)
        else:
            agent.queues = dict.fromkeys(agent.queues, paused)
            agent.settle()
        return self._say(name, agent, at)

    def seen(self, name: str, queue: str, at: int) -> list[AgentState]:
        """RINGNOANSWER: somebody never heard of before is a static member, ready again. Somebody known may
        have left while the telephone rang."""
        if name in self.known:
            return []
        return self.join(name, queue, False, at)

    def connect(self, name: str, queue: str, call: tuple[str, str], at: int) -> list[AgentState]:
        agent = self._agent(name)
        agent.signed_off = False
        agent.call = call
        if queue not in agent.queues:
            agent.put(queue, False)
        return self._say(name, agent, at)

    def free(self, name: str, call: tuple[str, str], at: int) -> list[AgentState]:
        """The conversation is over. The end of any other call than the last one answered changes nothing:
        an end that was never written must not leave an agent talking for ever."""
        agent = self.known.get(name)
        if agent is None or agent.call != call:
            return []
        agent.call = None
        return self._say(name, agent, at)

    def restart(self, members_stay: bool, at: int) -> list[AgentState]:
        """QUEUESTART: conversations are cut off. With `members_stay` memberships and pauses go on."""
        states: list[AgentState] = []
        for name, agent in self.known.items():
            agent.call = None
            if not members_stay:
                agent.queues.clear()
                agent.settle()
            states += self._say(name, agent, at)
        return states

    def _agent(self, name: str) -> Agent:
        agent = self.known.get(name)
        if agent is None:
            if len(self.known) >= MOST_AGENTS:
                del self.known[next(iter(self.known))]
            agent = self.known[name] = Agent()
        return agent

    def _say(self, name: str, agent: Agent, at: int) -> list[AgentState]:
        state = agent.state()
        if state == agent.said:
            return []
        # Whole seconds: an agent can end one call and take the next within one; a millisecond keeps order.
        same_second = agent.said_at // 1000 == at // 1000
        agent.said_at = agent.said_at + 1 if same_second else at
        agent.said = state
        return [AgentState(at=agent.said_at, agent=name, state=state[0], reason=state[1], queues=state[2])]
