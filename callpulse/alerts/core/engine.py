"""All alerts of a site: figures in, facts to store and notices to tell out. Time is an argument, nothing is sent here.

Whoever uses it stores each fact before its notice is told, and reports each end of telling, so that after a kill at any
moment everything is told, and a receiver that knows `news_id` hears nothing twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from callpulse.alerts.core import composing, foresight, incident, joining, mute, obeying, site_alert
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.held import Fact, Held, is_news
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.incident import Incident
from callpulse.alerts.core.joining import Firing, Joined
from callpulse.alerts.core.levels import levels_for
from callpulse.alerts.core.lifecycle import Sight, step
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Kind, Notice
from callpulse.alerts.core.present import AGE
from callpulse.alerts.core.queue_alert import Change, Foresight, Looked, Watch, look
from callpulse.alerts.core.rules import EVERYDAY_AUDIENCE, Rule
from callpulse.alerts.core.site_alert import MANY, Found, Limits, Place
from callpulse.alerts.core.stored import ALERT, SITE, Command, OfQueue, OfSite, owed
from callpulse.stream.core.kpis import Policy


class Plan(NamedTuple):
    """What is asked of the engine. `rules` as they are written, those of capacity apart; those without hours of their
    own have `hours` (None = always), and hold in a queue in the hours of that queue, `hours_of`; `channels`: audience
    -> names of those who tell it;
    `by_wall_clock` is False while old events are played: their age says nothing."""

    rules: Sequence[Rule]
    zone: ZoneInfo
    site: str
    channels: Callable[[str], tuple[str, ...]]
    capacity: bool = True
    hours: Hours | None = None
    hours_of: Callable[[str], Hours | None] | None = None
    limits: Limits = Limits()
    wall_url: str = ""
    runbook_url: str = ""
    by_wall_clock: bool = True


class Engine:
    """`held` is what is stored; `looked`: the last look at each queue, for whoever shows it; `spoken`: what there is to
    say of an alert by its last look, by the key it is stored under: what was told of it is older."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.held = Held()
        self.looked: dict[str, Looked] = {}
        self.spoken: dict[str, Notice] = {}
        self._watches: dict[tuple[str, Policy], Watch] = {}
        self._forecasters: dict[int, Forecaster] = {}

    def follow(self, plan: Plan) -> None:
        """From now on by other rules; what goes on goes on."""
        self.plan = plan
        self._watches.clear()

    def look(self, moment: Moment, sight: Sight, wall_ms: int | None = None) -> list[Fact]:
        """Judge a queue. Nothing happens at a moment that has been judged. Mutes go by the wall clock, `wall_ms`, by
        that of the data where it is None."""
        queue, held, watch = moment.queue, self.held.queue(moment.queue), self.watch(moment)
        wall_ms = moment.at_ms if wall_ms is None else wall_ms
        looked = look(watch, held.alert, moment, sight, lambda joined: self._is_held_back(queue, joined, wall_ms))
        if looked.alert is held.alert:
            return []
        self.looked[queue] = looked
        notice = None if looked.kind is None else self._of_queue(looked, looked.kind, watch, moment)
        channels = self._told(looked.incident, watch.rules, resolved=looked.kind == "resolved") if notice else ()
        alert = looked.alert
        if notice and alert.incident is not None:
            alert = replace(alert, incident=replace(alert.incident, channels=channels))
        of_it = held.latest is not None and alert.incident is not None and held.latest.id == alert.incident.id
        new = OfQueue(
            alert=alert,
            latest=notice or (held.latest if of_it else None),
            undelivered=owed(held.undelivered, channels, notice),
        )
        self._speak(ALERT + queue, new, notice or self._of_queue(looked, "firing", watch, moment))
        facts, fact = list(self._hidden(queue, looked, wall_ms)), self.held.put(new)
        if looked.changes or is_news(new, held):
            facts.append(fact._replace(notice=notice, channels=channels, changes=looked.changes))
        return [*facts, *self.held.remembered(queue, moment.at_ms)]

    def look_around(self, places: Mapping[str, Place], wall_ms: int) -> list[Fact]:
        """Judge what concerns the whole site, by the wall clock; mutes that are over end."""
        facts = [self.held.unmute(each) for each in mute.over(self.held.mutes.values(), wall_ms)]
        if not self.plan.by_wall_clock:
            places = {name: each._replace(heard_ms=None) for name, each in places.items()}
        rules, many = site_alert.rules(self.plan.limits), self._is_many()
        for name, found in site_alert.found(places, self.plan.limits, wall_ms, many=many).items():
            facts += self._look_at_site(rules[name], found, wall_ms)
        return facts

    def as_one(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts of one round, before they are stored: where trouble of the site is told in it, what is new in its
        queues is not told beside it."""
        begun = any(fact.key == SITE + MANY and fact.notice and fact.notice.kind == "firing" for fact in facts)
        return [self.held.untold(fact, self.held.sites[MANY].told_of) for fact in facts] if begun else list(facts)

    def onset(self, queue: str, wall_ms: int) -> tuple[int | None, bool]:
        """Since when the queue has been in trouble, None where it is well; and whether nobody wants to hear of it."""
        trouble = self.held.queue(queue).alert.incident
        if trouble is None:
            return None, False
        return trouble.onset_ms, self._is_muted(trouble.joined, queue, wall_ms)

    def obey(self, command: Command, wall_ms: int) -> list[Fact]:
        """Do what somebody asks for."""
        return obeying.obeyed(self.held, command, wall_ms)

    def forget(self, queue: str, now_ms: int) -> list[Fact]:
        """Nobody tells of this queue any more: its trouble is over, whatever became of it."""
        self.looked.pop(queue, None)
        self.spoken.pop(ALERT + queue, None)
        self._watches = {key: watch for key, watch in self._watches.items() if key[0] != queue}
        return self.held.forget(queue, now_ms)

    def watch(self, moment: Moment) -> Watch:
        """How this queue is watched."""
        key = moment.queue, moment.policy
        if key not in self._watches:
            hours, target = self._hours(moment.queue), moment.policy.target
            plain = [self._in(hours, rule.at(target)) for rule in self.plan.rules if rule.applies_to(moment.queue)]
            ahead = self._foresight(moment) if self.plan.capacity else None
            own = foresight.rules_at(target, hours) if ahead else ()
            self._watches[key] = Watch({rule.name: rule for rule in (*own, *plain)}, ahead)
        return self._watches[key]

    def _hours(self, queue: str) -> Hours | None:
        return self.plan.hours if self.plan.hours_of is None else self.plan.hours_of(queue)

    def _in(self, hours: Hours | None, rule: Rule) -> Rule:
        """Hours that a rule was given for itself stay."""
        return replace(rule, hours=hours) if rule.hours == self.plan.hours else rule

    def ages(self, queue: str) -> bool:
        """Whether a rule asks how old its data is, so that it has to be looked at when the data stands still."""
        return any(rule.kpi == AGE and rule.applies_to(queue) for rule in self.plan.rules)

    def _foresight(self, moment: Moment) -> Foresight:
        threshold_s = moment.policy.threshold_s
        forecaster = self._forecasters.setdefault(threshold_s, Forecaster(threshold_s))
        memory = self.held.memory(moment.queue)
        return Foresight(forecaster, levels_for(moment.policy.target), self.plan.zone, memory)

    # -- the site

    def _look_at_site(self, rule: Rule, found: Found, wall_ms: int) -> list[Fact]:
        held = self.held.sites[rule.name]
        state, transition = step(held.state, found.judged, rule.timing, wall_ms)
        joined = joining.shown([Firing(rule.name, state)])
        found = site_alert.joining(found, held.queues, held.sources, lasts=joined is not None)
        before = held.incident or (None if joined is None else self._begun(rule, joined))
        after, kind, notice = None, None, None
        if before is not None:
            before = incident.seen(before, found.value, rule.side, 0)
            hushed = joined is not None and self._is_muted(joined, "", wall_ms)
            repeat_ms = site_alert.repeat_ms(rule, found, () if held.latest is None else held.latest.sources)
            after, kind = incident.followed(before, joined, wall_ms, repeat_ms, held_back=hushed)
            notice = kind and self._of_site(after or before, kind, found, rule, wall_ms)
        channels = self._told(after or before, {rule.name: rule}, resolved=kind == "resolved") if notice else ()
        if notice and after is not None:
            after = replace(after, channels=channels)
        new = OfSite(
            rule=rule.name,
            state=state,
            incident=after,
            queues=found.queues if joined else (),
            sources=found.sources if joined else (),
            told_of=() if after is None else found.queues if notice else held.told_of,
            latest=notice or (held.latest if after else None),
            undelivered=owed(held.undelivered, channels, notice),
        )
        spoken = None if after is None else self._of_site(after, "firing", found, rule, wall_ms)
        self._speak(SITE + rule.name, new, composing.in_the_past(spoken) if spoken and found.is_calm(rule) else spoken)
        if new == held:
            return []
        changes = [Change("", rule.name, rule.kpi, transition)] if transition else []
        return [self.held.put(new)._replace(notice=notice, channels=channels, changes=changes)]

    def _begun(self, rule: Rule, joined: Joined) -> Incident:
        return incident.begun(rule.name, rule.kpi, site_alert.CAUSES[rule.name], "", joined)

    # -- holding back

    def _is_held_back(self, queue: str, joined: Joined, at_ms: int) -> bool:
        """Trouble of the whole site is told as one. Who was told of this one before goes on being told; a queue that is
        hit after the list was told is told by itself."""
        if self._is_muted(joined, queue, at_ms):
            return True
        trouble = self.held.queue(queue).alert.incident
        return queue in self.held.sites[MANY].told_of and not (trouble is not None and trouble.told)

    def _is_many(self) -> bool:
        return self.held.sites[MANY].incident is not None

    def _is_muted(self, joined: Joined, queue: str, at_ms: int) -> bool:
        return all(mute.covering(self.held.mutes.values(), rule, queue, at_ms) for rule in joined.rules)

    def _hidden(self, queue: str, looked: Looked, at_ms: int) -> Iterator[Fact]:
        """A mute remembers what it kept back."""
        trouble = looked.alert.incident
        if trouble is None or trouble.told:
            return
        for rule in trouble.joined.rules:
            by = mute.covering(self.held.mutes.values(), rule, queue, at_ms)
            if by is not None and trouble.id not in by.hidden:
                yield self.held.mute(mute.hiding(by, trouble.id))

    # -- notices

    def _of_queue(self, looked: Looked, kind: Kind, watch: Watch, moment: Moment) -> Notice | None:
        found = composing.of_queue(looked, kind, watch, moment, self.plan.site, self.plan.wall_url)
        return found and composing.linked(found, self.plan.runbook_url)

    def _of_site(self, trouble: Incident, kind: Kind, found: Found, rule: Rule, wall_ms: int) -> Notice:
        notice = composing.of_site(trouble, kind, rule, found, wall_ms, self.plan.site)
        return replace(composing.linked(notice, self.plan.runbook_url), wall_url=self.plan.wall_url)

    def _speak(self, key: str, held: OfQueue | OfSite, notice: Notice | None) -> None:
        if notice is None or held.incident is None:
            self.spoken.pop(key, None)
        else:
            self.spoken[key] = notice

    def _told(self, trouble: Incident | None, rules: Mapping[str, Rule], *, resolved: bool) -> tuple[str, ...]:
        """Whoever was told of it, and of what goes on the audience of every rule that fires."""
        if trouble is None or resolved:
            return () if trouble is None else trouble.channels
        audiences = {rules[name].audience if name in rules else EVERYDAY_AUDIENCE for name in trouble.joined.rules}
        return tuple(sorted({*trouble.channels, *(name for each in audiences for name in self.plan.channels(each))}))
