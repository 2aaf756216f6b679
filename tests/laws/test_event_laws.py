"""Records: what is written is read back, and no bytes at all make the reader raise."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.stream.core import events as ev
from callpulse.stream.core.events import LAST_MS, MAX_SECONDS, Reason, Rejected
from callpulse.stream.core.wire import decode_agent, decode_call, encode
from tests.laws.made import WITHIN_AN_HOUR, calls

NAMES = st.text(min_size=1, max_size=20).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text))
NOTES = st.just("") | NAMES
MOMENTS = st.integers(0, LAST_MS)
SPANS = st.none() | st.floats(0, MAX_SECONDS)
PRIORITY = st.none() | st.integers(0, 9) | NOTES
PLACE: dict[str, Any] = {
    "at": MOMENTS,
    "source": NOTES,
    "queue": NAMES,
    "contact_id": NAMES,
    "channel": NOTES,
    "site": NOTES,
}
CALLS = st.one_of(
    st.builds(
        ev.Enqueued, **PLACE, ivr_s=SPANS, customer=st.none() | NOTES, priority=st.none() | st.integers(0, 9) | NOTES
    ),
    st.builds(ev.Ringing, **PLACE, agent=st.none() | NOTES),
    st.builds(ev.Connected, **PLACE, agent=st.none() | NOTES, enqueued_at=st.just(0), wait_s=SPANS),
    st.builds(ev.Abandoned, **PLACE, wait_s=SPANS),
    st.builds(ev.Exited, **PLACE, cause=NOTES, wait_s=SPANS),
    st.builds(ev.Lost, **PLACE, why=NOTES),
    st.builds(ev.Held, **PLACE, agent=st.none() | NOTES),
    st.builds(ev.Resumed, **PLACE, agent=st.none() | NOTES),
    st.builds(ev.Ended, **PLACE, talk_s=SPANS, hold_s=SPANS, by=st.none() | NOTES),
    st.builds(ev.WrappedUp, **PLACE, wrap_up_s=SPANS),
    st.builds(ev.NotOffered, **PLACE, why=NOTES, ivr_s=SPANS),
    st.builds(ev.Snapshot, at=MOMENTS, queue=NAMES, waiting=st.none() | st.integers(0, 99), longest_wait_s=SPANS),
    st.builds(ev.Heartbeat, at=MOMENTS, source=NOTES),
)
AGENTS = st.builds(
    ev.AgentState,
    at=MOMENTS,
    agent=NAMES,
    state=st.sampled_from(ev.AGENT_STATES),
    reason=NOTES,
    queues=st.lists(NAMES, max_size=3).map(tuple),
    queue=NOTES,
)
ODD = [*rb'" \ NaN 1e999 \ud83d -1 null [ { } "1.5" : ,'.split(), b"\x00", b"\xff", b"\xed\xa0\x80"]
ODD_NUMBERS = (True, -1, 1.5, 1e300, 10**40, float("nan"))
ODD_VALUES: list[Any] = [
    None,
    *ODD_NUMBERS,
    "",
    "x" * 300,
    "nan",
    "1e400",
    "12",
    "2026-11-21",
    "\ud83d",
    "é\x00",
    [],
    {},
]


@given(CALLS)
def test_a_call_event_is_read_back_as_it_was(event: ev.Call) -> None:
    assert decode_call(encode(event)) == event


@given(AGENTS)
def test_an_agent_event_is_read_back_as_it_was(event: ev.AgentState) -> None:
    assert decode_agent(encode(event)) == event


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@settings(max_examples=200)
def test_no_bytes_make_the_reader_raise(record: bytes) -> None:
    for decode in (decode_call, decode_agent):
        assert_accounted_for(decode(record))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["NaN", "Infinity", "1e999", "5", "2026-11-21T09:00:00Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
FIELDS = sorted({field for cls in ev.Call.__args__ for field in cls.__struct_fields__} | {"state", "agent", "queues"})
KINDS = [cls.__struct_config__.tag for cls in (*ev.Call.__args__, ev.AgentState)]


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
@settings(max_examples=200)
def test_no_object_with_the_right_fields_makes_the_reader_raise(kind: str, fields: dict[str, object]) -> None:
    record = msgspec.json.encode({"at": 5, "queue": "q", "contact_id": "c", "agent": "a", "type": kind, **fields})
    for decode in (decode_call, decode_agent):
        assert_accounted_for(decode(record))


def assert_accounted_for(found: ev.Call | ev.Agent | Rejected) -> None:
    """An event that is sound and goes back to bytes, or a refusal that can be written to the topic of the refused."""
    if isinstance(found, Rejected):
        assert found.reason in Reason
        assert found.detail
        msgspec.json.encode(found)
        return
    assert type(found.at) is int
    assert 0 <= found.at <= LAST_MS
    arrival = getattr(found, "enqueued_at", None)
    assert arrival is None or (type(arrival) is int and 0 <= arrival <= found.at)
    decode = decode_agent if isinstance(found, ev.AgentState) else decode_call
    assert decode(encode(found)) == found


def mutated(record: bytes, chance: random.Random) -> bytes:
    """One record, broken as records break: cut, doubled, bytes changed, a value replaced."""
    way = chance.randrange(5)
    if way == 0:
        return record[: chance.randrange(len(record))]
    if way == 1:
        at = chance.randrange(len(record))
        return record[:at] + chance.choice(ODD) + record[at + chance.randrange(3) :]
    if way == 2:
        at = chance.randrange(len(record))
        return record[:at] + bytes([chance.randrange(256)]) + record[at + 1 :]
    if way == 3:
        fields = msgspec.json.decode(record)
        fields[chance.choice(list(fields))] = chance.choice(ODD_VALUES)
        return json.dumps(fields).encode()
    return record + record[: chance.randrange(len(record))]


def test_broken_records_are_all_accounted_for(request: pytest.FixtureRequest) -> None:
    many = 1_000_000 if settings.get_current_profile_name() == "deep" else 100_000
    chance = random.Random(20261121)
    sound = [encode(event) for event in examples()]
    accepted = refused = 0
    for _ in range(many):
        found = decode_call(mutated(chance.choice(sound), chance))
        if isinstance(found, Rejected):
            refused += 1
        else:
            accepted += 1
            assert type(found.at) is int
    assert accepted + refused == many
    assert refused > many // 3


def examples() -> list[ev.Call]:
    events: list[ev.Call] = []

    @given(calls(WITHIN_AN_HOUR))
    @settings(max_examples=200, derandomize=True, database=None)
    def collect(event: ev.Call) -> None:
        events.append(event)

    collect()
    return events
