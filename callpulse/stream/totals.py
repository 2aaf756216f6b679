"""The total of all queues, and of each group: read from `callpulse.kpis`, added, then divided once.

The topic has one partition, so one worker owns this; the others stand by. At every assignment it is read from its
start, and nothing is published before the end seen then is reached.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from callpulse import clock
from callpulse.current.fields import Current
from callpulse.settings import Settings, milliseconds
from callpulse.stream.board_record import QueueRecord, to_view
from callpulse.stream.core import snapshot, windows
from callpulse.stream.core.kpis import Figure
from callpulse.stream.core.roster import EVERYBODY, Presence
from callpulse.stream.core.snapshot import Figures, QueueView
from callpulse.stream.current import CurrentWriter
from callpulse.stream.kpi_table import KpiTable
from callpulse.stream.kpi_topic import KpiTopic
from callpulse.stream.publishing import fields
from callpulse.stream.transport import Batch, Part
from callpulse.stream.versions import Versions

PACE_S = 0.25
REST = 9  # times as long as a round took: adding up hundreds of queues must not keep events waiting
LONGEST_REST_S = 2.0  # also after a process stood still in the middle of a round
TOPIC_MS = 1000


def rest_s(took_s: float) -> float:
    """How long to let events go first, after a round that took `took_s`."""
    return max(PACE_S, min(REST * took_s, LONGEST_REST_S))


class Totals:
    """What the kpis topic says, and the sums of it."""

    def __init__(
        self, current: CurrentWriter, kpis: KpiTopic, versions: Versions, settings: Settings, writer: str
    ) -> None:
        self.heard = KpiTable(milliseconds(settings.redis.ttl))
        self._current = current
        self._kpis = kpis
        self._versions = versions
        self._settings = settings
        self._writer = writer
        self._cadence_ms = milliseconds(settings.redis.cadence)
        self._part: Part | None = None
        self._groups: set[str] = set()  # of which the topic tells
        self._news = False
        self._written_ms = self._topic_ms = 0

    # -- reading

    def ready(self, part: Part) -> None:
        """This worker owns the topic now; it is read from the start."""
        self.lost()
        self._part = part

    def lost(self) -> None:
        """Somebody else adds up now."""
        self._part = None
        self._groups.clear()
        self.heard.clear()

    def apply(self, batch: Batch, part: Part) -> None:
        """Take in records."""
        for record in batch:
            self.heard.take(record)
            self._note_group(record)
        part.next = batch[-1].offset + 1
        self._news = True

    def _note_group(self, record: Any) -> None:
        kind, _, name = (record.key or b"").partition(b":")
        if kind == b"group":
            (self._groups.discard if record.value is None else self._groups.add)(name.decode(errors="replace"))

    def follow(self, settings: Settings) -> None:
        """From now on by these groups and definitions."""
        self._settings = settings
        self._news = True

    def reasons(self) -> list[str]:
        """Why total and groups are not told."""
        part, newer = self._part, list(self.heard.newer.values())
        if part is None or part.next < part.end or not newer:
            return []
        return [f"no total and no groups: {newer[0]}"]

    # -- adding up

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            began_s = clock.monotonic_s()
            await self.round(clock.now_ms())
            await asyncio.sleep(rest_s(clock.monotonic_s() - began_s))

    async def round(self, now_ms: int) -> None:
        """Publish total and groups where there is news, and once per cadence; nothing where a later callpulse tells of
        a part of them."""
        part = self._part
        if part is None or part.next < part.end or not self.heard.queues or self.heard.newer:
            return
        if not self._news and now_ms - self._written_ms < self._cadence_ms:
            return
        self._news, self._written_ms = False, now_ms
        to_topic = now_ms - self._topic_ms >= TOPIC_MS
        if to_topic:
            self._topic_ms = now_ms
        await self._publish("total", "total", list(self.heard.queues.values()), now_ms, to_topic)
        for name, group in self._settings.groups.items():
            if self._part is not part:
                return  # lost while events had their turn; whoever owns it now reads it from the start first
            chosen = [record for queue, record in self.heard.queues.items() if group.holds(queue)]
            if chosen:
                await self._publish("group", name, chosen, now_ms, to_topic)
        self._current.send_soon()
        await self._take_out(self._groups - self._settings.groups.keys())

    async def _take_out(self, gone: set[str]) -> None:
        """Groups that the settings have no more, whoever published them."""
        for name in sorted(gone):
            self._kpis.take_out(f"group:{name}")
            await self._current.remove("group", name)
        self._groups -= gone

    async def _publish(self, kind: Any, name: str, records: list[QueueRecord], now_ms: int, to_topic: bool) -> None:
        part, views = self._part, self.views(records)
        reach = min(view.as_of_ms for view in views)
        figures: Figures = {}
        for window, found in self.by_window(kind, views):
            figures[window] = found
            await asyncio.sleep(0)  # events have their turn
        if self._part is not part:
            return
        version = self._versions.next()
        self._current.put(
            Current(
                kind=kind,
                name=name,
                version=version,
                event_time_ms=reach,
                written_at_ms=now_ms,
                writer=self._writer,
                source="",
                fields=fields(figures, views[0]._replace(policy=self._settings.policy(EVERYBODY))),
                clock=self._settings.worker.time,
            )
        )
        if to_topic:
            key = "total" if kind == "total" else f"group:{name}"
            record = {"v": 1, "as_of_ms": reach, "written_at_ms": now_ms, "version": version, "writer": self._writer}
            self._kpis.send_total(key, record | {"windows": figures})

    def views(self, records: Iterable[QueueRecord]) -> list[QueueView]:
        """The queues again, each as far as its partition's data reaches."""
        found = []
        calendar = self._settings.calendar()
        latest = max((reach.as_of_ms for reach in self.heard.as_of.values()), default=0)
        for record in records:
            as_of = self.heard.reach_ms(record)
            at = max(as_of, latest)
            running = {"interval": windows.interval(at, calendar), "day": windows.day(at, calendar)}
            found.append(to_view(record, self._settings.policy(record.queue), as_of, running))
        return found

    def by_window(self, kind: str, views: list[QueueView]) -> Iterator[tuple[str, dict[str, Figure]]]:
        """Tallies added, then divided, one window after the other; people counted once."""
        queues = {view.queue for view in views}
        everyone = kind == "total"
        present = [
            Presence(agent, state, since, "")
            for people in self.heard.people.values()
            for agent, state, since, served in people.agents
            if everyone or queues.intersection(served)
        ]
        time = self.views([self.heard.everybody])[0].agent_ms if everyone and self.heard.everybody is not None else {}
        who = views[0]._replace(present=present, agent_ms=time)
        return snapshot.by_window(views, who)
