"""What PromQL says of a worker, its gauges and the truth, on every broker."""

from collections.abc import Callable
from pathlib import Path

from tests.line import MONTHS, Line
from tests.prometheus import EVERY_S, Prometheus
from tests.simulated_day import RUN, Day, all_agree, all_told, by_queue, feed, unlike, watching

MakeLine = Callable[..., Line]


async def test_promql_agrees_with_the_gauges_and_the_truth(make_line: MakeLine, tmp_path: Path) -> None:
    day = Day(seed=7, slices=12)
    async with make_line(MONTHS) as line:
        line.start_worker(day.settings(tmp_path))
        await line.ready()
        with Prometheus(tmp_path, watching(line)) as prometheus:
            await prometheus.scraped()
            await feed(line, prometheus, day.slices)
            await all_told(line, prometheus, day)
            await all_agree(line, prometheus, day)
            assert_increases(prometheus, day)


def assert_increases(prometheus: Prometheus, day: Day) -> None:
    """Counts of a window are too large by what Prometheus extrapolates to its end: at most 1.1 scrape intervals of what
    came within the samples it has."""
    offered = {queue: float(each.offered) for queue, each in day.truth.items()}
    query = f"sum by (queue) (increase(callpulse_visits_offered_total[{RUN}]))"
    found = by_queue(prometheus, query)
    (samples,) = set(by_queue(prometheus, f"count_over_time(callpulse_visits_offered_total[{RUN}])").values())
    assert not list(unlike(found, offered, within=1.1 * EVERY_S / (samples - 1)))
    assert all(found[queue] >= offered[queue] for queue in offered)
