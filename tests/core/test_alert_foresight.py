"""Missing agents, surges and long calls are told before they hurt."""

import msgspec
import pytest

from bench.alert_panes import Panes
from bench.alert_queue import Case, Trouble, simulated
from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.core.message import message
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.profile import SLOTS
from callpulse.alerts.core.rules import Level, Rule, Seen
from callpulse.alerts.core.stored import ALERT
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.windows import PANE_MS
from tests.alert_site import BAD, Site, plan
from tests.timeline import ms_of


@pytest.fixture(scope="module")
def short_of_agents() -> list[Moment]:
    """A large queue of which four of fourteen agents leave after two hours and a half, for 45 minutes."""
    return moments(simulated(Case(100, 14, 10), 8, [Trouble("staff", 9_000, 11_700)], "staff"))


def moments(panes: Panes) -> list[Moment]:
    ticks = list(panes.ticks())
    return [
        Moment(
            queue="sales",
            at_ms=tick.at_ms + ms_of("08:00"),
            policy=Policy(),
            figures={"now": {"agents.ready": Seen(1)}},
            ticks=tuple(each._replace(at_ms=each.at_ms + ms_of("08:00")) for each in ticks[max(0, at - 29) : at + 1]),
        )
        for at, tick in enumerate(ticks)
        if tick.at_ms <= 13_500_000
    ]


def played(moments: list[Moment], restart_at: int | None = None) -> Site:
    site = Site(plan(capacity=True))
    told = []
    for at, moment in enumerate(moments):
        if at == restart_at:
            told, site = site.told, site.restarted()
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
    site.told = told + site.told
    return site


def test_where_people_are_enough_nobody_is_asked_for_more(short_of_agents: list[Moment]) -> None:
    """Few are ready for a moment; that does not say that more are needed."""
    few = Rule(name="few", kpi="agents_ready", side="below", windows=("now",), warning=Level(2, 3), repeat_ms=60_000)
    site = Site(plan([few], capacity=True))
    for moment in short_of_agents[:720]:
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
    advice = site.notices[-1].advice
    assert advice is not None
    assert advice.level is not None
    assert advice.level > 0.8
    assert advice.more is None


def test_missing_agents_are_told_before_it_hurts_with_what_to_do(short_of_agents: list[Moment]) -> None:
    site = played(short_of_agents)
    assert [each[2] for each in site.told if each[2] != "escalated" and each[2] != "de_escalated"] == [
        "firing",
        "resolved",
    ]
    first = site.notices[0]
    assert (first.labels.rule, first.labels.kpi) == ("capacity", "service_level_expected")
    assert ms_of("10:30") < first.at_ms < ms_of("10:40")
    assert first.value is not None
    assert first.value < 0.65
    assert first.advice is not None
    assert (first.advice.agents, first.advice.cold) == (10, True)
    assert "the usual week is not known yet" in message(first, "en", "UTC").plain
    assert first.advice.level is not None
    assert first.advice.level_with_more is not None
    assert first.advice.level_with_more >= 0.8 > first.advice.level
    assert site.notices[-1].hurt is not None
    assert site.notices[-1].hurt > 20


def test_advice_reckons_with_who_is_there_now_and_the_alert_with_the_mean_of_a_minute(
    short_of_agents: list[Moment],
) -> None:
    """Four of fourteen come back at once."""
    site = Site(plan(capacity=True))
    said = {}
    for moment in short_of_agents:
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
        notice, looked = site.engine.spoken.get(ALERT + "sales"), site.engine.looked["sales"].reading
        if notice is not None and notice.advice is not None and looked is not None:
            said[moment.at_ms - ms_of("08:00")] = looked.agents, notice.advice.agents, notice.advice.more
    assert said[11_690_000] == (10, 10, 2)
    back = [said[at_ms] for at_ms in range(11_700_000, 11_750_000, PANE_MS)]
    assert back == [(mean, 14, None) for mean in (11, 11, 12, 13, 13)]


@pytest.fixture(scope="module")
def half_as_many_again() -> list[Moment]:
    """A large queue in which half as many more call for an hour, after two hours and a half."""
    return moments(simulated(Case(100, 14, 14), 3.5, [Trouble("surge", 9_000, 12_600)], "surge"))


def test_a_surge_that_is_no_chance_is_told_at_once(half_as_many_again: list[Moment]) -> None:
    site = Site(plan(capacity=True))
    usual = site.engine.held.memory("sales").profile
    for slot in range(SLOTS):
        for measure, known in ((usual.per_s, 100 / 1800), (usual.aht_s, 180.0), (usual.agents, 14.0)):
            measure.learn(slot, known, 0.0)
    for moment in half_as_many_again:
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
    first = site.notices[0]
    assert (first.labels.rule, first.labels.cause) == ("capacity", "arrivals_above_profile")
    assert first.at_ms == first.onset_ms > ms_of("10:30")


def test_without_agents_states_capacity_is_told_after_a_minute(short_of_agents: list[Moment]) -> None:
    unseen = [
        msgspec.structs.replace(each, ticks=tuple(tick._replace(staffed=None) for tick in each.ticks))
        for each in short_of_agents
    ]
    for told, lasted_ms in ((short_of_agents, 120_000), (unseen, 60_000)):
        first = played(told).notices[0]
        assert (first.labels.rule, first.at_ms - first.onset_ms) == ("capacity", lasted_ms)
        assert first.advice is not None
        assert first.advice.agents == 10


def test_capacity_is_silent_outside_opening_hours(short_of_agents: list[Moment]) -> None:
    site = Site(plan(capacity=True, hours=Hours(zone="UTC", mon=("08:00-18:00",))))  # it is a Sunday
    for moment in short_of_agents:
        site.take(site.engine.look(moment, Sight.SEEN))
    assert site.notices == []


@pytest.mark.parametrize("after", [20, 24, 40])
def test_foresight_survives_a_restart(short_of_agents: list[Moment], after: int) -> None:
    """What is remembered may be a minute old: the ticks bridge it."""
    whole = played(short_of_agents)
    fired = next(at for at, moment in enumerate(short_of_agents) if moment.at_ms == whole.notices[0].at_ms)
    again = played(short_of_agents, restart_at=fired - 24 + after - 10)
    assert again.told == whole.told


def test_a_queue_with_hours_of_its_own_is_watched_in_those_and_a_rule_with_its_own_in_those() -> None:
    closed, always = Hours(zone="UTC", mon=("08:00-18:00",)), Hours(zone="UTC", sun=("00:00-24:00",))
    for own, told in ((closed, {"night"}), (always, {"night", "day"})):  # it is a Sunday
        rules = [msgspec.structs.replace(rule, hours=own) for rule in DEFAULT_RULES]
        hours = {"hours": closed, "hours_of": lambda queue: always if queue == "night" else closed}
        site = Site(plan(rules, **hours))
        site.see("night", BAD)
        site.see("day", BAD)
        site.go("09:00", "09:20")
        assert {queue for _, queue, _, _ in site.told} == told
