"""A site of a few queues over a day, for tests: what is seen holds until something else is, rules look every ten
seconds, and every notice is kept with the time at which it was told."""

from collections import deque
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.engine import Engine, Plan
from callpulse.alerts.core.held import Fact
from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.rules import Level, Rule, Seen
from callpulse.alerts.core.site_alert import Place
from callpulse.alerts.core.stored import Command, kind_of
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.ticks import KEPT, Tick
from tests.timeline import TICK_MS, ms_of, time_of

Shares = dict[str, tuple[float | None, int]]
WELL = {"service_level": (0.95, 60), "abandonment_rate": (0.02, 60)}
BAD = {"service_level": (0.45, 60), "abandonment_rate": (0.02, 60)}
LATE = Rule(
    name="late", kpi="service_level", side="below", warning=Level(0.8, 0.85), critical=Level(0.5, 0.6), for_ms=60_000
)


def plan(rules: Sequence[Rule] = DEFAULT_RULES, **changed: Any) -> Plan:
    """A site with one channel, `desk`, that is told everything."""
    asked = {"capacity": False, "zone": ZoneInfo("UTC"), "site": "main", "channels": lambda _: ("desk",)}
    return Plan(rules=rules, **{**asked, **changed})


class Site:
    """`told`: (time, queue, kind, severity) of every notice, in order; `stored`: what is in the topic."""

    def __init__(self, asked: Plan | None = None) -> None:
        self.plan = asked or plan()
        self.engine = Engine(self.plan)
        self.stored: dict[str, bytes | None] = {}
        self.told: list[tuple[str, str, str, str]] = []
        self.notices: list[Notice] = []
        self.facts: list[Fact] = []
        self._seen: dict[str, dict[str, Any]] = {}
        self._ticks: dict[str, deque[Tick]] = {}
        self._sight: dict[str, Sight] = {}
        self._heard: dict[str, int] = {}
        self.now_ms = 0

    def see(self, queue: str, figures: dict[str, Any], sight: Sight = Sight.SEEN) -> None:
        """From now on; the same in every window."""
        self._seen[queue], self._sight[queue] = figures, sight

    def go(self, start: str, end: str, ticks: bool = False) -> None:
        """Look at everything in [start, end)."""
        for self.now_ms in range(ms_of(start), ms_of(end), TICK_MS):
            facts = []
            for queue in self._seen:
                facts += self.engine.look(self._moment(queue, ticks), self._sight[queue])
            facts += self.engine.look_around(self.places(), self.now_ms)
            self.take(self.engine.as_one(facts))

    def ask(self, kind: Any, **what: Any) -> None:
        """A command."""
        self.take(self.engine.obey(Command(kind=kind, by="Ans", at_ms=self.now_ms, **what), self.now_ms))

    def take(self, facts: Sequence[Fact]) -> None:
        """Store, then tell."""
        for fact in facts:
            self.facts.append(fact)
            self.stored[fact.key] = None if fact.value is None else msgspec.json.encode(fact.value)
        for fact in facts:
            if fact.notice is not None:
                found = fact.notice
                self.notices.append(found)
                self.told.append((time_of(self.now_ms), found.labels.queue, found.kind, found.labels.severity))

    def restarted(self) -> "Site":
        """Another worker that finds what is stored, and sees what this one saw."""
        other = Site(self.plan)
        other.stored, other.now_ms = dict(self.stored), self.now_ms
        other._seen, other._sight = self._seen, self._sight
        for key, raw in self.stored.items():
            kind, name = kind_of(key)
            if raw is not None and kind is not None:
                other.engine.held.restore(name, msgspec.json.decode(raw, type=kind))
        return other

    def places(self) -> dict[str, Place]:
        """Everything is written and heard right now."""
        found = {}
        for queue in self._seen:
            onset, muted = self.engine.onset(queue, self.now_ms)
            found[queue] = Place(self.now_ms, self.now_ms, busy=True, onset_ms=onset, at_ms=self.now_ms, muted=muted)
        return found

    def _moment(self, queue: str, ticks: bool) -> Moment:
        seen = {kpi: Seen(*figure) for kpi, figure in self._seen[queue].items() if kpi != "tick"}
        figures = dict.fromkeys(("5m", "15m", "30m", "1h", "interval", "day", "all", "now"), seen)
        tick = self._seen[queue].get("tick", Tick(0, 0, 0, 0, 0, 0, None, 0, 0, 0))
        kept = self._ticks.setdefault(queue, deque(maxlen=KEPT))
        if ticks:
            kept.append(tick._replace(at_ms=self.now_ms))
        return Moment(queue=queue, at_ms=self.now_ms, policy=Policy(), figures=figures, ticks=tuple(kept))


def quiet(site: Site) -> None:
    """Ten minutes in which all is well."""
    site.see("sales", WELL)
    site.go("09:00", "09:10")
