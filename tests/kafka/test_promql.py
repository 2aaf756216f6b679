"""What PromQL says of workers on Apache Kafka: also of one that is killed, and of queues that move to another."""

from collections.abc import Callable
from pathlib import Path

from callpulse.demo import children
from tests.contracts.line_promql import *  # noqa: F403 -- the checks of every broker
from tests.kafka.test_line import make_line  # noqa: F401 -- the fixture
from tests.line import MONTHS, Line
from tests.prometheus import Prometheus, needs_prometheus
from tests.simulated_day import RUN, Day, all_agree, all_told, by_queue, feed, watching
from tests.waiting import until_async

pytestmark = needs_prometheus

OFFERED = "callpulse_visits_offered_total"
COUNTERS = '{__name__=~"callpulse_visits_.*_total|callpulse_visit_.*_(bucket|count|sum)|callpulse:visit.*_total:max"}'


async def test_nothing_falls_and_nothing_is_told_twice_when_a_worker_dies_and_when_queues_move(
    make_line: Callable[..., Line],  # noqa: F811
    tmp_path: Path,
) -> None:
    day = Day(seed=8, slices=9)
    config = day.settings(tmp_path)
    async with make_line(MONTHS) as line:
        killed = line.start_worker(config)
        await line.ready()
        with Prometheus(tmp_path, watching(line)) as prometheus:
            await prometheus.scraped()
            await feed(line, prometheus, day.slices[:3])
            await one_series_each(line, prometheus, day, line.ports)
            children.kill(killed)
            await prometheus.scraped()
            assert prometheus.ask(OFFERED) == [], "what a dead worker told is stale"
            line.start_worker(config)
            prometheus.follow(watching(line))
            await feed(line, prometheus, day.slices[3:5])
            await one_series_each(line, prometheus, day, line.ports[1:])
            line.start_worker(config)
            prometheus.follow(watching(line))
            await feed(line, prometheus, day.slices[5:])
            await until_async(lambda: len(tellers(prometheus)) == 2, "both workers tell queues", 60, line.log)
            await one_series_each(line, prometheus, day, line.ports[1:])
            await all_told(line, prometheus, day)
            await all_agree(line, prometheus, day)
            assert_nothing_fell(prometheus)


async def one_series_each(line: Line, prometheus: Prometheus, day: Day, alive: list[int]) -> None:
    """Of every queue, once the workers at these ports were heard after the move was over."""
    await until_async(lambda: len(prometheus.ask(OFFERED)) >= len(day.truth), "every queue is told", 60, line.log)
    await prometheus.heard(*alive)
    assert by_queue(prometheus, f"count by (queue) ({OFFERED})") == dict.fromkeys(day.truth, 1.0)


def assert_nothing_fell(prometheus: Prometheus) -> None:
    """Neither what one worker told, nor what is recorded over all of them."""
    names = [each.labels["__name__"] for each in prometheus.ask(f"group by (__name__) ({COUNTERS})")]
    assert {OFFERED, "callpulse:visits_offered_total:max", "callpulse_visit_wait_seconds_bucket"} <= set(names)
    for name in names:
        found = [each for each in prometheus.ask(f"resets({name}[{RUN}])") if each.value]
        assert found == [], name


def tellers(prometheus: Prometheus) -> set[str]:
    return {each.labels["instance"] for each in prometheus.ask(OFFERED)}
