"""Events as JSON lines: as the simulator writes them or bare, and what is wrong with a line."""

import gzip
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from callpulse import cli
from callpulse.replay.run import Request, recorded
from callpulse.simulator.truth import truth
from callpulse.sources.event_lines import EventLines, looks_like_events
from callpulse.sources.reading import SourceOptions
from callpulse.stream.core.events import AgentState, Connected, Enqueued, Event, Heartbeat, Reason, Rejected
from callpulse.stream.core.wire import encode

AT = 1_795_248_000_000
EVENTS: list[Event] = [
    Enqueued(at=AT, queue="sales", contact_id="1"),
    AgentState(at=AT, agent="7", state="ready", queues=("sales",)),
    Connected(at=AT + 4_000, queue="sales", contact_id="1", agent="7", wait_s=4.0),
    Heartbeat(at=AT + 9_000, source="pbx"),
]


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, [*arguments], catch_exceptions=False)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_bare_and_as_the_record_that_kafka_would_get(event: Event) -> None:
    bare = encode(event).decode()
    assert EventLines().feed(bare) == [event]
    assert EventLines().feed(f'\ufeff {{"topic":"t","key":"k","value":{bare}}}\r') == [event]


@pytest.mark.parametrize(
    ("line", "reason", "field", "detail"),
    [
        ('{"type":"connected"}', Reason.MISSING_FIELD, "at", "Object missing required field `at`"),
        ('{"type":"enqueued","at":"soon","queue":"q","contact_id":"1"}', Reason.BAD_VALUE, "at", "expected RFC 3339"),
        ('{"value":{"type":"agent_state","at":1,"agent":"7","state":"x"}}', Reason.BAD_VALUE, "value.state", "'x'"),
        ('{"type":"x"}', Reason.UNKNOWN_TYPE, "type", "wrapped_up, or agent_state"),
        ('{"value":[1]}', Reason.NOT_AN_OBJECT, "value", "expected an object"),
        ('{"type":"enqueued"', Reason.NOT_JSON, "", "expected a JSON object"),
        ("1|2|3", Reason.NOT_JSON, "", "expected a JSON object"),
    ],
)
def test_a_line_that_is_no_event_says_which_field_and_what_was_expected(
    line: str, reason: Reason, field: str, detail: str
) -> None:
    (found,) = EventLines().feed(line)
    assert isinstance(found, Rejected)
    assert (found.reason, found.field) == (reason, field)
    assert detail in found.detail


@given(
    st.text() | st.recursive(st.none() | st.text(), st.lists).map(lambda v: msgspec.json.encode({"value": v}).decode())
)
def test_whatever_the_line_it_is_an_event_a_refusal_or_blank(line: str) -> None:
    lines = EventLines()
    assert len(lines.feed(line)) + lines.ignored["(blank)"] == 1


def test_what_the_simulator_wrote_is_checked_and_nobody_has_to_say_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert call("simulate", "--to", str(file), "--speed", "max", "--duration", "900").exit_code == 0
    found = msgspec.json.decode(call("check", "--json", "--by", "all", str(file)).stdout)
    events, refused, broken_off = recorded(Request(file, "events", SourceOptions()))
    assert (refused, broken_off) == (0, "")
    assert found["lines"]["read"] == found["lines"]["events"] == len(events)
    expected = truth(events)
    assert set(found["queues"]) == set(expected)
    for queue, counted in expected.items():
        figures = found["queues"][queue]["all"]
        assert (figures["offered"]["value"], figures["answered"]["value"]) == (counted.offered, counted.answered)


def test_a_line_set_aside_is_told_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("events.jsonl").write_bytes(b"\n".join([encode(EVENTS[0]), b"", b'{"type":"connected","at":1}']))
    done = call("check", "events.jsonl")
    assert done.exit_code == 0
    assert "3 lines read, 1 events" in done.stdout
    assert "events.jsonl, line 3: missing_field (queue): Object missing" in done.stdout


def test_only_a_file_that_begins_as_json_lines_do_looks_like_events(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("1|1|q|NONE|ENTERQUEUE\n")
    (tmp_path / "events.gz").write_bytes(gzip.compress(encode(EVENTS[0])))
    (tmp_path / "empty").write_bytes(b"")
    names = ("events.gz", "log", "empty", "nothere", ".", "x" * 300)
    assert [name for name in names if looks_like_events(tmp_path / name)] == ["events.gz"]


def test_a_csv_without_a_mapping_is_told_what_to_do() -> None:
    done = call("check", str(Path(__file__).parents[2] / "examples" / "mappings" / "calls.csv"))
    assert done.exit_code == 1
    assert "is queue_log the right source? For a CSV or TSV name a file that says what its columns mean" in done.stderr
    assert "--mapping FILE (there are some in examples/mappings)" in done.stderr
