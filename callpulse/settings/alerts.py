"""`[alerts]` of `callpulse.toml`: what is watched, by which rules, when, and who is told. docs/ALERTS.md has it all."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from callpulse.alerts.core.rules import Evidence
from callpulse.settings.channels import CHANNELS, Channel, Heartbeat, kind_of
from callpulse.settings.hours import OpeningHours
from callpulse.settings.values import Duration, DurationOrNone, Language, Port, Share, Table


class LevelTable(Table, frozen=True, kw_only=True):
    """`enter` and `clear` in the KPI's own unit (shares 0-1), or `burn` and `clear_burn` in budgets of misses."""

    enter: float | UnsetType = UNSET
    clear: float | UnsetType = UNSET
    burn: float | UnsetType = UNSET
    clear_burn: float | UnsetType = UNSET


class RuleTable(Table, frozen=True, kw_only=True):
    """What is not set comes from the default rule of that name, otherwise from `Rule` and OWN_RULE."""

    enabled: bool = True
    kpi: str | UnsetType = UNSET
    side: Literal["below", "above"] | UnsetType = UNSET
    queues: tuple[str, ...] | UnsetType = UNSET
    windows: tuple[str, ...] | UnsetType = UNSET
    combine: Literal["all", "any"] | UnsetType = UNSET
    clear_on: tuple[str, ...] | UnsetType = UNSET
    warning: LevelTable | UnsetType = UNSET
    critical: LevelTable | UnsetType = UNSET
    evidence: Evidence | UnsetType = UNSET
    for_: DurationOrNone | UnsetType = field(default=UNSET, name="for")
    keep_firing: DurationOrNone | UnsetType = UNSET
    repeat: Duration | UnsetType = UNSET
    alone_after: DurationOrNone | UnsetType = UNSET
    audience: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    runbook: str | UnsetType = UNSET
    hours: OpeningHours | UnsetType = UNSET


class Alerts(Table, frozen=True, kw_only=True):
    """`capacity`: whether the forecast speaks too. From `site_queues` queues and `site_share` of those with traffic at
    once it is trouble of the site. `language`: None = that of the site."""

    default_rules: bool = True
    capacity: bool = True
    language: Language | None = None
    wall_url: str = ""
    host: str = "127.0.0.1"
    port: Port = 9465
    no_data_after: Duration = "30s"
    blind_after: Duration = "60s"
    site_share: Share = 0.5
    site_queues: Annotated[int, Meta(ge=2)] = 3
    rules: dict[str, RuleTable] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    heartbeat: Heartbeat | None = None


TABLES = frozenset({"hours", "rules", "channels", "heartbeat"})  # what no variable of the environment can set
_SHAPES: dict[str, type[Struct]] = {
    "hours": OpeningHours,
    "warning": LevelTable,
    "critical": LevelTable,
    "evidence": Evidence,
}


def keys_of_alerts(path: Sequence[str], raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys known in the table at `path` below `[alerts]`, as they are written."""
    match list(path):
        case ["channels", name]:
            return ("kind", *CHANNELS[kind_of(raw["channels"][name])].__struct_encode_fields__)
        case ["rules", _]:
            return RuleTable.__struct_encode_fields__
        case ["heartbeat"]:
            return Heartbeat.__struct_encode_fields__
        case [*_, last]:
            return _SHAPES[last].__struct_encode_fields__
    return Alerts.__struct_encode_fields__
