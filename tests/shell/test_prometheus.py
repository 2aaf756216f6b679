"""The Prometheus of the tests, on the small floor: what it scrapes is what was told."""

from pathlib import Path

import pytest

from callpulse.stream.endpoint import Endpoint
from callpulse.stream.metrics.collector import MetricsCollector
from tests.metrics_floor import HEALTH, Telling, booked, floor, told
from tests.prometheus import Prometheus, needs_prometheus, scraping

pytestmark = needs_prometheus


async def test_what_is_told_can_be_asked_for(tmp_path: Path) -> None:
    telling = [told(booked(floor()), "sales")]
    served = Endpoint(MetricsCollector(Telling(telling, HEALTH)), list, host="127.0.0.1", port=0)
    await served.start()
    port = int(served.url.rpartition(":")[2])
    with Prometheus(tmp_path, scraping({"callpulse-worker": [port]}, labels={"site": "main"})) as prometheus:
        await prometheus.scraped()
        assert prometheus.value('callpulse_visits_offered_total{site="main"}') == 9
        (target,) = prometheus.api("targets")["activeTargets"]
        assert (target["health"], target["lastError"]) == ("up", "")
        telling.clear()
        await prometheus.scraped()
        assert prometheus.ask("callpulse_visits_offered_total") == []
        prometheus.follow(scraping({}))
        assert prometheus.api("targets")["activeTargets"] == []
        with pytest.raises(AssertionError, match="parse error"):
            prometheus.ask("sum(")
    await served.stop()
