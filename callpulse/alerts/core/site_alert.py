"""Trouble of the whole site, told as one: nobody computes, a source is silent, or many queues are in trouble at once.

The first two go by the wall clock: when data stands still, its own time does too.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from callpulse.alerts.core.lifecycle import Judgement, Severity, Sight
from callpulse.alerts.core.present import AGE
from callpulse.alerts.core.rules import Level, Rule

NO_DATA, SILENT, MANY = "no_data", "source_silent", "site_trouble"
SHARE = "queues_in_trouble"
CAUSES = {NO_DATA: "no_data", SILENT: "source_silent", MANY: "site"}
PAST = {cause: f"{cause}_past" for cause in CAUSES.values()}  # while it may still come back
MOST_NAMED = 500  # queues, and sources, in a notice
JOINED_MS = 60_000
LATELY_MS = 600_000  # an onset so long ago is not "at once" any more
KEEP_MS = {NO_DATA: 30_000, SILENT: 30_000, MANY: 300_000}


class Limits(NamedTuple):
    """After what age (ms) figures that nobody writes, and a source that says nothing, are trouble; from how many queues
    on, and which share of the busy ones, it is trouble of the site."""

    no_data_ms: int = 30_000
    blind_ms: int = 60_000
    queues: int = 3
    share: float = 0.5


class Place(NamedTuple):
    """Of one queue: when its figures were written last, and when its source was heard last (wall clock, ms; None where
    it cannot be known), whether it was busy in the last hour, and since when it has been in trouble. `muted`: nobody
    wants to hear of that; it is counted, and nothing follows from it. `source`: the name of its source."""

    written_ms: int | None
    heard_ms: int | None
    busy: bool
    onset_ms: int | None
    at_ms: int
    muted: bool = False
    source: str = ""


class Found(NamedTuple):
    """What a rule of the site says now: its judgement, whom it concerns, the age (s) or share behind it, and which
    sources are silent."""

    judged: Judgement
    queues: tuple[str, ...]
    value: float | None
    sources: tuple[str, ...] = ()

    def is_calm(self, rule: Rule) -> bool:
        """Whether the figure, muted queues with the others, is none to worry about."""
        return self.value is not None and rule.critical is not None and self.value < rule.critical.enter


def rules(limits: Limits) -> dict[str, Rule]:
    """Their names, severities and times, in the words of a rule."""
    ages = {NO_DATA: limits.no_data_ms, SILENT: limits.blind_ms}
    by_age = {name: _rule(name, Level(age / 1000, age / 1000)) for name, age in ages.items()}
    return by_age | {MANY: _rule(MANY, Level(limits.share, limits.share))}


def found(places: Mapping[str, Place], limits: Limits, wall_ms: int, *, many: bool) -> dict[str, Found]:
    """What each rule of the site says. Whose figures nobody writes is not asked about its source. `many`: many queues
    are in trouble already; then it lasts as long as they are."""
    unwritten = {queue: wall_ms - place.written_ms for queue, place in places.items() if place.written_ms is not None}
    dead = _aged(unwritten, limits.no_data_ms)
    unheard = {
        queue: wall_ms - place.heard_ms
        for queue, place in places.items()
        if place.heard_ms is not None and queue not in dead
    }
    silent = _aged(unheard, limits.blind_ms)
    return {
        NO_DATA: _by_age(dead, unwritten, known=bool(unwritten)),
        SILENT: _by_age(silent, unheard, known=bool(unheard))._replace(
            sources=_listed(places[queue].source for queue in silent if places[queue].source)
        ),
        MANY: _many(places, limits, many=many),
    }


def _aged(ages: Mapping[str, int], limit_ms: int) -> list[str]:
    return sorted(queue for queue, age_ms in ages.items() if age_ms > limit_ms)


def _by_age(queues: list[str], ages: Mapping[str, int], *, known: bool) -> Found:
    if not known:
        return Found(Judgement(Sight.NO_DATA), (), None)
    oldest_s = max(ages.values()) / 1000
    return Found(_judged(bool(queues)), tuple(queues), max(0.0, oldest_s))


def _many(places: Mapping[str, Place], limits: Limits, *, many: bool) -> Found:
    """Of the queues with traffic, those whose trouble began lately: what stood before has been told."""
    busy = [queue for queue, place in places.items() if place.busy]
    if not busy:
        return Found(Judgement(Sight.SEEN), (), None)
    hit = sorted(queue for queue in busy if _is_hit(places[queue], many=many))
    heard = tuple(queue for queue in hit if not places[queue].muted)
    bad = len(heard) >= limits.queues and len(heard) / len(busy) >= limits.share
    return Found(_judged(bad), heard, len(hit) / len(busy))


def _is_hit(place: Place, *, many: bool) -> bool:
    return place.onset_ms is not None and (many or place.at_ms - place.onset_ms <= LATELY_MS)


def _judged(bad: bool) -> Judgement:
    severity = Severity.CRITICAL if bad else Severity.NONE
    return Judgement(Sight.SEEN, severity, severity)


def _rule(name: str, level: Level) -> Rule:
    """The age itself is how long it has lasted: there is no `for`."""
    kpi = SHARE if name == MANY else AGE
    return Rule(name=name, kpi=kpi, side="above", windows=("now",), critical=level, keep_firing_ms=KEEP_MS[name])


def joining(found: Found, queues: tuple[str, ...], sources: tuple[str, ...], *, lasts: bool) -> Found:
    """With those of before: who was hit once stays on the list until the trouble is over, and when it is, the list is
    theirs."""
    if not lasts:
        return found._replace(queues=queues, sources=sources)
    return found._replace(queues=_listed(found.queues, queues), sources=_listed(found.sources, sources))


def repeat_ms(rule: Rule, found: Found, told: Collection[str]) -> int:
    """After which time it is told again: soon where a source has fallen silent of which nobody was `told`."""
    return rule.repeat_ms if {*found.sources[:MOST_NAMED]} <= {*told} else JOINED_MS


def _listed(names: Iterable[str], before: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(sorted({*names, *before}))
