"""When agents sign in, take their breaks, are struck by a staffing shock, and go home."""

import random

from callpulse.simulator.floor import Agent, Away, Floor
from callpulse.simulator.scenario import Break, Scenario, StaffingShock, seconds_of_day

PUNCTUAL_WITHIN_S = 120.0


class Presence:
    """Plans everybody's presence on a floor; what happens then follows from the floor's clock."""

    def __init__(self, scenario: Scenario, floor: Floor, seed: int) -> None:
        self._floor = floor
        self._from_s = -scenario.warmup_s
        self._offset_s = seconds_of_day(scenario.starts_at)
        self._chance = random.Random(f"{seed}/presence")  # noqa: S311 - traffic, not secrets
        for agent in floor.agents:
            self._plan(agent)
        for n, shock in enumerate(scenario.shocks):
            struck = random.Random(f"{seed}/shock {n}")  # noqa: S311
            floor.later(floor.ms(shock.at_s), self._strike, (shock, struck))

    def _plan(self, agent: Agent) -> None:
        floor, shift = self._floor, agent.team.shift
        late_s, stays_s = (self._chance.uniform(0, PUNCTUAL_WITHIN_S) for _ in range(2))
        begins_s = self._from_s
        if shift:
            begins_s = seconds_of_day(shift[0]) - self._offset_s - late_s
            ends_s = seconds_of_day(shift[1]) - self._offset_s + stays_s
            if ends_s <= self._from_s:
                return
            floor.later(floor.ms(ends_s), self._go_home, agent)
        floor.later(floor.ms(max(begins_s, self._from_s)), floor.release, agent)
        for rest in agent.team.breaks:
            self._plan_break(agent, rest, begins_s)

    def _plan_break(self, agent: Agent, rest: Break, begins_s: float) -> None:
        due_s = begins_s + rest.after_s + self._chance.uniform(0, rest.spread_s)
        if due_s <= self._from_s and rest.every_s:
            due_s += -((due_s - self._from_s) // rest.every_s) * rest.every_s
        if due_s >= self._from_s:
            self._floor.later(self._floor.ms(due_s), self._take_break, (agent, rest))

    def _take_break(self, at: int, subject: tuple[Agent, Break]) -> None:
        agent, rest = subject
        if rest.every_s:
            self._floor.later(at + round(rest.every_s * 1000), self._take_break, subject)
        if agent.state != "logged_out":
            agent.away.append(Away(rest.reason, round(rest.length_s * 1000)))
            self._call_away(at, agent)

    def _strike(self, at: int, subject: tuple[StaffingShock, random.Random]) -> None:
        shock, chance = subject
        floor = self._floor
        here = [a for a in floor.agents if shock.queue in a.queues and a.state != "logged_out"]
        for agent in chance.sample(here, round(shock.share * len(here))):
            away = Away(shock.reason, None)
            agent.away.append(away)
            self._call_away(at, agent)
            floor.later(at + round(shock.for_s * 1000), floor.come_back, (agent, away))
        if shock.every_s:
            floor.later(at + round(shock.every_s * 1000), self._strike, subject)

    def _call_away(self, at: int, agent: Agent) -> None:
        """Who is ready goes now; who is busy goes when the conversation at hand is over."""
        if agent.state != "ready":
            return
        if agent.since == at:
            self._floor.later(at + 1, self._call_away, agent)
        elif agent.away:
            self._floor.release(at, agent)

    def _go_home(self, at: int, agent: Agent) -> None:
        """Who is busy goes when the conversation at hand is over. Planned before all else, this is the first act of
        its millisecond, so the agent has not changed state in it."""
        agent.leaving = True
        if agent.state in ("ready", "not_ready"):
            self._floor.release(at, agent)
