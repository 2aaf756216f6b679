"""The lines of a queue_log that are about callers: visits begin, are answered, left, ended."""

from collections.abc import Callable

from callpulse.sources.names import caller_hash
from callpulse.sources.queue_log_agents import Agents
from callpulse.sources.queue_log_fields import Refused, seconds
from callpulse.sources.queue_log_names import LogNames, QueueLogOptions
from callpulse.sources.queue_log_visits import Key, Left, Visits
from callpulse.stream.core.events import Abandoned, Connected, Ended, Enqueued, Event, Exited, Lost, Reason

Handler = Callable[[int, list[str]], list[Event]]
_NO_PARAMETER = 10_000  # a position that no line reaches
_TOLERANCE_MS = 1_000


class CallLines:
    """Handlers `(at, fields) -> events`. They change `visits` and `agents`; they raise Refused."""

    def __init__(self, options: QueueLogOptions, names: LogNames, visits: Visits, agents: Agents) -> None:
        self._names, self._visits, self._agents = names, visits, agents
        self._hash_key = options.customer_key
        self._channel, self._site = options.channel, options.site

    def handlers(self) -> dict[str, Handler]:
        return {
            "ENTERQUEUE": self._enter,
            "CONNECT": self._connect,
            "ABANDON": self._abandon,
            "EXITWITHTIMEOUT": lambda at, f: self._exit(at, f, "timeout", 7),
            "EXITEMPTY": lambda at, f: self._exit(at, f, "empty", 7),
            "EXITWITHKEY": lambda at, f: self._exit(at, f, "key", 8),
            "SYSCOMPAT": lambda at, f: self._exit(at, f, "other", _NO_PARAMETER),  # Asterisk drops the caller
            "COMPLETEAGENT": lambda at, f: self._end(at, f, "agent", 5),
            "COMPLETECALLER": lambda at, f: self._end(at, f, "customer", 5),
            "BLINDTRANSFER": lambda at, f: self._end(at, f, "transfer", 7),
            "TRANSFER": lambda at, f: self._end(at, f, "transfer", 7),
            # method LINK names two channels; BRIDGE names a bridge, APP an application
            "ATTENDEDTRANSFER": lambda at, f: self._end(at, f, "transfer", 8 if f[5:6] == ["LINK"] else 7),
        }

    def lost(self, at: int) -> list[Event]:
        """The platform restarted: who waited then is gone."""
        return [
            Lost(at=at, queue=q, contact_id=c, channel=self._channel, site=self._site, why="restart")
            for q, c in self._visits.restart(at)
        ]

    def _enter(self, at: int, fields: list[str]) -> list[Event]:
        queue, call_id = key = self._names.key(fields)
        self._visits.enter(key, at)
        customer = caller_hash(fields[6], self._hash_key) if self._hash_key and len(fields) > 6 else None
        return [
            Enqueued(
                at=at,
                queue=queue,
                contact_id=call_id,
                channel=self._channel,
                site=self._site,
                customer=customer,
            )
        ]

    def _connect(self, at: int, fields: list[str]) -> list[Event]:
        key, wait_s, agent = self._names.key(fields), seconds(fields, 5), self._names.agents[fields[3]]
        left = self._answer(key, at, wait_s, agent, 5)
        connected = self._connected(key[0], at, left, wait_s, agent)
        if agent is None:
            return [connected]
        return [connected, *self._agents.connect(agent, key[0], (key[0], left.contact_id), at)]

    def _abandon(self, at: int, fields: list[str]) -> list[Event]:
        key, wait_s = self._names.key(fields), seconds(fields, 7)
        left = self._leave(key, at, wait_s, 7)
        return [
            Abandoned(
                at=at,
                queue=key[0],
                contact_id=left.contact_id,
                channel=self._channel,
                site=self._site,
                enqueued_at=_arrival(left, at, wait_s),
                wait_s=wait_s,
            )
        ]

    def _exit(self, at: int, fields: list[str], cause: str, wait_at: int) -> list[Event]:
        key, wait_s = self._names.key(fields), seconds(fields, wait_at)
        left = self._leave(key, at, wait_s, min(wait_at, 8))
        return [
            Exited(
                at=at,
                queue=key[0],
                contact_id=left.contact_id,
                channel=self._channel,
                site=self._site,
                cause=cause,
                enqueued_at=_arrival(left, at, wait_s),
                wait_s=wait_s,
            )
        ]

    def _end(self, at: int, fields: list[str], by: str, wait_at: int) -> list[Event]:
        key, agent = self._names.key(fields), self._names.agents[fields[3]]
        wait_s, talk_s = seconds(fields, wait_at), seconds(fields, wait_at + 1)
        left = self._visits.end(key, at, talk_s, wait_s, agent)
        events: list[Event] = []
        if left is None:
            if talk_s is None:
                raise Refused(wait_at + 1, "empty, and no CONNECT before; expected seconds", Reason.NO_ARRIVAL)
            answered = at - talk_s * 1000
            left = self._answer(key, answered, wait_s, agent, wait_at)
            self._visits.end(key, at, talk_s, wait_s, agent)
            events.append(self._connected(key[0], answered, left, wait_s, agent))
        events.append(self._ended(at, key[0], left, agent, talk_s, by))
        if agent is not None:
            events += self._agents.free(agent, (key[0], left.contact_id), at)
        return events

    def _leave(self, key: Key, at: int, wait_s: int | None, wait_at: int) -> Left:
        return self._found(self._visits.leave(key, at, wait_s), wait_at)

    def _answer(self, key: Key, at: int, wait_s: int | None, agent: str | None, wait_at: int) -> Left:
        return self._found(self._visits.answer(key, at, wait_s, agent), wait_at)

    @staticmethod
    def _found(left: Left | None, wait_at: int) -> Left:
        if left is None:
            raise Refused(wait_at, "empty, and no ENTERQUEUE before; expected seconds", Reason.NO_ARRIVAL)
        return left

    def _connected(self, queue: str, at: int, left: Left, wait_s: int | None, agent: str | None) -> Connected:
        return Connected(
            at=at,
            queue=queue,
            contact_id=left.contact_id,
            channel=self._channel,
            site=self._site,
            agent=agent,
            enqueued_at=_arrival(left, at, wait_s),
            wait_s=wait_s,
        )

    def _ended(self, at: int, queue: str, left: Left, agent: str | None, talk_s: int | None, by: str) -> Ended:
        return Ended(
            at=at,
            queue=queue,
            contact_id=left.contact_id,
            channel=self._channel,
            site=self._site,
            agent=agent,
            talk_s=talk_s,
            by=by,
        )


def _arrival(left: Left, at: int, wait_s: int | None) -> int | None:
    """The entry's own time, where it agrees with the stated wait (or there is none); an older entry under
    the same call id belongs to another visit."""
    if wait_s is None:
        return min(left.arrived_ms, at)
    if abs(at - wait_s * 1000 - left.arrived_ms) <= _TOLERANCE_MS:
        return min(left.arrived_ms, at)
    return None
