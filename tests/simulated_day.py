"""A seeded simulation through a real worker, and a real Prometheus that looks on: what PromQL says, and the truth."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callpulse.simulator.run import Plan, planned
from callpulse.simulator.traffic import simulate
from callpulse.simulator.truth import QueueTruth, truth
from callpulse.stream.core.events import Event
from tests.contracts.line_life import NOON
from tests.line import Line
from tests.prometheus import Prometheus, scraping
from tests.waiting import until_async

RULES = Path(__file__).parents[1] / "prometheus" / "recording.yml"
SITE = {"site": "main"}
MINUTES = 30
RUN = "5m"  # longer than a run of the tests lasts

NET = "max by (queue) (callpulse_{0}_total) - max by (queue) (callpulse_{0}_corrected_total)"
SECONDS = 'max by (queue) (callpulse_visit_wait{0}_seconds_sum{{outcome="answered"}})'

EXITED = "sum by (queue) (max by (queue, cause) (callpulse_visits_exited{}_total))"


def net(stem: str) -> str:
    """Booked less taken back, by queue."""
    if stem == "visits_exited":
        return f"({EXITED.format('')} - {EXITED.format('_corrected')})"
    if stem == "wait":
        return f"({SECONDS.format('')} - {SECONDS.format('_corrected')})"
    return f"({NET.format(stem)})"


DONE = f"({net('visits_answered')} + {net('visits_abandoned')} + {net('visits_exited')})"
FROM_COUNTERS = {
    "service_level": f"{net('visits_answered_within_threshold')} / {DONE}",
    "abandonment": f"{net('visits_abandoned')} / {DONE}",
    "asa": f"{net('wait')} / {net('visits_answered')}",
}
GAUGES = {
    "service_level": 'callpulse_service_level_ratio{window="day"}',
    "abandonment": 'callpulse_abandonment_ratio{window="day"}',
    "asa": 'callpulse_asa_seconds{window="day"}',
}
RECORDED = {
    "service_level": "callpulse:service_level:ratio_rate5m",
    "abandonment": "callpulse:abandonment:ratio_rate5m",
    "asa": "callpulse:asa:seconds_rate5m",
}


class Day:
    """Half an hour of a contact centre, from a seed: `slices` of its events in the order of time, shuffled and doubled
    within each, and what truly happened."""

    def __init__(self, seed: int, slices: int) -> None:
        scenario, chance = planned(Plan(scenario="demo")), random.Random(seed)
        self.events: list[Event] = list(simulate(scenario, NOON, seed, MINUTES * 60))
        self.until_ms = NOON + MINUTES * 60_000
        self.truth: dict[str, QueueTruth] = truth(self.events)
        step = -(-len(self.events) // slices)
        self.slices: list[list[Any]] = []
        for first in range(0, len(self.events), step):
            some = self.events[first : first + step]
            some += chance.sample(some, len(some) // 10)
            chance.shuffle(some)
            self.slices.append(some)

    def settings(self, folder: Path) -> Path:
        """A file in which its queues are configured, so that their counters begin at 0."""
        path = folder / "callpulse.toml"
        path.write_text("".join(f"[queues.{queue}]\nthreshold_s = 20\n" for queue in self.truth))
        return path

    def levels(self) -> dict[str, dict[str, float]]:
        """KPI -> queue -> value."""
        found: dict[str, dict[str, float]] = {"service_level": {}, "abandonment": {}, "asa": {}}
        for queue, each in self.truth.items():
            done = each.answered + each.abandoned + each.exited
            found["service_level"][queue] = each.answered_within / done
            found["abandonment"][queue] = each.abandoned / done
            found["asa"][queue] = each.wait_ms / each.answered / 1000
        return found


def watching(line: Line) -> dict[str, Any]:
    """What Prometheus does: scrape the workers of the line, and record."""
    return scraping({"callpulse-worker": line.ports}, rules=[RULES], labels=SITE)


async def feed(line: Line, prometheus: Prometheus, slices: list[list[Any]]) -> None:
    """One after the other, each seen by a scrape before the next comes."""
    for each in slices:
        await line.send(each, 0)
        await prometheus.scraped()


async def all_told(line: Line, prometheus: Prometheus, day: Day) -> None:
    """Everything is counted, stored, and was scraped."""
    await line.send([], day.until_ms)
    await line.values(tuple(day.truth), day.until_ms)
    done = sum(each.answered + each.abandoned + each.exited for each in day.truth.values())

    def counted() -> bool:
        return sum(each.value for each in prometheus.ask(DONE)) == done

    await until_async(counted, f"{done} visits in Prometheus", 60, line.log)


async def all_agree(line: Line, prometheus: Prometheus, day: Day) -> None:
    """Counters, gauges and recorded levels with the truth, to the last visit: every counter was seen from 0 on."""

    def unlike_now() -> list[str]:
        return [
            f"{asked[kpi]}: {each}"
            for asked in (FROM_COUNTERS, GAUGES, RECORDED)
            for kpi, truth in day.levels().items()
            for each in unlike(by_queue(prometheus, asked[kpi]), truth)
        ]

    await until_async(lambda: not unlike_now(), "all agree", 30, lambda: "\n".join([*unlike_now(), line.log()]))


def by_queue(prometheus: Prometheus, query: str) -> dict[str, float]:
    """Queue -> value; one series each."""
    found = prometheus.ask(query)
    values = {each.labels["queue"]: each.value for each in found}
    assert len(values) == len(found), found
    return values


def unlike(found: dict[str, float], truth: dict[str, float], within: float = 1e-9) -> Iterator[str]:
    """Where they differ by more than the share `within`."""
    for queue in sorted(found.keys() | truth.keys()):
        one, other = found.get(queue), truth.get(queue)
        if one is None or other is None or abs(one - other) > within * abs(other):
            yield f"{queue}: {one}, in truth {other}"
