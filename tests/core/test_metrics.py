"""What Prometheus is told: counters, histograms and gauges against a floor that can be counted by hand."""

import asyncio
import re
from collections.abc import Iterable

import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as classic_families
from prometheus_client.samples import Sample

from callpulse.settings import QueueSettings, Settings
from callpulse.stream.core import events as ev
from callpulse.stream.core.catalogue import BY_ID
from callpulse.stream.core.events import Reason
from callpulse.stream.core.facts import ABANDONED, ANSWERED
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.tally import Tally, add, outcome_items
from callpulse.stream.metrics import names
from callpulse.stream.metrics.collector import MetricsCollector, thresholds_of
from callpulse.stream.metrics.exposition import CLASSIC, OPEN, Format, texts
from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.names import BY_NAME, FAMILIES
from callpulse.stream.metrics.queue_gauges import SHOWN
from callpulse.stream.metrics.queue_samples import COUNTED, LASTED
from callpulse.stream.metrics.source import QueueMetrics, WorkerHealth, not_recovered
from callpulse.stream.metrics.worker_samples import TIMED, WORKER
from tests.metrics_floor import AGENT, CONTACT, HEALTH, START_MS, Telling, after, booked, floor, told, visit, whole
from tests.prometheus import needs_prometheus, promtool

SALES = told(booked(floor()), "sales")
ODD_NAMES = ('Vragen "over" de rekening', "C:\\kpi\\new", "two\nlines", "naïve ☎ 客服", "{queue='x'}", "a,b=c # d", " ")


def samples(views: Iterable[QueueMetrics], health: WorkerHealth = HEALTH, thresholds_s: tuple[int, ...] = ()):
    """(name, labels) -> value of everything told."""
    collector = MetricsCollector(Telling(list(views), health), thresholds_s)
    return {_key(sample): sample.value for metric in collector.collect() for sample in metric.samples}


def _key(sample: Sample) -> tuple[str, frozenset[tuple[str, str]]]:
    return sample.name.removeprefix("callpulse_"), frozenset(sample.labels.items())


def of(name: str, queue: str = "sales", channel: str = "voice", **labels: str):
    return name, frozenset({"queue": queue, "channel": channel, **labels}.items())


def registry(views: Iterable[QueueMetrics] = (SALES,)) -> CollectorRegistry:
    built = CollectorRegistry()
    built.register(MetricsCollector(Telling(list(views), HEALTH)))
    return built


@pytest.mark.parametrize(
    ("name", "labels", "count"),
    [
        ("visits_offered_total", {}, 9),
        ("visits_answered_total", {}, 4),
        ("visits_answered_within_threshold_total", {"threshold": "20"}, 3),
        ("visits_abandoned_total", {}, 2),
        ("visits_abandoned_short_total", {}, 1),
        ("visits_exited_total", {"cause": "timeout"}, 1),
        ("visits_exited_total", {"cause": "callback"}, 0),
        ("visits_lost_total", {"why": "age"}, 1),
        ("visits_not_offered_total", {"why": "menu"}, 1),
        ("visits_transferred_total", {}, 0),
        ("outcomes_unmatched_total", {}, 0),
        ("visits_waiting", {}, 1),
        ("oldest_wait_start_timestamp_seconds", {}, START_MS / 1000 + 9),
        ("agents", {"state": "talking"}, 1),
        ("agents", {"state": "ready"}, 0),
        ("ledger_residual_visits", {"window": "all"}, 0),
        ("ledger_residual_visits", {"window": "day"}, 0),
        ("service_level_target_ratio", {"formula": "abandons_missed", "threshold": "20"}, 0.8),
        ("service_level_ratio", {"window": "15m", "formula": "abandons_missed"}, 3 / 7),
        ("service_level_live_ratio", {"window": "15m"}, 3 / 8),
        ("asa_seconds", {"window": "day"}, 50.001 / 4),
        ("abandonment_ratio", {"window": "interval"}, 2 / 7),
        ("abandonment_without_short_ratio", {"window": "1h"}, 1 / 6),
        ("aht_seconds", {"window": "30m"}, 75.0),
        ("occupancy_ratio", {"window": "5m"}, 0.5),
        ("kpi_visits", {"window": "15m", "kpi": "service_level"}, 7),
        ("kpi_visits", {"window": "15m", "kpi": "customer_wait_s"}, 0),
    ],
)
def test_each_figure_is_what_a_hand_counts(name: str, labels: dict[str, str], count: float) -> None:
    assert samples([told(booked(floor()), "sales", as_of_s=60)])[of(name, **labels)] == pytest.approx(count)


def test_promql_over_the_counters_equals_the_gauge_of_the_day() -> None:
    found = samples([SALES])

    def net(stem: str, **labels: str) -> float:
        return found[of(f"{stem}_total", **labels)] - found[of(f"{stem}_corrected_total", **labels)]

    exited = sum(net("visits_exited", cause=cause) for cause in ("timeout", "empty", "key", "callback", "other"))
    done = net("visits_answered") + net("visits_abandoned") + exited
    gauge = found[of("service_level_ratio", window="day", formula="abandons_missed")]
    assert net("visits_answered_within_threshold", threshold="20") / done == gauge


def test_what_a_later_fact_takes_back_is_counted_apart_and_nothing_falls() -> None:
    events = visit("sales", 0, ev.Abandoned, 4)
    answer = ev.Connected(at=after(3), queue="sales", contact_id=CONTACT)
    before = samples([told(booked(events), "sales")])
    later = samples([told(booked([*events, answer]), "sales")])
    assert later[of("visits_abandoned_total")] == later[of("visits_abandoned_corrected_total")] == 1
    assert later[of("visits_abandoned_short_corrected_total")] == 1
    assert later[of("visits_answered_total")] - later[of("visits_answered_corrected_total")] == 1
    assert later[of("visit_wait_corrected_seconds_bucket", outcome="abandoned", le="5.0")] == 1
    assert later[of("visit_wait_corrected_seconds_sum", outcome="abandoned")] == 4
    growing = [key for key in before if key[0].endswith(("_total", "_bucket", "_count", "_sum"))]
    assert all(later[key] >= before[key] for key in growing)


def test_the_next_scrape_shows_what_has_come_since() -> None:
    live: Tally = {}
    views: list[QueueMetrics] = []
    collector = MetricsCollector(Telling(views, HEALTH))
    for scrape in (1, 2, 3):
        add(live, outcome_items(ANSWERED, 15_000, None, None))
        views[:] = [QueueMetrics("sales", "voice", Policy(), dict(live), {}, {})]
        found = {_key(sample): sample.value for metric in collector.collect() for sample in metric.samples}
        assert found[of("visit_wait_seconds_bucket", outcome="answered", le="20.0")] == scrape
        assert found[of("visits_answered_within_threshold_total", threshold="20")] == scrape


def test_a_queue_that_comes_back_with_other_counts_of_the_same_sum_is_counted_anew() -> None:
    views: list[QueueMetrics] = []
    collector = MetricsCollector(Telling(views, HEALTH))
    for kind, name in ((ANSWERED, "answered"), (ABANDONED, "abandoned")):
        views[:] = [QueueMetrics("sales", "voice", Policy(), dict(outcome_items(kind, 0, None, None)), {}, {})]
        found = {_key(sample): sample.value for metric in collector.collect() for sample in metric.samples}
        assert found[of("visit_wait_seconds_count", outcome=name)] == 1


def test_an_abandon_of_exactly_the_limit_is_not_short() -> None:
    events = [*visit("sales", 0, ev.Abandoned, 4.999), *visit("sales", 1, ev.Abandoned, 5)]
    assert samples([told(booked(events), "sales")])[of("visits_abandoned_short_total")] == 1


def test_another_threshold_counts_the_same_tally_anew() -> None:
    views = [SALES]
    collector = MetricsCollector(Telling(views, HEALTH))
    list(collector.collect())
    views[:] = [structs.replace(SALES, policy=Policy(threshold_s=15, short_abandon_s=2))]
    found = {_key(sample): sample.value for metric in collector.collect() for sample in metric.samples}
    assert found[of("visits_answered_within_threshold_total", threshold="15")] == 2
    assert found[of("visits_abandoned_short_total")] == 0
    assert found[of("visit_wait_seconds_bucket", outcome="answered", le="15.0")] == 2


def test_a_queue_without_visits_has_counters_at_0_and_no_ratios() -> None:
    menu = [ev.NotOffered(at=START_MS, queue="new", contact_id="m", why="full", channel="voice")]
    found = samples([told(booked(menu), "new")])
    assert found[of("visits_offered_total", queue="new")] == 0
    assert found[of("visits_offered_corrected_total", queue="new")] == 0
    assert found[of("visits_exited_total", queue="new", cause="timeout")] == 0
    assert found[of("visit_wait_seconds_bucket", queue="new", outcome="answered", le="+Inf")] == 0
    assert found[of("visits_waiting", queue="new")] == 0
    assert found[of("kpi_visits", queue="new", window="15m", kpi="asa_s")] == 0
    absent = {"service_level_ratio", "asa_seconds", "wait_p50_seconds", "oldest_wait_start_timestamp_seconds"}
    assert not absent & {name for name, _ in found}


def test_buckets_are_exact_at_every_threshold_in_use() -> None:
    found = samples([SALES, told(booked(floor("b")), "b", Policy(threshold_s=17))], thresholds_s=(33,))
    wait = {"outcome": "answered"}
    upto = [found[of("visit_wait_seconds_bucket", **wait, le=f"{edge}.0")] for edge in (5, 10, 17, 20, 30)]
    assert upto == [1, 2, 2, 3, 4]
    assert found[of("visit_wait_seconds_bucket", queue="b", **wait, le="33.0")] == 4
    assert found[of("visit_wait_seconds_count", **wait)] == 4
    assert found[of("visit_wait_seconds_sum", **wait)] == 50.001
    assert of("visit_wait_seconds_count", outcome="lost") not in found


def test_a_wrap_up_told_later_makes_its_visit_longer_and_not_another_one() -> None:
    found = samples([SALES])
    handled = [found[of(f"visit_handle_{twin}seconds_count")] for twin in ("", "corrected_")]
    seconds = [found[of(f"visit_handle_{twin}seconds_sum")] for twin in ("", "corrected_")]
    assert (handled, seconds) == ([2, 1], [65 + 75, 65])


def test_a_queue_that_wants_less_than_its_threshold_does_not_count_a_wait_of_exactly_that_long() -> None:
    found = samples([told(booked(floor()), "sales", Policy(boundary="lt"))])
    assert found[of("visits_answered_within_threshold_total", threshold="20")] == 2
    assert found[of("visit_wait_seconds_bucket", outcome="answered", le="20.0")] == 3


def test_every_threshold_of_the_configuration_is_known_wherever_its_queue_lives() -> None:
    settings = Settings(queue_defaults=QueueSettings(threshold_s=25), queues={"vip": QueueSettings(threshold_s=7)})
    assert thresholds_of(settings) == (7, 25)


def test_the_worker_tells_its_own_health() -> None:
    found = samples([])
    part = {"topic": "callpulse.calls", "partition": "0"}
    recovering = frozenset({**part, "partition": "1"}.items())
    assert found["event_time_seconds", frozenset(part.items())] == START_MS / 1000 + 0.5
    assert found["event_lag_records", frozenset(part.items())] == 3
    assert found["partition_recovered", frozenset(part.items())] == 1
    assert found["partition_recovered", recovering] == 0
    assert ("event_lag_records", recovering) not in found
    assert ("event_time_seconds", recovering) not in found
    assert found["flush_seconds_sum", frozenset()] == 0.25
    assert found["flush_seconds_count", frozenset()] == 4
    assert found["last_flush_timestamp_seconds", frozenset()] == START_MS / 1000 + 1.5
    assert found["redis_write_failures_total", frozenset()] == 2
    assert found["build_info", frozenset({("version", "0.1.0"), ("python", "3.11.9")})] == 1
    assert not_recovered(HEALTH.partitions) == ["callpulse.calls/1: recovering"]


def test_every_reason_of_a_refusal_is_there_before_its_first_record() -> None:
    found = samples([])
    rejected = {dict(labels)["reason"]: value for (name, labels), value in found.items() if "rejected" in name}
    assert rejected == {reason: 2 if reason == "too_late" else 0 for reason in Reason}


def test_a_worker_that_has_stored_nothing_yet_has_no_time_of_its_last_flush() -> None:
    found = samples([], WorkerHealth(version="1", python="3"))
    assert ("last_flush_timestamp_seconds", frozenset()) not in found


@pytest.mark.parametrize(
    ("generate", "parse"), [(generate_latest, classic_families), (generate_openmetrics, openmetrics_families)]
)
@pytest.mark.parametrize("views", [(), (SALES,)])
def test_every_family_of_the_list_is_told_and_no_other(generate, parse, views) -> None:  # type: ignore[no-untyped-def]
    text = generate(registry(views)).decode()
    found = {family.name: (family.type, family.documentation) for family in parse(text)}
    assert found == {_exposed(each, generate): (_type(each, generate), each.help) for each in FAMILIES}


def _exposed(family: Family, generate: object) -> str:
    name = family.name.removesuffix("_total")
    return name.removesuffix("_info") if generate is generate_openmetrics else name


def _type(family: Family, generate: object) -> str:
    return "gauge" if family.type == "info" and generate is generate_latest else family.type


def test_every_sample_has_just_the_labels_of_its_family() -> None:
    for metric in MetricsCollector(Telling([SALES], HEALTH)).collect():
        for sample in metric.samples:
            family = next(
                BY_NAME[n] for n in (sample.name, re.sub("_(bucket|count|sum)$", "", sample.name)) if n in BY_NAME
            )
            assert set(sample.labels) - {"le"} == set(family.labels)


def test_the_list_names_each_family_once_and_every_ratio_and_duration_of_the_catalogue() -> None:
    assert len(BY_NAME) == len(FAMILIES)
    measured = {kpi.id for kpi in BY_ID.values() if kpi.unit in {"ratio", "s"}}
    sums = {id_ for id_ in measured if id_.endswith("_sum_s")}  # the histograms tell them
    assert {family.kpi for family in names.KPIS} == measured - sums - {"longest_wait_s"}


def test_whatever_can_be_told_is_in_the_list() -> None:
    """What is in the list and cannot be told is found when the worker starts."""
    assert {*COUNTED, *LASTED, *SHOWN, *WORKER, *TIMED} <= {family.stem for family in FAMILIES}


def test_no_agent_and_no_contact_is_told() -> None:
    text = generate_latest(registry()).decode()
    assert AGENT not in text
    assert CONTACT not in text


@pytest.mark.parametrize("queue", ODD_NAMES)
@pytest.mark.parametrize(("form", "parse"), [(CLASSIC, classic_families), (OPEN, openmetrics_families)])
async def test_odd_queue_names_come_back_as_they_were(form: Format, parse, queue: str) -> None:  # type: ignore[no-untyped-def]
    text = (await served([told(booked(floor(queue)), queue)], form)).decode()
    queues = {sample.labels["queue"] for each in parse(text) for sample in each.samples if "queue" in sample.labels}
    assert queues == {queue}


async def served(views: Iterable[QueueMetrics], form: Format) -> bytes:
    """The text that the endpoint sends."""
    return await whole(texts(await MetricsCollector(Telling(list(views), HEALTH)).gather(), form))


@needs_prometheus
def test_promtool_has_nothing_to_say_of_odd_names() -> None:
    text = asyncio.run(served([told(booked(floor(queue)), queue) for queue in ODD_NAMES], CLASSIC))
    assert promtool("check", "metrics", told=text) == (0, "")
