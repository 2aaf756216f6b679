"""The alerts of a site as one worker keeps them, while the group lets it: what was stored is read back, every look is
stored before anybody is told, and who takes over finds all of it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from callpulse.alerts.core.engine import Engine, Plan
from callpulse.alerts.core.hearing import Heard, by_news, listened
from callpulse.alerts.core.held import Fact
from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.core.notice import Notice, WorstContact
from callpulse.alerts.core.queue_alert import Change
from callpulse.alerts.core.rule_faults import unmet
from callpulse.alerts.core.site_alert import Place
from callpulse.alerts.core.stored import Command, Stored
from callpulse.alerts.seeing import moment_of, places
from callpulse.alerts.storing import FAILURES, AlertTopic, stored
from callpulse.alerts.telling import Told
from callpulse.stream.board_record import QueueRecord
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.windows import PANE_MS, floor
from callpulse.stream.durations import Durations
from callpulse.stream.kpi_table import KpiTable
from callpulse.undecodable import UNDECODABLE

AROUND_MS = 1000
STORED_WITHIN_S = 5.0  # a Kafka that takes nothing must not keep an alert from being told
SETTLING_MS = 15_000  # after taking over, until it is known what is heard anew
QUIET_MS = 20_000  # a queue of which nothing came for so long is judged by how far its partition has come

Worst = Callable[[str], tuple[WorstContact, ...]]

log = logging.getLogger("callpulse.alerts")


class Duty:
    """`told_total` by (channel, how it ended), `changed_total` by (rule, reason), and `judged_total`, looks at a queue,
    only grow; `judging`: how long the rounds took in which there was something to judge."""

    def __init__(self, plan: Plan, table: KpiTable, topic: AlertTopic, policy: Callable[[str], Policy]) -> None:
        self.engine = Engine(plan)
        self.table, self.topic = table, topic
        self.told_total: Counter[tuple[str, str]] = Counter()
        self.changed_total: Counter[tuple[str, str]] = Counter()
        self.judged_total = 0
        self.judging = Durations()
        self.not_stored_since_ms: int | None = None
        self._policy = policy
        self._read: dict[str, Stored | None] = {}
        self._ended: list[Told] = []
        self._around_ms = self._began_ms = 0
        self._places: dict[str, Place] = {}
        self._heard: dict[str, Heard] = {}
        self._flushing: asyncio.Task[None] | None = None

    # -- taking over

    def read(self, record: Any) -> None:
        """A record of the alerts topic, before `restore`; afterwards they are our own, or a frozen worker's."""
        found = self.topic.read(record)
        if found is not None:
            key, value = found
            self._read[key] = value

    def restore(self) -> None:
        """Take up what was read."""
        self.topic.take_over()
        for name, value in stored(self._read):
            self.engine.held.restore(name, value)
        self._read = {}
        self._say_unmet()

    def follow(self, plan: Plan, policy: Callable[[str], Policy]) -> None:
        """From now on by other rules and definitions."""
        self._policy = policy
        self.engine.follow(plan)
        self._say_unmet()

    def _say_unmet(self) -> None:
        """Here it is known first which queues there are: all that were ever heard of."""
        for said in unmet(self.engine.plan.rules, self.table.queues):
            log.warning("%s", said)

    # -- a round

    def ended(self, told: Told) -> None:
        """A channel is done with a notice; stored in the next round."""
        self._ended.append(told)

    def judged(self, commands: Iterable[Command], worst: Worst, now_ms: int) -> list[Fact]:
        """Everything that is new."""
        facts = [fact for command in commands for fact in self.engine.obey(command, now_ms)] + self._done_with()
        for record in list(self.table.queues.values()):
            facts += self._looked_at(record, worst, now_ms)
        if now_ms - self._around_ms >= AROUND_MS:
            self._around_ms = now_ms
            self._places = self._seen_places(now_ms)
            facts += self.engine.look_around(by_news(self._places, self._heard), now_ms)
            facts += self._forgotten(now_ms)
        return self.engine.as_one(facts)

    async def store(self, facts: Sequence[Fact], now_ms: int) -> None:
        """Returns when Kafka has them, or takes too long."""
        for fact in facts:
            self.topic.put(fact)
        if not self.topic.unsent:
            return
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self.topic.flush())
        done, _ = await asyncio.wait({self._flushing}, timeout=STORED_WITHIN_S)
        error = self._flushing.exception() if done and not self._flushing.cancelled() else None
        if error is not None and not isinstance(error, FAILURES):
            raise error
        self._note(stored=bool(done) and error is None, now_ms=now_ms)

    def count(self, facts: Iterable[Fact]) -> list[Change]:
        """Say and count what happened."""
        changes = [change for fact in facts for change in fact.changes]
        for change in changes:
            moved = change.transition
            self.changed_total[change.rule, moved.reason.value] += 1
            where = change.queue or "the whole site"
            what = moved.new.name.lower() if moved.new else "over"
            log.info("%s: %s is %s (%s)", where, change.rule, what, moved.reason.value)
        for fact in facts:
            if fact.over is not None:
                log.info(
                    "the mute %s of %s is over; it hid %d alerts", fact.over.id, fact.over.by, len(fact.over.hidden)
                )
        return changes

    async def hand_over(self, now_ms: int) -> None:
        """Somebody else judges now: what has been told is stored, so that it is not told again."""
        await self.store(self._done_with(), now_ms)
        if self._flushing is not None:
            self._flushing.cancel()

    def _done_with(self) -> list[Fact]:
        """What channels are done with."""
        ended, self._ended = self._ended, []
        for each in ended:
            self.told_total[each.channel, type(each.how).__name__.lower()] += 1
        return [fact for each in ended for fact in self.engine.held.ended(each.channel, each.notice)]

    def troubled(self) -> list[str]:
        """Queues of which a rule is not at rest, and that have something to judge."""
        restless = (queue for queue, held in self.engine.held.queues.items() if held.states)
        records = (self.table.queues.get(queue) for queue in restless)
        return [record.queue for record in records if record is not None and self._at_ms(record) is not None]

    def _seen_places(self, now_ms: int) -> dict[str, Place]:
        """Where it is known how old what is heard is."""
        found = places(self.table, lambda queue: self.engine.onset(queue, now_ms))
        self._heard = listened(found, self._heard, self.engine.plan.limits, now_ms)
        self._began_ms = self._began_ms or now_ms
        if now_ms - self._began_ms < SETTLING_MS:
            return {queue: place._replace(written_ms=None, heard_ms=None) for queue, place in found.items()}
        return found

    def _looked_at(self, record: QueueRecord, worst: Worst, now_ms: int) -> list[Fact]:
        at_ms, sight = self._at_ms(record), self._sight(record, now_ms)
        if at_ms is None and self._stands_still(record, now_ms):
            at_ms, sight = now_ms, Sight.BLIND
        if at_ms is None:
            return []
        try:
            moment = moment_of(record, self._policy(record.queue), at_ms)
        except UNDECODABLE as error:
            log.warning("kpis of %r: not understood (%s)", record.queue, error)
            del self.table.queues[record.queue]  # said once; its next record takes the place
            return []
        age_s = (now_ms - self.table.reach_ms(record)) / 1000 if self.engine.plan.by_wall_clock else None
        moment = msgspec.structs.replace(moment, worst=worst(record.queue), age_s=age_s)
        before = self.engine.looked.get(record.queue)
        facts = self.engine.look(moment, sight, now_ms)
        self.judged_total += self.engine.looked.get(record.queue) is not before
        return facts

    def _at_ms(self, record: QueueRecord) -> int | None:
        """As far as its newest record says; of a queue that is quiet, as far as its partition's data reaches."""
        judged_ms = self.engine.held.queue(record.queue).alert.at_ms
        if floor(record.as_of_ms, PANE_MS) > judged_ms:
            return record.as_of_ms
        reach_ms = self.table.reach_ms(record)
        return reach_ms if floor(reach_ms - QUIET_MS, PANE_MS) > judged_ms else None

    def _stands_still(self, record: QueueRecord, now_ms: int) -> bool:
        """Of what stands still, only its age can be judged, by the wall clock."""
        judged_ms = self.engine.held.queue(record.queue).alert.at_ms
        late = self.engine.plan.by_wall_clock and now_ms - self.table.reach_ms(record) > QUIET_MS
        return late and floor(now_ms, PANE_MS) > judged_ms and self.engine.ages(record.queue)

    def _sight(self, record: QueueRecord, now_ms: int) -> Sight:
        place = self._places.get(record.queue)
        if place is None or place.heard_ms is None or not self.engine.plan.by_wall_clock:
            return Sight.SEEN
        return Sight.BLIND if now_ms - place.heard_ms > self.engine.plan.limits.blind_ms else Sight.SEEN

    def _forgotten(self, now_ms: int) -> list[Fact]:
        """Of queues that nobody tells of any more."""
        if not self.table.queues:
            return []
        gone = (self.engine.held.queues.keys() | self.engine.held.memories.keys()) - self.table.queues.keys()
        return [fact for queue in sorted(gone) for fact in self.engine.forget(queue, now_ms)]

    def _note(self, *, stored: bool, now_ms: int) -> None:
        if stored:
            if self.not_stored_since_ms is not None:
                log.warning("Kafka takes alerts again")
            self.not_stored_since_ms = None
        elif self.not_stored_since_ms is None:
            self.not_stored_since_ms = now_ms
            log.warning("Kafka takes no alerts; they are told all the same, and stored when it does")


def notices(facts: Iterable[Fact]) -> list[tuple[str, Notice]]:
    """(channel, notice) of all that is to be told."""
    return [(channel, fact.notice) for fact in facts if fact.notice is not None for channel in fact.channels]
