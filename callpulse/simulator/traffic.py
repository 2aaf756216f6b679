"""A contact centre's events, from a scenario, a start and a seed.

A discrete-event simulation: callers arrive, wait, lose patience, are offered, answered, put on hold, handed
on; agents come, work, rest and go. Same arguments, same events, byte for byte.
"""

from collections.abc import Iterator
from heapq import heappop
from math import inf

from callpulse.simulator.callers import Caller
from callpulse.simulator.floor import OVER, RINGING, TALKING, WAITING, Act, Away, Floor, Line, Visit
from callpulse.simulator.presence import Presence
from callpulse.simulator.scenario import DAY_S, Scenario, seconds_of_day
from callpulse.stream.core.events import (
    Abandoned,
    Connected,
    Ended,
    Enqueued,
    Event,
    Exited,
    Held,
    NotOffered,
    Resumed,
    WrappedUp,
)

MISSED_PAUSE_MS = 20_000  # who lets a call ring is set not ready, as telephone systems do


def simulate(scenario: Scenario, start_ms: int, seed: int, duration_s: float | None = None) -> Iterator[Event]:
    """Events in the order of their time, from the scenario's `warmup_s` before `start_ms` (the floor is empty then)
    until `duration_s` after it, or until the scenario ends if that is sooner. None: until the scenario ends; one
    without an end goes on for ever. A longer duration begins with the same events as a shorter one."""
    length_s = min(inf if scenario.length_s is None else scenario.length_s, inf if duration_s is None else duration_s)
    traffic = _Traffic(scenario, start_ms, seed)
    return traffic.until(inf if length_s == inf else traffic.ms(length_s))


class _Traffic(Floor):
    def __init__(self, scenario: Scenario, start_ms: int, seed: int) -> None:
        super().__init__(scenario, start_ms, seed)
        self._offset_s = seconds_of_day(scenario.starts_at)
        self._ends_s = inf if scenario.length_s is None else scenario.length_s
        self._contacts = 0
        Presence(scenario, self, seed)
        for line in self.lines.values():
            self._expect_next(line)
            self._plan_closing(line)

    def until(self, end_ms: float) -> Iterator[Event]:
        """What happens before `end_ms`."""
        heap, out = self.heap, self.out
        while heap and heap[0][0] < end_ms:
            at, _, act, subject = heappop(heap)
            act(at, subject)
            yield from out
            out.clear()

    def _expect_next(self, line: Line) -> None:
        arrival_s = line.callers.next_arrival_s(line.arrival_s, self._ends_s)
        if arrival_s is not None:
            line.arrival_s = arrival_s
            self.later(self.ms(arrival_s), self._arrive, line)

    def _plan_closing(self, line: Line) -> None:
        if line.queue.open:
            closes_s = seconds_of_day(line.queue.open[1]) - self._offset_s
            days = -((closes_s - line.arrival_s) // DAY_S)
            self.later(self.ms(closes_s + max(0, days) * DAY_S), self._close, line)

    def _arrive(self, at: int, line: Line) -> None:
        self._contacts += 1
        contact_id = f"{at}.{self._contacts}"
        callers = line.callers
        if callers.next_hangs_up_in_menu():
            self._refuse(at, line, contact_id, "menu", callers.menu_s())
        else:
            caller = callers.draw()
            refusal = self._refusal(at, line)
            if refusal:
                self._refuse(at, line, contact_id, refusal, caller.ivr_s)
            else:
                self._enter(at, line, contact_id, caller)
        self._expect_next(line)

    def _refusal(self, at: int, line: Line) -> str | None:
        queue = line.queue
        if queue.open:
            time_s = (self._offset_s + (at - self.start_ms) / 1000) % DAY_S
            if not seconds_of_day(queue.open[0]) <= time_s < seconds_of_day(queue.open[1]):
                return "closed"
        return "full" if queue.capacity is not None and line.waiting >= queue.capacity else None

    def _refuse(self, at: int, line: Line, contact_id: str, why: str, ivr_s: float | None) -> None:
        self.out.append(
            NotOffered(
                at=at,
                source=self.source,
                queue=line.id,
                contact_id=contact_id,
                channel=line.queue.channel,
                site=line.queue.site,
                why=why,
                ivr_s=ivr_s,
            )
        )

    def _enter(self, at: int, line: Line, contact_id: str, caller: Caller) -> None:
        visit = Visit(contact_id, line, caller, at)
        self.say(
            Enqueued,
            at,
            visit,
            channel=line.queue.channel,
            site=line.queue.site,
            ivr_s=caller.ivr_s,
            customer=caller.customer,
            reason=caller.reason,
            priority=caller.priority,
        )
        self.later(at + caller.leaves_after_ms, self._leave, visit)
        self.wait(at, visit)

    def _leave(self, at: int, visit: Visit) -> None:
        self._leave_as(at, visit, visit.caller.leaves_as, self._leave)

    def _send_away(self, at: int, visit: Visit) -> None:
        self._leave_as(at, visit, "closed", self._send_away)

    def _close(self, at: int, line: Line) -> None:
        for *_, visit in sorted(line.visits, key=lambda place: place[:3]):
            if visit.state == WAITING:
                self._send_away(at, visit)
        self.later(at + DAY_S * 1000, self._close, line)

    def _leave_as(self, at: int, visit: Visit, leaves_as: str, again: Act) -> None:
        if visit.state not in (WAITING, RINGING):
            return
        ringing = visit.state == RINGING
        if ringing and visit.agent.since == at:
            self.later(at + 1, again, visit)
            return
        visit.state = OVER
        self._say_left(at, visit, leaves_as)
        if ringing:
            self.release(at, visit.agent)
        else:
            visit.line.waiting -= 1

    def _say_left(self, at: int, visit: Visit, leaves_as: str) -> None:
        wait_s = (at - visit.enqueued_at) / 1000
        if leaves_as == "abandoned":
            self.say(Abandoned, at, visit, wait_s=wait_s)
        else:
            self.say(Exited, at, visit, cause=leaves_as, wait_s=wait_s)

    def answer(self, at: int, visit: Visit) -> None:
        if visit.state != RINGING:
            return
        if visit.caller.missed and visit.rings == 1:
            visit.agent.away.insert(0, Away("missed", MISSED_PAUSE_MS))
            self.release(at, visit.agent)
            self.wait(at, visit)
        else:
            self._connect(at, visit)

    def _connect(self, at: int, visit: Visit) -> None:
        visit.state = TALKING
        caller = visit.caller
        self.say(Connected, at, visit, agent=visit.agent.id, wait_s=(at - visit.enqueued_at) / 1000)
        self.turn(at, visit.agent, "talking")
        if caller.hold_after_ms is None:
            self.later(at + caller.talk_ms, self._end, visit)
        else:
            self.later(at + caller.hold_after_ms, self._hold, visit)

    def _hold(self, at: int, visit: Visit) -> None:
        agent = visit.agent
        self.say(Held, at, visit, agent=agent.id)
        self.turn(at, agent, "hold")
        self.later(at + visit.caller.hold_ms, self._resume, visit)

    def _resume(self, at: int, visit: Visit) -> None:
        agent, caller = visit.agent, visit.caller
        self.say(Resumed, at, visit, agent=agent.id)
        self.turn(at, agent, "talking")
        self.later(at + caller.talk_ms - (caller.hold_after_ms or 0), self._end, visit)

    def _end(self, at: int, visit: Visit) -> None:
        visit.state = OVER
        agent, caller = visit.agent, visit.caller
        target = self.lines[caller.transfer_to] if caller.transfer_to else None
        if target and self._refusal(at, target):
            target = None
        self.say(
            Ended,
            at,
            visit,
            agent=agent.id,
            talk_s=caller.talk_ms / 1000,
            hold_s=0.0 if caller.hold_after_ms is None else caller.hold_ms / 1000,
            by="agent" if caller.transfer_to and not target else caller.ended_by,
        )
        self.turn(at, agent, "wrapup")
        self.later(at + caller.wrap_up_ms, self._wrap_up, visit)
        if target:
            self._enter(at, target, visit.contact_id, target.callers.draw_transferred(caller.customer))

    def _wrap_up(self, at: int, visit: Visit) -> None:
        self.say(WrappedUp, at, visit, agent=visit.agent.id, wrap_up_s=visit.caller.wrap_up_ms / 1000)
        self.release(at, visit.agent)
