"""The rules of `[alerts]`: the default ones as the file changes them, then its own."""

from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, replace

from callpulse.alerts.core.defaults import DEFAULT_RULES, MINUTE_MS
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.core.subjects import SUBJECTS
from callpulse.settings.alerts import LevelTable, RuleTable
from callpulse.settings.hours import hours_of
from callpulse.settings.tables import Settings
from callpulse.settings.values import milliseconds

SAME = ("kpi", "side", "queues", "windows", "combine", "clear_on", "evidence", "audience", "runbook")
TIMES = {"for_": "for_ms", "keep_firing": "keep_firing_ms", "repeat": "repeat_ms", "alone_after": "alone_after_ms"}
OWN_FOR_MS = 2 * MINUTE_MS  # how long a breach lasts before a rule of the file tells it, unless it says otherwise


def rules_of(settings: Settings) -> tuple[Rule, ...]:
    """All that are on, in the order in which they are shown. `settings` have been checked (alert_faults.py)."""
    alerts = settings.alerts
    names = dict.fromkeys([*defaults(settings), *alerts.rules])
    on = [name for name in names if alerts.rules.get(name, RuleTable()).enabled]
    return tuple(rule_of(settings, name) for name in on)


def defaults(settings: Settings) -> dict[str, Rule]:
    """Those that hold without a word in the file, by name."""
    return {rule.name: rule for rule in DEFAULT_RULES} if settings.alerts.default_rules else {}


def rule_of(settings: Settings, name: str) -> Rule:
    """The rule of that name. Levels are plain or burns as given: `Rule.at` the target of a queue."""
    table = settings.alerts.rules.get(name, RuleTable())
    given = {key: value for key, value in asdict(table).items() if value is not UNSET}
    changes: dict[str, Any] = {key: given[key] for key in SAME if key in given}
    changes |= {TIMES[key]: milliseconds(given[key]) for key in TIMES if key in given}
    changes |= {key: level_of(given[key]) for key in ("warning", "critical") if key in given}
    hours = given.get("hours") or settings.queue_defaults.hours
    return replace(_base(settings, name, table), **changes, hours=hours_of(hours, settings.site.zone))


def _base(settings: Settings, name: str, table: RuleTable) -> Rule:
    """What the table changes."""
    default = defaults(settings).get(name)
    if default is not None:
        return default
    assert not isinstance(table.kpi, UnsetType)  # a rule without is refused
    assert not isinstance(table.side, UnsetType)
    usual = SUBJECTS[table.kpi].usual_window if table.kpi in SUBJECTS else "15m"
    return Rule(name=name, kpi=table.kpi, side=table.side, windows=(usual,), for_ms=OWN_FOR_MS)


def level_of(table: LevelTable) -> Level:
    """Both halves of the pair are there (alert_faults.py)."""
    enter, clear = (table.enter, table.clear) if table.burn is UNSET else (table.burn, table.clear_burn)
    assert not isinstance(enter, UnsetType)
    assert not isinstance(clear, UnsetType)
    return Level(enter, clear, burn=table.burn is not UNSET)
