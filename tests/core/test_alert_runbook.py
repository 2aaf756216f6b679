"""Notices link to their heading of the runbook, where somebody said where it is read."""

from msgspec.structs import replace

from callpulse.alerts.core.defaults import ABANDONMENT_SEVERE
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.planning import plan_of
from callpulse.settings import Settings
from callpulse.settings.tables import Monitoring
from tests.alert_site import Site, plan

WIKI = "https://wiki.example.org/runbook"
OWN = Rule(name="own", kpi="abandonment_rate", side="above", critical=Level(0.2, 0.1))
MANY_GIVE_UP = {"service_level": (0.95, 600), "abandonment_rate": (0.3, 600)}


def links(*rules: Rule, runbook_url: str = WIKI) -> set[tuple[str, str]]:
    """(rule, link) of what is told when many give up."""
    site = Site(plan(rules, runbook_url=runbook_url))
    site.see("sales", MANY_GIVE_UP)
    site.go("09:00", "09:10")
    assert site.notices
    return {(notice.labels.rule, notice.runbook_url) for notice in site.notices}


def test_a_rule_of_ours_links_to_its_heading() -> None:
    assert links(ABANDONMENT_SEVERE) == {("abandonment_severe", f"{WIKI}#abandonment_severe")}


def test_trouble_of_the_site_does_too() -> None:
    site = Site(plan([ABANDONMENT_SEVERE], runbook_url=WIKI))
    for queue in ("a", "b", "c", "d"):
        site.see(queue, MANY_GIVE_UP)
    site.go("09:00", "09:10")
    told = {notice.labels.rule: notice.runbook_url for notice in site.notices}
    assert told["site_trouble"] == f"{WIKI}#site_trouble"


def test_a_link_of_its_own_stays_and_a_rule_of_the_file_has_no_heading() -> None:
    own = "https://wiki.example.org/mine"
    assert links(replace(ABANDONMENT_SEVERE, runbook=own)) == {("abandonment_severe", own)}
    assert links(OWN) == {("own", "")}


def test_without_a_runbook_there_is_no_link() -> None:
    assert links(ABANDONMENT_SEVERE, runbook_url="") == {("abandonment_severe", "")}


def test_where_it_is_read_comes_from_the_settings() -> None:
    assert plan_of(Settings(monitoring=Monitoring(runbook_url=WIKI))).runbook_url == WIKI
