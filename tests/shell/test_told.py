"""What each of the three processes tells Prometheus, as promtool, a parser and the conventions see it."""

import asyncio
import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as classic_families
from prometheus_client.samples import Sample

from callpulse.alerts import metrics as of_alerts
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.metrics import AlertScrape, Telling
from callpulse.current.connection import connect
from callpulse.settings import Settings
from callpulse.stream.core.catalogue import BY_ID
from callpulse.stream.metrics import names as of_worker
from callpulse.stream.metrics.collector import MetricsCollector
from callpulse.stream.metrics.exposition import CLASSIC, OPEN, Told, texts
from callpulse.stream.metrics.family import Family
from callpulse.wallboard import metrics as of_wallboard
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.metrics import WallScrape
from tests import metrics_floor as floor
from tests.core.readings import picture, reading
from tests.judged_site import NOON, Site
from tests.prometheus import needs_prometheus, promtool

FAMILIES = {"worker": of_worker.FAMILIES, "alerts": of_alerts.FAMILIES, "wallboard": of_wallboard.FAMILIES}
CROWDED = Rule(name="crowded", kpi="contacts_waiting", side="above", warning=Level(2, 1))


async def worker() -> Told:
    sales = floor.told(floor.booked(floor.floor()), "sales")
    return await MetricsCollector(floor.Telling([sales], floor.HEALTH)).gather()


async def alerts() -> Told:
    site = Site((CROWDED,))
    for seconds in (0, 20, 20):
        site.firing(NOON + 1000 * seconds, 1000)
    site.duty.judging.add(0.003)
    site.duty.changed_total["crowded", "breached"] += 1
    return AlertScrape(Telling(site.duty, 1, {"desk": None, "pager": "refused"}, ("desk", "pager"), {"sales"}, 3))


async def wallboard() -> Told:
    redis = connect("redis://127.0.0.1:1/0")
    hub = Hub(Settings(), redis)
    await hub.show(picture({"sales": reading(0.5, 100)}))
    await redis.aclose()
    return WallScrape(hub, {"host": 2}, {("ack", "sent"): 1})


PROCESSES = {"worker": worker, "alerts": alerts, "wallboard": wallboard}


@needs_prometheus
@pytest.mark.parametrize("process", PROCESSES)
async def test_promtool_has_nothing_to_say(process: str) -> None:
    text = await floor.whole(texts(await PROCESSES[process](), CLASSIC))
    assert await asyncio.to_thread(promtool, "check", "metrics", told=text) == (0, "")


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize(("form", "parse"), [(CLASSIC, classic_families), (OPEN, openmetrics_families)])
async def test_every_family_of_the_list_is_told_in_either_format(process, form, parse) -> None:  # type: ignore[no-untyped-def]
    found = {each.name: each for each in parse((await floor.whole(texts(await PROCESSES[process](), form))).decode())}
    listed = {name: family for family in FAMILIES[process] for name in _exposed(family, open_=form is OPEN)}
    assert found.keys() == listed.keys()
    for name, family in listed.items():
        assert found[name].documentation == family.help
        assert {frozenset(_labels(sample)) for sample in found[name].samples} <= {frozenset(family.labels)}


def _exposed(family: Family, *, open_: bool) -> set[str]:
    name = family.name.removesuffix("_total")
    return {name.removesuffix("_info") if open_ else name}


def _labels(sample: Sample) -> set[str]:
    return set(sample.labels) - {"le"}


LISTED = {family.name: family for families in FAMILIES.values() for family in families}


@pytest.mark.parametrize("family", LISTED.values(), ids=LISTED)
def test_names_follow_the_conventions(family: Family) -> None:
    assert re.fullmatch(r"callpulse(_[a-z][a-z0-9]*)+", family.name)
    assert (family.type == "counter") == family.name.endswith("_total")
    assert family.unit in {"ratio", "seconds", ""} or not family.name.endswith(("_ratio", "_seconds"))
    assert not re.search("_(ms|milliseconds|minutes|hours|percent|age|avg|bucket|count|sum|created)(_|$)", family.name)
    assert ("timestamp" in family.name) <= family.name.endswith("_timestamp_seconds")
    assert family.help.endswith(".")
    assert not {"agent", "customer", "contact_id", "le", "instance", "job"} & set(family.labels)
    assert not family.kpi or family.kpi in BY_ID


def test_one_name_means_one_thing_in_every_process() -> None:
    for families in FAMILIES.values():
        assert len({family.name for family in families}) == len(families)
        assert all(LISTED[family.name] == family for family in families)


async def of(process: str, family: str) -> dict[tuple[str, ...], float]:
    """(suffix, values of the labels) -> value."""
    told = {each.name: samples for each, samples in (await PROCESSES[process]()).families()}
    name = f"callpulse_{family}"
    return {(sample.name.removeprefix(name), *sample.labels.values()): sample.value for sample in told[name]}


@pytest.mark.parametrize("process", PROCESSES)
async def test_each_says_what_is_running(process: str) -> None:
    assert list((await of(process, "build_info")).values()) == [1]


async def test_looks_are_counted_once_however_often_they_are_asked_for() -> None:
    assert await of("alerts", "alert_evaluations_total") == {("",): 2}
    took = await of("alerts", "alert_evaluation_seconds")
    assert (took["_bucket", "0.001"], took["_bucket", "0.005"], took["_count",]) == (0, 1, 1)


async def test_what_has_not_happened_yet_is_told_as_0() -> None:
    changes = await of("alerts", "alert_transitions_total")
    assert changes["", "crowded", "breached"] == 1
    assert {changes["", rule, "cleared"] for rule in ("crowded", "capacity", "harm", "source_silent")} == {0}
    notices = await of("alerts", "alert_notices_total")
    assert notices == {("", channel, end): 0 for channel in ("desk", "pager") for end in of_alerts.ENDS}
    assert of_alerts.ENDS == ("delivered", "permanent", "givenup")


async def test_one_that_stands_by_says_so_and_nothing_else() -> None:
    told = {family.name: list(samples) for family, samples in AlertScrape().families()}
    of_itself = {name for name in told if name.startswith(("callpulse_build", "callpulse_settings"))}
    assert {name for name, samples in told.items() if samples} <= of_itself | {"callpulse_alerts_on_duty"}
    assert told["callpulse_alerts_on_duty"][0].value == 0
