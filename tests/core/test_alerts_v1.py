"""What version 1 stored of alerts, and told in the kpis topic, is taken up by this one."""

from types import SimpleNamespace
from typing import Any

import pytest

from callpulse.alerts.core.stored import OfQueue
from callpulse.alerts.storing import AlertTopic, stored
from callpulse.newer import NewerStateError
from callpulse.stream.board_record import to_view
from callpulse.stream.core import snapshot
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.windows import Span
from callpulse.stream.kpi_table import KpiTable
from tests import state_v1
from tests.alert_site import WELL, Site
from tests.alerts_v1 import PLAN, Kept, in_trouble, records
from tests.timeline import ms_of


def topic() -> AlertTopic:
    return AlertTopic(Kept(), "callpulse.alerts", 2, lambda: ms_of("09:10"), 30_000)  # type: ignore[arg-type]


def taken_up() -> dict[str, Any]:
    reading = topic()
    found = [reading.read(record) for record in records("alerts")]
    return dict(each for each in found if each is not None)


def test_every_record_of_alerts_is_read_and_says_what_it_said() -> None:
    found = taken_up()
    assert {key.partition(":")[0] for key in found} >= {"alert", "mute", "watched", "profile"}
    expected = in_trouble()
    sales: OfQueue = found["alert:sales"]
    held = expected.engine.held.queue("sales")
    assert (sales.incident, sales.states) == (held.incident, held.states)
    assert found["mute:2"].why == "drill"


def test_an_alert_that_version_1_told_is_over_in_the_words_of_this_one() -> None:
    site = Site(PLAN)
    for name, value in stored(taken_up()):
        site.engine.held.restore(name, value)
    site.see("sales", WELL)
    site.see("help", WELL)
    site.go("09:10", "09:30")
    assert [(queue, kind) for _, queue, kind, _ in site.told] == [("sales", "resolved")]
    assert site.notices[0].id == in_trouble().notices[0].id


def test_the_records_of_the_kpis_topic_add_up_to_the_same_figures() -> None:
    table = KpiTable(30_000)
    for record in records("kpis"):
        table.take(record)
    assert not table.newer
    for queue, record in table.queues.items():
        spans = {name: Span(*ends) for name, ends in record.spans.items()}
        figures = snapshot.figures([to_view(record, Policy(), record.as_of_ms, spans)])
        expected = state_v1.expected()[queue]["all"]
        assert {name: figure.value for name, figure in figures["all"].items()} == {
            name: figure["value"] for name, figure in expected.items()
        }
    assert set(table.queues) == {"help", "sales"}


@pytest.mark.parametrize("value", [b'{"v":2}', b'{"v":2,"version":"of another kind","value":[]}'])
def test_a_newer_record_of_an_alert_is_refused_and_nothing_is_written_over_it(value: bytes) -> None:
    reading = topic()
    newer = SimpleNamespace(topic="callpulse.alerts", partition=0, offset=7, key=b"alert:sales", value=value)
    with pytest.raises(NewerStateError, match=r"alerts/0/7, key 'alert:sales': stored with schema version 2"):
        reading.read(newer)
    assert reading.unsent == {}


def test_a_newer_record_of_a_queue_counts_until_an_older_worker_writes_it_again() -> None:
    table, (first, *_) = KpiTable(30_000), records("kpis")
    table.take(SimpleNamespace(topic="kpis", partition=0, offset=9, key=first.key, value=b'{"v":2}'))
    assert list(table.newer) == [first.key.decode()]
    table.take(first)
    assert table.newer == {}
