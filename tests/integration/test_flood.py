"""A producer that makes up names: Prometheus is spared, and every figure stays exact."""

from collections.abc import Callable
from pathlib import Path

from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.stream.core import events as ev
from tests.contracts.line_life import NOON, call
from tests.integration.test_line import make_line  # noqa: F401 -- the fixture
from tests.line import MONTHS, Line
from tests.metrics_text import Told, told_by
from tests.waiting import until_async

NAMES, MOST = 10_000, 200
TTL = "10m"  # a slow machine takes longer than half a minute to write so many queues once


async def test_ten_thousand_new_names_in_a_minute_are_capped_counted_and_said(
    make_line: Callable[..., Line],  # noqa: F811
    tmp_path: Path,
) -> None:
    config = tmp_path / "callpulse.toml"
    config.write_text(f'[metrics]\nmax_queues = {MOST}\n[redis]\nttl = "{TTL}"\n[queues.vip]\nthreshold_s = 10\n')
    made_up = [call(ev.Enqueued, n / 200, f"made up {n}", "1") for n in range(NAMES)]
    async with make_line(MONTHS) as line:
        line.start_worker(config)
        await line.ready()
        assert offered(told_by(line)) == {"vip": 0}, "a configured queue is there before its first event"
        await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON + 1000)
        await line.values(("sales",), NOON + 1000)
        await line.send(made_up, NOON + 60_000)
        await until_async(lambda: left_out(line) == NAMES + 2 - MOST, "all others are left out", 120, line.log)
        found = offered(told_by(line))
        assert len(found) == MOST
        assert {"sales", "vip"} <= found.keys()
        assert offered(told_by(line)) == found, "who is told stays"
        assert line.log().count("metrics.max_queues = 200: /metrics leaves out") == 1
        await assert_all_in_redis(line)


def left_out(line: Line) -> float:
    return told_by(line).value("callpulse_queues_not_told")


async def assert_all_in_redis(line: Line) -> None:
    async with connect(line.environment["CALLPULSE_REDIS_URL"]) as client:
        keys = Keys(line.name)

        async def written() -> bool:
            return bool(await client.zcard(keys.queues) == NAMES + 1)

        await until_async(written, "every queue is in Redis", 120, line.log)
        names = [f"made up {n}" for n in range(0, NAMES, 500)]
        counts = [await client.hget(keys.of("queue", name), "all.offered") for name in names]
        assert counts == [b"1"] * len(names)


def offered(found: Told) -> dict[str, float]:
    return {labels["queue"]: value for labels, value in found.samples("callpulse_visits_offered_total")}
