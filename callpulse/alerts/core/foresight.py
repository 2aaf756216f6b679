"""What the alert rules know of a queue beside its figures: its last hour and its usual week, and what follows from both
for the next half hour.

The rules of capacity are those of docs/decisions/levels.md; as `Rule` they have a name, a severity and words.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from callpulse.alerts.core import capacity, levels
from callpulse.alerts.core.capacity import Condition, Reading
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.levels import Lasting, Levels, levels_for
from callpulse.alerts.core.lifecycle import Judgement, Severity, Sight, Timing
from callpulse.alerts.core.profile import Profile, slot_of
from callpulse.alerts.core.rules import NOW, Level, Rule
from callpulse.alerts.core.watched import Watched
from callpulse.stream.core.ticks import Tick

EXPECTED = "service_level_expected"
_LIVE = "service_level_live"
NAMES = ("capacity", "harm", "waits")


class Memory(Struct):
    """An accumulator. It can be stored, and taken up again."""

    watched: Watched = field(default_factory=Watched)
    profile: Profile = field(default_factory=Profile)


def readings(
    memory: Memory, ticks: tuple[Tick, ...], zone: ZoneInfo, forecaster: Forecaster, found: Levels
) -> Iterator[tuple[Tick, Reading]]:
    """Take in, in place, what is later than the last tick; what each says."""
    for tick in ticks:
        if memory.watched.at_ms is not None and tick.at_ms <= memory.watched.at_ms:
            continue
        slot = slot_of(tick.at_ms, zone)
        memory.profile.note(tick, slot)
        expected = memory.profile.usually(slot).expected
        reading = capacity.read(memory.watched, tick, expected, forecaster, found)
        if reading is not None:
            yield tick, reading


def rules_at(target: float, hours: Hours | None = None) -> tuple[Rule, ...]:
    """The rules of capacity for a queue with this target, in opening hours: too few in time expected, far too few in
    time now, and where nothing but waits is seen, too long ones."""
    at = levels_for(target)
    found = (
        _rule("capacity", EXPECTED, (NOW,), at.capacity, Severity.WARNING, levels.CAPACITY_LASTS),
        _rule("harm", _LIVE, ("5m", "15m"), at.harm, Severity.CRITICAL, levels.HARM_LASTS),
        _rule("waits", _LIVE, ("5m", "15m"), at.waits, Severity.WARNING, levels.WAITS_LASTS),
    )
    return tuple(replace(rule, hours=hours) for rule in found)


def judgements(reading: Reading) -> dict[str, Judgement]:
    """By rule."""
    return {
        "capacity": _judged(reading.capacity, Severity.WARNING),
        "harm": _judged(reading.harm, Severity.CRITICAL),
        "waits": _judged(reading.waits, Severity.WARNING),
    }


def timings(reading: Reading) -> dict[str, Timing]:
    """Of rules whose breach has to last as long as the reading says, not as long as ever."""
    return {"capacity": Timing(reading.lasts_s * 1000, levels.CAPACITY_LASTS.clear_s * 1000)}


def _judged(condition: Condition | None, severity: Severity) -> Judgement:
    if condition is None:
        return Judgement(Sight.NO_DATA)
    breach = severity if condition.holds else Severity.NONE
    return Judgement(Sight.SEEN, breach, Severity.NONE if condition.clears else severity)


def _rule(
    name: str, kpi: str, windows: tuple[str, ...], at: tuple[float, float], severity: Severity, lasting: Lasting
) -> Rule:
    level = Level(*at)
    return Rule(
        name=name,
        kpi=kpi,
        side="below",
        windows=windows,
        warning=level if severity is Severity.WARNING else None,
        critical=level if severity is Severity.CRITICAL else None,
        for_ms=lasting.for_s * 1000,
        keep_firing_ms=lasting.clear_s * 1000,
    )
