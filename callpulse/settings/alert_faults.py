"""What is wrong with the rules and channels of `[alerts]` beyond what types can say: every mistake, with its path."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from msgspec import UNSET
from msgspec.structs import replace

from callpulse.alerts.core.renderings import safe_url
from callpulse.alerts.core.rule_faults import faults, nearest
from callpulse.alerts.core.rules import EVERYDAY_AUDIENCE, Rule
from callpulse.settings.alert_rules import defaults, rule_of
from callpulse.settings.alerts import LevelTable, RuleTable
from callpulse.settings.channels import Alertmanager, Apprise, Channel
from callpulse.settings.fault import Fault, Where, fault_at
from callpulse.settings.faults import dotted
from callpulse.settings.hours_faults import hours_faults
from callpulse.settings.tables import Settings
from callpulse.settings.values import milliseconds
from callpulse.stream.core.events import MAX_NAME

NO_NAME = ": no name; expected 1 to 60 letters, digits, _ and -"
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
TAKEN = frozenset({"capacity", "harm", "waits", "no_data", "source_silent", "site_trouble"})  # by rules of no file
LINK = "expected a link, http:// or https://"
CHANNELS_AT, RULES_AT = ("alerts", "channels"), ("alerts", "rules")
HEARTBEAT_MS = (5_000, 3_600_000)


def alert_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    alerts, at = settings.alerts, ("alerts",)
    if alerts.wall_url and not safe_url(alerts.wall_url):
        yield fault_at((*at, "wall_url"), f": {LINK}")
    for name, table in alerts.rules.items():
        yield from _rule_faults((*at, "rules", name), name, table, settings)
    for name, channel in alerts.channels.items():
        yield from _channel_faults((*at, "channels", name), name, channel, settings)
    if alerts.heartbeat is not None:
        if not _is_web(alerts.heartbeat.url):
            yield fault_at((*at, "heartbeat", "url"), ": expected http:// or https:// and a host")
        if not HEARTBEAT_MS[0] <= milliseconds(alerts.heartbeat.every) <= HEARTBEAT_MS[1]:
            yield fault_at((*at, "heartbeat", "every"), f" = {alerts.heartbeat.every!r}: expected 5s to 1h")


def _rule_faults(where: Where, name: str, table: RuleTable, settings: Settings) -> Iterator[Fault]:
    known = defaults(settings)
    if name not in known and (NAME.fullmatch(name) is None or name in TAKEN):
        taken = ": taken by a rule that no file changes; expected another name"
        yield fault_at(where, taken if name in TAKEN else NO_NAME)
    missing = [key for key in ("kpi", "side") if getattr(table, key) is UNSET]
    if name not in known and missing:
        theirs = f"; {nearest(name, 'a default rule', known)}" if known else ""
        yield fault_at(where, f": {' and '.join(missing)} missing; a rule of your own has them{theirs}")
        return
    unfinished = [key for key in ("warning", "critical") if not _is_whole(getattr(table, key))]
    if unfinished:
        for key in unfinished:
            yield fault_at((*where, key), ": expected enter and clear, or burn and clear_burn")
        return
    rule = rule_of(settings, name)
    of = tuple((*where, key) for key in ("kpi", "side"))
    for said in faults(replace(rule, hours=None), _highest_target(rule, settings)):
        key, _, _ = said.partition(":")
        at = where if "," in key else (*where, *key.split("."))
        yield Fault(at, f"{dotted(where)}.{said}", of)
    yield from hours_faults((*where, "hours"), table.hours or None, settings)
    yield from _place_faults(where, table, settings)


def _is_whole(table: LevelTable | None) -> bool:
    """Both halves of one pair, and none of the other."""
    if not isinstance(table, LevelTable):
        return True
    given = {key for key in LevelTable.__struct_fields__ if getattr(table, key) is not UNSET}
    return given in ({"enter", "clear"}, {"burn", "clear_burn"})


def _place_faults(where: Where, table: RuleTable, settings: Settings) -> Iterator[Fault]:
    """A queue that cannot be, an audience that no channel tells, a link that is none. Which queues there are is not
    known here: they come with their events, and need no table."""
    for place, queue in enumerate(table.queues or ()):
        if not 0 < len(queue.replace("*", "") or queue) <= MAX_NAME:
            said = f": no queue can have this id; expected 1 to {MAX_NAME} characters"
            yield fault_at((*where, "queues", f"[{place}]"), said)
    told = [channel.audiences for channel in settings.alerts.channels.values()]
    if table.audience and told and all(told) and not any(table.audience in each for each in told):
        each = nearest(table.audience, "an audience", {name for names in told for name in names})
        yield fault_at((*where, "audience"), f" = {table.audience!r}: no channel is for it; {each}", (CHANNELS_AT,))
    if table.runbook and not safe_url(table.runbook):
        yield fault_at((*where, "runbook"), f": {LINK}")


def _highest_target(rule: Rule, settings: Settings) -> float:
    own = [settings.policy(queue).target for queue in settings.queues if rule.applies_to(queue)]
    others = any(queue not in settings.queues for queue in rule.queues)  # a pattern, or one that has no table
    return max([*own, *([settings.policy("").target] if others or not own else [])])


def _channel_faults(where: Where, name: str, channel: Channel, settings: Settings) -> Iterator[Fault]:
    if NAME.fullmatch(name) is None:
        yield fault_at(where, NO_NAME)
    yield from (fault_at((*where, key), said) for key, said in _url_faults(channel))
    rules = settings.alerts.rules.values()
    known = {EVERYDAY_AUDIENCE, *(table.audience for table in rules if table.audience)}
    for place, audience in enumerate(channel.audiences):
        if audience not in known:
            said = f" = {audience!r}: no rule is for it; {nearest(audience, 'an audience', map(str, known))}"
            yield fault_at((*where, "audiences", f"[{place}]"), said, (RULES_AT,))


def _url_faults(channel: Channel) -> Iterator[tuple[str, str]]:
    """(key, why), never what it is."""
    if isinstance(channel, Apprise):
        if "://" not in channel.url:
            yield "url", ": expected a URL as apprise writes them, such as mailtos://"
        return
    urls: Iterable[str] = channel.urls if isinstance(channel, Alertmanager) else (channel.url,)
    key = "urls" if isinstance(channel, Alertmanager) else "url"
    if not all(map(_is_web, urls)):
        yield key, ": expected http:// or https:// and a host"


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
