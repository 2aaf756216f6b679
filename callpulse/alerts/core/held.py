"""Everything the alerts know that is stored: read back after a restart, changed one record at a time."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from msgspec.structs import replace

from callpulse.alerts.core import site_alert
from callpulse.alerts.core.foresight import Memory
from callpulse.alerts.core.lifecycle import Phase, Severity
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.profile import Profile
from callpulse.alerts.core.queue_alert import Change, QueueAlert
from callpulse.alerts.core.stored import ALERT, MUTE, PROFILE, SITE, WATCHED, OfQueue, OfSite, Stored, owed
from callpulse.alerts.core.watched import Watched

MEMORY_MS = 60_000  # of data time between two records of what was watched; the ticks bridge five minutes
PROFILE_MS = 900_000


class Fact(NamedTuple):
    """To be stored under its key, None = forgotten; then `notice` is to be told on `channels`, and `changes` and a mute
    that is `over` are to be said and counted."""

    key: str
    value: Stored | None
    notice: Notice | None = None
    channels: tuple[str, ...] = ()
    changes: Sequence[Change] = ()
    over: Mute | None = None


class Held:
    """By queue, by rule of the site, by id of the mute, by queue."""

    def __init__(self) -> None:
        self.queues: dict[str, OfQueue] = {}
        self.sites: dict[str, OfSite] = {name: OfSite(rule=name) for name in site_alert.CAUSES}
        self.mutes: dict[str, Mute] = {}
        self.memories: dict[str, Memory] = {}
        self._remembered: dict[str, int] = {}

    def restore(self, name: str, value: Stored) -> None:
        """Take up what was stored under a key that names this."""
        match value:
            case OfQueue():
                self.queues[name] = value
            case OfSite() if name in self.sites:
                self.sites[name] = value
            case Mute():
                self.mutes[name] = value
            case Watched():
                self.memory(name).watched = value
            case Profile():
                self.memory(name).profile = value

    def queue(self, queue: str) -> OfQueue:
        """What is known of its alert; at rest where nothing is."""
        return self.queues.get(queue) or OfQueue(alert=QueueAlert(queue=queue))

    def memory(self, queue: str) -> Memory:
        """What is remembered of it, begun where nothing is."""
        return self.memories.setdefault(queue, Memory())

    def all(self) -> list[OfQueue | OfSite]:
        """Every alert."""
        return [*self.queues.values(), *self.sites.values()]

    def undelivered(self) -> Iterator[tuple[str, Notice]]:
        """(channel, notice) of everything that was stored and has not ended."""
        for each in self.all():
            yield from each.undelivered.items()

    def standing(self) -> Iterator[tuple[Notice, tuple[str, ...]]]:
        """What was told last of each trouble that lasts, and the channels that were told."""
        for each in self.all():
            if each.incident is not None and each.latest is not None:
                yield each.latest, each.incident.channels

    def put(self, held: OfQueue | OfSite) -> Fact:
        """From now on this is known."""
        if isinstance(held, OfSite):
            self.sites[held.rule] = held
            return Fact(SITE + held.rule, held)
        queue = held.alert.queue
        self.queues[queue] = held
        return Fact(ALERT + queue, held if is_news(held, OfQueue(alert=QueueAlert(queue=queue))) else None)

    def untold(self, fact: Fact, queues: Collection[str]) -> Fact:
        """The same without the first news of the trouble of one of these queues."""
        held = fact.value
        if not isinstance(held, OfQueue) or fact.notice is None or fact.notice.kind != "firing":
            return fact
        if held.alert.queue not in queues:
            return fact
        trouble = held.incident and replace(held.incident, told=Severity.NONE, told_ms=0)
        left = {name: each for name, each in held.undelivered.items() if each is not fact.notice}
        known = replace(held.with_incident(trouble), latest=None, undelivered=left)
        return self.put(known)._replace(changes=fact.changes)

    def ended(self, channel: str, notice: Notice) -> Iterator[Fact]:
        """A channel is done with this notice."""
        for held in self.all():
            waiting = held.undelivered.get(channel)
            if waiting is not None and waiting.news_id == notice.news_id:
                left = {name: each for name, each in held.undelivered.items() if name != channel}
                yield self.put(replace(held, undelivered=left))

    def mute(self, mute: Mute) -> Fact:
        """In force, or with more that it has hidden."""
        self.mutes[mute.id] = mute
        return Fact(MUTE + mute.id, mute)

    def unmute(self, mute: Mute) -> Fact:
        """It is over."""
        del self.mutes[mute.id]
        return Fact(MUTE + mute.id, None, over=mute)

    def remembered(self, queue: str, at_ms: int) -> Iterator[Fact]:
        """What is remembered of the queue, now and then, each queue at its own moments."""
        memory = self.memories.get(queue)
        if memory is None:
            return
        for prefix, every_ms, value in ((WATCHED, MEMORY_MS, memory.watched), (PROFILE, PROFILE_MS, memory.profile)):
            turn = (at_ms - crc32(queue.encode()) % every_ms) // every_ms
            if self._remembered.setdefault(prefix + queue, turn) != turn:
                self._remembered[prefix + queue] = turn
                yield Fact(prefix + queue, value)

    def forget(self, queue: str, now_ms: int) -> list[Fact]:
        """Nobody tells of this queue any more. Who was told of its trouble is told that it is over."""
        facts = [Fact(prefix + queue, None) for prefix in (WATCHED, PROFILE)] if self.memories.pop(queue, None) else []
        for fact in facts:
            self._remembered.pop(fact.key, None)
        held = self.queue(queue)
        rest = OfQueue(alert=QueueAlert(queue=queue), undelivered=held.undelivered)
        if is_news(held, rest):
            facts.append(self._over(held, rest, now_ms))
        elif not held.undelivered:
            self.queues.pop(queue, None)
        return facts

    def _over(self, held: OfQueue, rest: OfQueue, now_ms: int) -> Fact:
        trouble = held.incident
        if trouble is None or not trouble.told or held.latest is None:
            return self.put(rest)
        at_ms = max(now_ms, held.latest.at_ms)
        notice = replace(held.latest, kind="resolved", at_ms=at_ms, ended_ms=at_ms)
        fact = self.put(replace(rest, undelivered=owed(rest.undelivered, trouble.channels, notice)))
        return fact._replace(notice=notice, channels=trouble.channels)


def is_news(held: OfQueue, before: OfQueue) -> bool:
    """Whether it has to be stored: that time went by is none."""
    return _content(held) != _content(before)


def _content(held: OfQueue) -> OfQueue:
    pending = any(state.phase is Phase.PENDING for state in held.states.values())
    return replace(held, alert=replace(held.alert, at_ms=held.alert.at_ms // MEMORY_MS if pending else 0, fired=()))
