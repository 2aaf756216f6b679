"""No panel without data: every query of every dashboard finds something where the whole line runs, and the figures of
several queues together are what the worker makes of them."""

import math
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from callpulse.clock import now_ms
from callpulse.demo import children
from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.run import everything
from callpulse.stream.core import events as ev
from callpulse.stream.core import snapshot
from callpulse.stream.core.kpis import Policy
from callpulse.stream.endpoint import Endpoint
from callpulse.stream.metrics.collector import MetricsCollector
from callpulse.stream.metrics.source import QueueMetrics
from tests.alert_line import AlertLine
from tests.metrics_floor import HEALTH, Telling, booked, floor, seen, told
from tests.monitoring.boards import Json, boards, panels, targets, variables
from tests.prometheus import Prometheus, needs_prometheus, scraping
from tests.receiver import Receiver
from tests.waiting import until_async

pytestmark = needs_prometheus
WITHIN_S = 120
SHORT = {  # a week of history, and whole intervals, cannot be waited for: the same queries over seconds
    "offset 1w": "offset 5s",
    "offset 15m": "offset 5s",
    "$__rate_interval": "20s",
    "$__range": "60s",
}
QUEUE = "sales"  # of the simulated centre


@pytest.fixture
async def line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[AlertLine]:
    async with AlertLine(embedded_broker, valkey_url, tmp_path, idempotent=False, settings={}) as line:
        yield line


async def test_every_panel_has_data_where_the_whole_line_runs(line: AlertLine, tmp_path: Path) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        wall = line.start_wall()
        feed = simulated(line)
        try:
            jobs = {
                "callpulse-worker": [line.ports[0]],
                "callpulse-alerts": [line.alerts_port],
                "callpulse-wallboard": [int(wall.rpartition(":")[2])],
            }
            alerts = tmp_path / "alerts.yml"
            alerts.write_text(everything(line.settings)["prometheus/alerts.yml"])
            config = scraping(jobs, rules=[alerts], labels={"site": line.name})
            with Prometheus(tmp_path, config) as prometheus:
                await somebody_waits(line)
                await prometheus.says(f"count(callpulse_build_info) == {len(jobs)}", WITHIN_S)
                missing = Missing(prometheus)
                await until_async(missing.look, "every panel has data", WITHIN_S, missing.said)
        finally:
            children.stop(feed)


def simulated(line: AlertLine) -> children.Child:
    argv = (sys.executable, "-m", "callpulse", "simulate", "--scenario", "demo", "--seed", "1")
    return children.start(argv, line.folder / "feed.log", environment={**os.environ, **line.environment})


async def somebody_waits(line: AlertLine) -> None:
    """More than the rule of the line allows, for as long as the test lasts."""
    at_ms = now_ms()
    async with line.producer("late") as producer:
        for number in range(4):
            await producer.send(ev.Enqueued(at=at_ms, queue=QUEUE, contact_id=f"w{number}", channel="voice"))
        await producer.flush()


class Missing:
    """The queries that have found nothing yet: each is asked until it finds something once."""

    def __init__(self, prometheus: Prometheus) -> None:
        self._prometheus = prometheus
        self._left: dict[str, str] = {}
        self._unknown = boards()  # of which a variable has no value yet

    def look(self) -> bool:
        """Whether none is left."""
        for uid, board in list(self._unknown.items()):
            chosen = self._chosen(board)
            if all(chosen.values()):
                del self._unknown[uid]
                self._left |= {f"{uid}: {where}": _put(expr, chosen) for where, expr in asked(board)}
        self._left = {where: expr for where, expr in self._left.items() if not self._finds(expr)}
        return not self._left and not self._unknown

    def said(self) -> str:
        """What is left."""
        found = [f"{uid}: a variable has no value" for uid in self._unknown]
        return "\n".join((*found, *(f"{where}\n    {expr}" for where, expr in self._left.items())))

    def _finds(self, expr: str) -> bool:
        return any(not math.isnan(series.value) for series in self._prometheus.ask(expr))

    def _chosen(self, board: Json) -> dict[str, str]:
        """Variable -> what stands for it in a query, "" where nothing can be chosen: as the dashboard opens, but that
        one queue is chosen."""
        chosen: dict[str, str] = {}
        for name, variable in variables(board).items():
            if variable["type"] == "query":
                chosen[name] = self._value(variable, chosen)
            elif variable["type"] == "custom":
                chosen[name] = variable["current"]["value"]
        return chosen

    def _value(self, variable: Json, chosen: Mapping[str, str]) -> str:
        asked_for = re.fullmatch(r"label_values\((.+), (\w+)\)", _put(variable["query"], chosen))
        assert asked_for
        there = self._prometheus.api(f"label/{asked_for[2]}/values", **{"match[]": asked_for[1]})
        if not there:
            return ""
        if not variable["includeAll"]:
            return QUEUE if QUEUE in there else ""
        return variable.get("allValue") or f"({'|'.join(there)})"


def asked(board: Json) -> list[tuple[str, str]]:
    """Where it stands, and the query with short times in it."""
    return [
        (f"{panel['title']} {target['refId']} ({target['legendFormat']})", _short(target["expr"]))
        for panel, target in targets(board)
    ]


def _short(expr: str) -> str:
    for name, value in SHORT.items():
        expr = expr.replace(name, value)
    return expr


def _put(expr: str, chosen: Mapping[str, str]) -> str:
    for name, value in chosen.items():
        expr = expr.replace(f"${name}", value)
    return expr


async def test_the_ledger_of_a_stretch_of_time_adds_up(tmp_path: Path) -> None:
    """Somebody waits when it begins; some come and end in it."""
    events = floor()
    views = [told(booked(events[:1]), "sales")]
    served = serving(views)
    await served.start()
    port = int(served.url.rpartition(":")[2])
    with Prometheus(tmp_path, scraping({"callpulse-worker": [port]})) as prometheus:
        await prometheus.scraped()
        begun_ms = now_ms()
        views[0] = told(booked(events), "sales")
        await prometheus.scraped()
        at_ms = now_ms()
        row = ledger(prometheus, f"{at_ms - begun_ms}ms", at_ms)
        longer = ledger(prometheus, "1h", at_ms)
    await served.stop()
    assert row == {"Waiting at start": 1, "Offered": 8, "Answered": 4, "Abandoned": 2, "Exited": 1, "Lost": 1,
                   "Waiting": 1, "Residual": 0}  # fmt: skip
    assert longer == {**row, "Waiting at start": None}  # from the first that Prometheus saw, and that it does not know


def ledger(prometheus: Prometheus, time: str, at_ms: int) -> dict[str, float | None]:
    """The row of the one queue there is, for the last so much time."""
    (panel,) = (each for each in panels(boards()["callpulse-supervisor"]) if each["title"].startswith("Ledger:"))
    chosen = {"site": ".*", "queue": ".*", "__range": time}
    found = {each["legendFormat"]: prometheus.ask(_put(each["expr"], chosen), at_ms) for each in panel["targets"]}
    return {name: series[0].value if series else None for name, series in found.items()}


TWO = {"sales": Policy(), "help": Policy(threshold_s=10, formula="answered_only", target=0.9)}


async def test_several_queues_together_are_what_the_worker_makes_of_their_counts(tmp_path: Path) -> None:
    """Each by its own formula and threshold; and a queue that two workers tell of counts once."""
    books = {queue: booked(floor(queue)) for queue in TWO}
    views = [told(books[queue], queue, policy) for queue, policy in TWO.items()]
    truth = snapshot.figures([seen(books[queue], queue, policy) for queue, policy in TWO.items()])["15m"]
    served = [serving(views), serving(views[:1])]
    for each in served:
        await each.start()
    ports = [int(each.url.rpartition(":")[2]) for each in served]
    with Prometheus(tmp_path, scraping({"callpulse-worker": ports})) as prometheus:
        await prometheus.scraped()
        for kpi in ("service_level", "service_level_live", "asa_s", "abandonment_rate", "aht_s"):
            assert found(prometheus, q.together(kpi)) == pytest.approx(truth[kpi].value, abs=1e-9), kpi
        assert found(prometheus, q.target_together()) == pytest.approx((0.8 * 7 + 0.9 * 4) / 11)
        assert found(prometheus, q.waiting()) == len(TWO)
        assert found(prometheus, q.summed(q.total("visits_offered"))) == truth["offered"].value == 18
        nobody = {"site": ".*", "queue": "none", "window": "15m"}
        assert prometheus.ask(_put(q.together("asa_s"), nobody)) == []
    for each in served:
        await each.stop()


def serving(views: list[QueueMetrics]) -> Endpoint:
    return Endpoint(MetricsCollector(Telling(views, HEALTH)), list, host="127.0.0.1", port=0)


def found(prometheus: Prometheus, expr: str) -> float:
    return prometheus.value(_put(expr, {"site": ".*", "queue": ".*", "window": "15m"}))
