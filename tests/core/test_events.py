"""Records by example: what is accepted, and what a refusal says."""

import pytest

from callpulse.stream.core import events as ev
from callpulse.stream.core.events import (
    LAST_MS,
    AgentState,
    Connected,
    Enqueued,
    Exited,
    Heartbeat,
    NotOffered,
    Reason,
    Rejected,
    Snapshot,
)
from callpulse.stream.core.wire import MAX_RECORD_BYTES, decode_agent, decode_call, encode, parse_time

AT = 1_795_248_012_345  # 2026-11-21T08:00:12.345Z


def refused(record: bytes) -> tuple[Reason, str]:
    found = decode_call(record)
    assert isinstance(found, Rejected), found
    assert "expected" in found.detail.lower() or "required" in found.detail
    return found.reason, found.field


def call(fields: bytes) -> bytes:
    return b'{"type":"connected","queue":"sales","contact_id":"1",' + fields + b"}"


def test_the_example_of_the_contract() -> None:
    record = (
        b'{"type":"connected","at":"2026-11-21T08:00:12.345Z","queue":"sales","contact_id":"171739.826",'
        b'"agent":"7009","wait_s":12.345}'
    )
    assert decode_call(record) == Connected(at=AT, queue="sales", contact_id="171739.826", agent="7009", wait_s=12.345)


@pytest.mark.parametrize(
    "at",
    [
        b"1795248012345",
        b'"1795248012345"',
        b"1795248012345.0",
        b'"2026-11-21T08:00:12.345Z"',
        b'"2026-11-21T09:00:12.345+01:00"',
        b'"2026-11-21T08:00:12.345999Z"',
    ],
)
def test_one_moment_in_many_spellings(at: bytes) -> None:
    assert decode_call(call(b'"at":' + at)) == Connected(at=AT, queue="sales", contact_id="1")


def test_numbers_as_strings_and_unknown_fields() -> None:
    record = call(b'"at":5000,"wait_s":"1.5","event_id":"x","colour":{"deep":[1]}')
    assert decode_call(record) == Connected(at=5000, queue="sales", contact_id="1", wait_s=1.5)
    assert decode_call(b'{"type":"snapshot","at":1,"queue":"q","waiting":"3"}') == Snapshot(at=1, queue="q", waiting=3)


def test_times_of_arrival_are_milliseconds_too() -> None:
    stated = call(b'"at":"2026-11-21T08:00:12.345Z","enqueued_at":"2026-11-21T08:00:00Z"')
    assert decode_call(stated) == Connected(at=AT, queue="sales", contact_id="1", enqueued_at=AT - 12_345)
    assert decode_call(call(b'"at":9,"enqueued_at":4.0')) == Connected(
        at=9, queue="sales", contact_id="1", enqueued_at=4
    )


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (b"", Reason.NOT_JSON, ""),
        (b'{"type":"connected","at":1,"que', Reason.NOT_JSON, ""),
        (b"\xff\xfe", Reason.NOT_JSON, ""),
        (b"[" * 50_000, Reason.NOT_JSON, ""),
        (b'{"type":"connected","at":1,"queue":"q","contact_id":"c","wait_s":NaN}', Reason.NOT_JSON, ""),
        (b"[1]", Reason.NOT_AN_OBJECT, ""),
        (b"null", Reason.NOT_AN_OBJECT, ""),
        (b"{}", Reason.MISSING_FIELD, "type"),
        (b'{"type":"telepathy","at":1}', Reason.UNKNOWN_TYPE, "type"),
        (b'{"type":7,"at":1}', Reason.UNKNOWN_TYPE, "type"),
        (b'{"type":"agent_state","at":1,"agent":"7","state":"ready"}', Reason.UNKNOWN_TYPE, "type"),
        (b'{"type":"heartbeat"}', Reason.MISSING_FIELD, "at"),
        (b'{"type":"enqueued","at":1,"contact_id":"c"}', Reason.MISSING_FIELD, "queue"),
        (b'{"type":"enqueued","at":1,"queue":"","contact_id":"c"}', Reason.BAD_VALUE, "queue"),
        (b'{"type":"enqueued","at":1,"queue":"' + b"q" * 10_000 + b'","contact_id":"c"}', Reason.BAD_VALUE, "queue"),
        (b'{"type":"enqueued","at":1,"queue":"q","contact_id":5}', Reason.BAD_VALUE, "contact_id"),
        (call(b'"at":-1'), Reason.BAD_VALUE, "at"),
        (call(b'"at":1.5'), Reason.BAD_VALUE, "at"),
        (call(b'"at":null'), Reason.BAD_VALUE, "at"),
        (call(b'"at":"yesterday"'), Reason.BAD_VALUE, "at"),
        (call(b'"at":"2026-11-21T08:00:12"'), Reason.BAD_VALUE, "at"),
        (call(b'"at":"3000-01-01T00:00:00Z"'), Reason.BAD_VALUE, "at"),
        (call(b'"at":"99999999999999999999999"'), Reason.BAD_VALUE, "at"),
        (call(b'"at":5,"enqueued_at":6'), Reason.BAD_VALUE, "enqueued_at"),
        (call(b'"at":5,"enqueued_at":"soon"'), Reason.BAD_VALUE, "enqueued_at"),
        (call(b'"at":5,"wait_s":-1'), Reason.BAD_VALUE, "wait_s"),
        (call(b'"at":5,"wait_s":"NaN"'), Reason.BAD_VALUE, "wait_s"),
        (call(b'"at":5,"wait_s":"1e999"'), Reason.BAD_VALUE, "wait_s"),
        (call(b'"at":5,"wait_s":"soon"'), Reason.BAD_VALUE, "wait_s"),
        (call(b'"at":5,"wait_s":[1]'), Reason.BAD_VALUE, "wait_s"),
    ],
)
def test_a_refusal_says_why_and_where(record: bytes, reason: Reason, field: str) -> None:
    assert refused(record) == (reason, field)


def test_a_record_that_is_too_large_or_empty() -> None:
    assert refused(b" " * (MAX_RECORD_BYTES + 1)) == (Reason.TOO_LARGE, "")
    assert refused(None) == (Reason.NOT_JSON, "")  # type: ignore[arg-type]
    assert decode_call(call(b'"at":1') + b" " * (MAX_RECORD_BYTES - 100)) == Connected(
        at=1, queue="sales", contact_id="1"
    )


@pytest.mark.parametrize("queue", ['O\'Brien & "Zoons"', "<script>alert(1)</script>", "☎️ 東京", "q" * 200, "a\tb"])
def test_names_are_kept_as_they_are(queue: str) -> None:
    event = Enqueued(at=1, queue=queue, contact_id="c")
    assert decode_call(encode(event)) == event


def test_what_is_not_stated_is_not_written() -> None:
    assert encode(Exited(at=5, queue="q", contact_id="c")) == b'{"type":"exited","at":5,"queue":"q","contact_id":"c"}'
    assert encode(NotOffered(at=5, queue="q", contact_id="c", why="menu", ivr_s=3.0)).endswith(
        b'"why":"menu","ivr_s":3.0}'
    )


def test_agents() -> None:
    record = (
        b'{"type":"agent_state","at":"1970-01-01T00:00:01Z","agent":"7","state":"ready","queues":["a","b"],"site":"x"}'
    )
    expected = AgentState(at=1000, agent="7", state="ready", queues=("a", "b"), site="x")
    assert decode_agent(record) == decode_agent(encode(expected)) == expected
    assert decode_agent(b'{"type":"heartbeat","at":7,"source":"pbx"}') == Heartbeat(at=7, source="pbx")


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (b'{"type":"agent_state","at":1,"agent":"7","state":"asleep"}', Reason.BAD_VALUE, "state"),
        (b'{"type":"agent_state","at":1,"agent":"7"}', Reason.MISSING_FIELD, "state"),
        (b'{"type":"agent_state","at":1,"agent":"7","state":"ready","queues":[""]}', Reason.BAD_VALUE, "queues[0]"),
        (b'{"type":"connected","at":1,"queue":"q","contact_id":"c"}', Reason.UNKNOWN_TYPE, "type"),
        (b"x" * (MAX_RECORD_BYTES + 1), Reason.TOO_LARGE, ""),
    ],
)
def test_refusals_of_agents(record: bytes, reason: Reason, field: str) -> None:
    found = decode_agent(record)
    assert isinstance(found, Rejected)
    assert (found.reason, found.field) == (reason, field)


def test_the_last_moment_there_is() -> None:
    assert parse_time("2999-12-31T23:59:59.999Z") == LAST_MS
    with pytest.raises(ValueError, match="offset"):
        parse_time("2999-12-31T23:59:59.999")


def test_every_type_of_the_contract_is_known() -> None:
    names = {cls.__struct_config__.tag for cls in ev.Call.__args__}
    assert names == {
        *("enqueued", "ringing", "connected", "abandoned", "exited", "lost", "held", "resumed", "ended"),
        *("wrapped_up", "not_offered", "snapshot", "heartbeat"),
    }
