"""Values out: changed queues to Redis at once (once a second while a backlog is read), every queue once per cadence; to
the kpis topic at once where a queue has been quiet or alert rules look at it, and once a second all that changed,
before it is told how far the data reaches: who judges takes a queue for unchanged up to there.

A queue has news when an event touched it, when a wait in it passes T, which makes it a miss, or when ten seconds end in
which there was news or somebody waits: alert rules look then. That a wait grows, and what leaves a rolling window, is
seen within a cadence; the start of the longest wait is told, so that readers make it tick. Versions are (generation of
the group, counter of this process).
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from callpulse import clock
from callpulse.current.fields import Current, field
from callpulse.settings import Settings, milliseconds
from callpulse.stream.core import details
from callpulse.stream.core.snapshot import Figures, QueueView
from callpulse.stream.core.windows import PANE_MS, floor
from callpulse.stream.current import CurrentWriter
from callpulse.stream.durations import Durations
from callpulse.stream.kpi_topic import KpiTopic
from callpulse.stream.pace import PACE_S, REST_S, Pace
from callpulse.stream.pseudonyms import names_of
from callpulse.stream.schedule import Schedule
from callpulse.stream.versions import Version, Versions
from callpulse.stream.viewing import Seen, Viewing

TOPIC_MS = 1000
LOOKED_AT_MS = 200  # between two records of a queue that alert rules look at now: many waits may pass T together
QUIET_MS = 60_000
SLICE = 4  # pictures sent together, made within about 5 ms: each round trip to Redis has a price of its own
FEW, SHARE = 10, 40  # at 25 rounds a second, every queue can be kept alive every two seconds


class Publisher:
    """One loop for Redis and the kpis topic. `now_ms` is the wall clock; `rounds`: how long each took that had work."""

    def __init__(
        self,
        viewing: Viewing,
        current: CurrentWriter,
        kpis: KpiTopic,
        versions: Versions,
        settings: Settings,
        writer: str,
    ) -> None:
        self.rounds = Durations()
        self._viewing = viewing
        self._current = current
        self._kpis = kpis
        self._versions = versions
        self._settings = settings
        self._writer = writer
        self._schedule = Schedule(milliseconds(settings.redis.cadence))
        self._published_ms: dict[str, int] = {}  # queue -> when its last picture was made
        self._turning: dict[str, tuple[int, int]] = {}  # queue -> (its partition, when it has news without an event)
        self._topic_ms: dict[str, int] = {}  # queue -> when it was last sent to the topic
        self._owed: dict[str, tuple[Seen, Version]] = {}  # what the topic has not been told yet
        self._looked_at: set[str] = set()  # of these, alert rules wait for it
        self._topic_tick_ms = 0

    async def run(self) -> None:
        """Publish until cancelled."""
        pace = Pace(wall=self._settings.worker.time == "wall")
        while True:
            now_ms, began_s = clock.now_ms(), clock.monotonic_s()
            if await self.round(now_ms):
                self.rounds.add(clock.monotonic_s() - began_s)
            pauses = round(pace.pace_s(now_ms, self._viewing.newest_ms()) / PACE_S)
            await asyncio.sleep(max(REST_S, PACE_S - (clock.monotonic_s() - began_s)))
            for _ in range(1, pauses):
                if pace.is_behind(clock.now_ms(), self._viewing.newest_ms()):
                    await asyncio.sleep(PACE_S)

    def follow(self, settings: Settings) -> None:
        """Every queue is told anew by these, also to the kpis topic, each when its moment of the cadence comes."""
        self._settings = settings
        self._topic_ms.clear()

    async def round(self, now_ms: int) -> bool:
        """Publish what is due at `now_ms`. Was anything?"""
        changed, reach = self._viewing.changed(), self._viewing.reach()  # at one moment: no event may fall between
        self._send()
        due = self._due(changed, reach, now_ms)
        for number, queue in enumerate(due, start=1):
            self._publish(queue, now_ms)
            if not number % SLICE or number == len(due):
                self._send()
            await asyncio.sleep(0)  # events have their turn
        tick = now_ms - self._topic_tick_ms >= TOPIC_MS
        await self._tell_topic([queue for queue in self._owed if tick or self._is_told_now(queue, now_ms)], now_ms)
        if tick:
            self._topic_tick_ms = now_ms
            self._kpis.send_places(self._viewing, reach, self._versions.next(), now_ms)
        return bool(due)

    def _is_told_now(self, queue: str, now_ms: int) -> bool:
        """It has been quiet for the topic, or is looked at: an alert may wait for it."""
        quiet_ms = now_ms - self._topic_ms.get(queue, 0)
        return quiet_ms >= (LOOKED_AT_MS if queue in self._looked_at else TOPIC_MS)

    async def _tell_topic(self, queues: Sequence[str], now_ms: int) -> None:
        for number, queue in enumerate(queues, start=1):
            seen, version = self._owed.pop(queue)
            self._topic_ms[queue] = now_ms
            self._looked_at.discard(queue)
            self._kpis.send_queue(seen, version, now_ms)
            if not number % SLICE:
                await asyncio.sleep(0)  # events have their turn

    def _send(self) -> None:
        """What was put, never without the heartbeats of that moment: a round of many queues may take seconds, and who
        sees figures go on and heartbeats stand still takes their source for silent."""
        self._current.put_sources(self._viewing.calls.heartbeats())
        self._current.send_soon()

    def _due(self, changed: set[str], reach: Mapping[int, int], now_ms: int) -> list[str]:
        """News first; of what is only to be kept alive no more than a share in each round, the oldest first, or a
        thousand quiet queues would make a busy one late."""
        for queue in changed:
            if queue not in self._schedule:
                self._schedule.add(queue, now_ms)
        others = (set(self._schedule.due(now_ms)) | self._late(reach)) - changed
        return self._oldest_first(changed) + self._oldest_first(others)[: FEW + len(self._schedule) // SHARE]

    def _oldest_first(self, queues: Iterable[str]) -> list[str]:
        """So what was taken over just now, and nobody shows, comes before what is on show already."""
        return sorted(queues, key=lambda queue: (self._published_ms.get(queue, 0), queue))

    def _late(self, reach: Mapping[int, int]) -> set[str]:
        """Which have news without an event."""
        return {queue for queue, (partition, at_ms) in self._turning.items() if at_ms <= reach.get(partition, 0)}

    def _note_turn(self, seen: Seen, *, news: bool) -> None:
        """When the next of those who wait will have waited past T, or what happened can be looked at."""
        view = seen.view
        past_ms = view.policy.past_t_ms
        turns = [at + past_ms for at in view.waiting if at + past_ms > view.as_of_ms]
        if news or view.waiting:
            turns.append(floor(view.as_of_ms, PANE_MS) + PANE_MS)
        if turns:
            self._turning[view.queue] = seen.partition, min(turns)

    def _publish(self, queue: str, now_ms: int) -> None:
        seen = self._viewing.see(queue)
        if seen is None:
            self._schedule.drop(queue)
            self._turning.pop(queue, None)
            return
        due = self._schedule.is_due(queue, now_ms)
        if due:
            self._schedule.done(queue, now_ms)
        whole = due or queue not in self._topic_ms  # the first picture is whole
        self._published_ms[queue] = now_ms
        turned = self._has_turned(seen)
        news = self._viewing.told(queue)  # also what came since the round began
        self._note_turn(seen, news=news)
        version = self._versions.next()
        self._current.put(self._as_current(seen, version, now_ms, self._parts(seen) if due else {}, whole))
        if news or turned or seen.view.waiting or self._is_due_for_topic(seen, now_ms, whole):
            self._owed[queue] = (seen, version)
        if turned:
            self._looked_at.add(queue)

    def _has_turned(self, seen: Seen) -> bool:
        queue = seen.view.queue
        turned = queue in self._turning and self._turning[queue][1] <= seen.view.as_of_ms
        if turned:
            del self._turning[queue]
        return turned

    def _is_due_for_topic(self, seen: Seen, now_ms: int, whole: bool) -> bool:
        """Without news: once per cadence while the last hour holds anything, else once a minute."""
        quiet_ms = now_ms - self._topic_ms.get(seen.view.queue, 0)
        return quiet_ms >= QUIET_MS or (whole and bool(seen.view.tallies["1h"]))

    def _parts(self, seen: Seen) -> dict[str, bytes]:
        """Made once per cadence and never sooner: they take several times as long as the figures, and who takes over
        hundreds of queues has to show those first."""
        view = seen.view
        calls, partition = self._viewing.calls, seen.partition
        reader, strip, minutes = calls.readers[partition], calls.strips[partition], calls.minutes[partition]
        present = names_of(self._settings).present(view.present)
        return {
            "intervals": _json(strip.rows(view.queue, view.policy, view.as_of_ms)),
            "spark": _json(minutes.rows(view.queue, view.policy, view.as_of_ms)),
            "worst": _json(details.worst(reader, view.queue, view.as_of_ms)),
            "agents": _json(details.agents(present)),
        }

    def _as_current(
        self, seen: Seen, version: Version, now_ms: int, parts: Mapping[str, bytes], whole: bool
    ) -> Current:
        view, settings = seen.view, self._settings
        return Current(
            kind="queue",
            name=view.queue,
            version=version,
            event_time_ms=view.as_of_ms,
            written_at_ms=now_ms,
            writer=self._writer,
            source=seen.source,
            fields=fields(seen.figures, view),
            clock=settings.worker.time,
            intervals=parts.get("intervals"),
            spark=parts.get("spark"),
            worst=parts.get("worst"),
            agents=parts.get("agents"),
            whole=whole,
        )


class _Names(dict[str, tuple[str, str]]):
    """KPI id -> its field and the field of its denominator, made once for each window."""

    def __init__(self, window: str) -> None:
        self.window = window

    def __missing__(self, kpi_id: str) -> tuple[str, str]:
        names = self[kpi_id] = (field(self.window, kpi_id), field(self.window, kpi_id, "n"))
        return names


_NAMES: dict[str, _Names] = {}


def fields(figures: Figures, view: QueueView) -> dict[str, float | int | None]:
    """`WINDOW.KPI_ID` and `WINDOW.KPI_ID.n`, and the queue's own target."""
    out: dict[str, float | int | None] = {}
    for window, by_id in figures.items():
        names = _NAMES.get(window) or _NAMES.setdefault(window, _Names(window))
        for kpi_id, figure in by_id.items():
            plain, of_n = names[kpi_id]
            out[plain] = figure.value
            if figure.n is not None:
                out[of_n] = figure.n
    out[field("target", "service_level")] = view.policy.target
    out[field("target", "threshold_s")] = view.policy.threshold_s
    return out


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
