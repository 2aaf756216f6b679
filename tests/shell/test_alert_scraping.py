"""Which queues an alerts worker tells Prometheus of, where there are more than may be told."""

from types import SimpleNamespace

from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.scraping import Scraping
from callpulse.settings import Settings
from callpulse.settings.tables import Metrics
from callpulse.stream.metrics.loaded import Loaded
from tests.judged_site import NOON, Site

LATE = Rule(name="late", kpi="visits_offered", side="above", queues=("late",), windows=("1h",), warning=Level(0, -1))
TELLERS = SimpleNamespace(waiting=0, troubles={})
SETTINGS = Settings(metrics=Metrics(max_queues=1))


def test_a_queue_whose_alert_begins_later_comes_before_the_calm_ones_that_were_told() -> None:
    site, scraping = Site((LATE,)), Scraping()
    site.firing(NOON, 0, "calm")
    assert set(told(scraping, site)) == {"calm"}
    site.firing(NOON + 10_000, 0, "late")
    assert set(told(scraping, site)) == {"late"}


def told(scraping: Scraping, site: Site) -> object:
    found = scraping.scrape(site.duty, TELLERS, SETTINGS, Loaded()).told  # type: ignore[arg-type]
    return found and found.queues
