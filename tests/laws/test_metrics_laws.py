"""Laws of the metrics, whatever is in the tallies."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.utils import floatToGoString

from callpulse.stream.core import tally as t
from callpulse.stream.core.facts import ABANDONED, ANSWERED
from callpulse.stream.core.kpis import Part, Policy, figures
from callpulse.stream.core.tally import Tally
from callpulse.stream.durations import EDGES_S
from callpulse.stream.metrics import exposition
from callpulse.stream.metrics.collector import MetricsCollector
from callpulse.stream.metrics.exposition import CLASSIC, OPEN, chosen, pressed, texts, weights
from callpulse.stream.metrics.lines import number
from callpulse.stream.metrics.queue_lines import TOGETHER
from callpulse.stream.metrics.queue_samples import cumulative, edges_of
from callpulse.stream.metrics.source import QueueMetrics
from tests.metrics_floor import HEALTH, Telling, took, whole

waits_ms = st.lists(st.integers(0, 8_000_000) | st.integers(0, 8000).map(lambda seconds: seconds * 1000), max_size=30)
edges = st.sets(st.integers(0, 7200), min_size=1, max_size=20).map(lambda found: tuple(sorted(found)))
letters = st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\\n"n{},=# ')
look_alikes = st.sampled_from(['queue=""', 'channel=""', "queue=", '"";', '"', "\\", "%s", "%%", "%(x)s"])
queue_names = st.text(letters, min_size=1, max_size=30) | st.lists(look_alikes, min_size=1, max_size=4).map("".join)


def tally_of(answered_ms: list[int], abandoned_ms: list[int] = []) -> Tally:  # noqa: B006 -- never changed
    tally: Tally = {}
    for kind, waits in ((ANSWERED, answered_ms), (ABANDONED, abandoned_ms)):
        for wait in waits:
            t.add(tally, t.OFFERED_ITEMS)
            t.add(tally, t.outcome_items(kind, wait, None, None))
    return tally


def view(tally: Tally, taken_back: Tally | None = None, queue: str = "q", policy: Policy | None = None) -> QueueMetrics:
    judged = policy or Policy()
    board = {"day": figures([Part(tally, judged, 0, 0)])}
    return QueueMetrics(queue, "voice", judged, tally, taken_back or {}, board)


def buckets(told: QueueMetrics, family: str) -> dict[str, float]:
    """Upper edge -> count of the answered."""
    metrics = MetricsCollector(Telling([told], HEALTH)).collect()
    found = next(metric for metric in metrics if metric.name == family)
    return {s.labels["le"]: s.value for s in found.samples if "le" in s.labels and s.labels["outcome"] == "answered"}


@given(waits_ms, edges)
def test_a_bucket_holds_exactly_those_that_lasted_at_most_its_edge(waits: list[int], at: tuple[int, ...]) -> None:
    upto = cumulative(t.histogram(tally_of(waits), ANSWERED), at)
    assert upto == [*(sum(wait <= edge * 1000 for wait in waits) for edge in at), len(waits)]
    assert upto == sorted(upto)


@given(waits_ms, st.data())
def test_buckets_booked_less_those_taken_back_are_the_buckets_of_what_is_left(
    waits: list[int], data: st.DataObject
) -> None:
    gone = data.draw(st.lists(st.sampled_from(waits), unique_by=id, max_size=len(waits)) if waits else st.just([]))
    left = list(waits)
    for wait in gone:
        left.remove(wait)
    told = view(tally_of(waits), tally_of(gone))
    booked, back = (buckets(told, f"callpulse_visit_wait_{twin}seconds") for twin in ("", "corrected_"))
    assert {le: booked[le] - back[le] for le in booked} == buckets(view(tally_of(left)), "callpulse_visit_wait_seconds")


@given(waits_ms, waits_ms, st.integers(0, 7200))
def test_the_service_level_gauge_is_what_the_counters_give_or_absent(
    answered: list[int], abandoned: list[int], threshold_s: int
) -> None:
    told = view(tally_of(answered, abandoned), policy=Policy(threshold_s=threshold_s))
    values = {s.name: s.value for m in MetricsCollector(Telling([told], HEALTH)).collect() for s in m.samples}
    within, offered = (values[f"callpulse_visits_{name}_total"] for name in ("answered_within_threshold", "offered"))
    expected = within / offered if offered else None
    assert values.get("callpulse_service_level_ratio") == expected
    assert expected is None or 0 <= expected <= 1


@given(st.lists(st.floats(0, 100), max_size=30))
def test_each_duration_is_counted_at_its_edge_and_at_all_above(lasted: list[float]) -> None:
    found = took(*lasted)
    assert found.upto == (*(sum(each <= edge for each in lasted) for edge in EDGES_S), len(lasted))
    assert found.sum_s == sum(lasted)


@given(st.lists(st.integers(0, 7200), max_size=5), st.lists(st.integers(0, 7200), max_size=5))
def test_every_threshold_is_an_edge_once_and_edges_rise(own: list[int], others: list[int]) -> None:
    found = edges_of([Policy(threshold_s=each) for each in own], others)
    assert set(own) | set(others) <= set(found)
    assert list(found) == sorted(set(found))


@settings(max_examples=60)
@given(st.lists(queue_names, unique=True, max_size=3), queue_names)
def test_the_text_is_what_prometheus_client_writes_byte_for_byte(queues: list[str], channel: str) -> None:
    views = [structs.replace(view(tally_of([1000, 2000]), queue=queue), channel=channel) for queue in queues]
    collector = MetricsCollector(Telling(views, HEALTH))
    registry = CollectorRegistry()
    registry.register(collector)
    for form, expected in ((CLASSIC, generate_latest(registry)), (OPEN, generate_openmetrics(registry))):
        assert asyncio.run(_text(collector, form)) == expected


@given(
    st.floats()
    | st.floats(1e-6, 1e-3)
    | st.integers(-(10**9), 10**9)
    | st.integers(0, 10**7).map(lambda whole: whole / 7)
)
def test_a_number_is_what_prometheus_client_writes(value: float) -> None:
    assert number(value) == f"{floatToGoString(value)}\n"


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 60))
def test_what_is_pressed_in_parts_is_the_text(pieces: list[bytes], together: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(exposition, "TOGETHER", together)
        assert gzip.decompress(asyncio.run(whole(pressed(_each(pieces))))) == b"".join(pieces)


async def _each(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_of_many_queues_the_last_is_told_though_the_others_have_nothing_to_tell() -> None:
    views = [view({}, queue=f"quiet {n}") for n in range(3 * TOGETHER)]
    collector = MetricsCollector(Telling([*views, view(tally_of([1000]), queue="sales")], HEALTH))
    registry = CollectorRegistry()
    registry.register(collector)
    assert asyncio.run(_text(collector, CLASSIC)) == generate_latest(registry)


async def _text(collector: MetricsCollector, form: object) -> bytes:
    return await whole(texts(await collector.gather(), form))  # type: ignore[arg-type]


@settings(max_examples=25)
@given(queue_names)
def test_a_queue_name_comes_back_as_it_was(queue: str) -> None:
    registry = CollectorRegistry()
    registry.register(MetricsCollector(Telling([view(tally_of([1000]), queue=queue)], HEALTH)))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    assert {s.labels["queue"] for each in families for s in each.samples if "queue" in s.labels} == {queue}


@given(st.text(max_size=60))
def test_any_header_has_an_answer(header: str) -> None:
    assert chosen(header) in (CLASSIC, OPEN)
    assert all(isinstance(weight, float) for weight in weights(header).values())
