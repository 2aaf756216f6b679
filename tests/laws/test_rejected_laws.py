"""Whatever was refused is read back as it was, and notes of what was sent again tell the same offsets."""

from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callpulse.rejected.judging import Again, Stays, World, judged
from callpulse.rejected.record import Note, Refused, note, note_of, offsets_in, refused_of, spans
from callpulse.rejected.turns import FORGOTTEN_MS, Turns
from callpulse.rejected.words import line
from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.wire import decode_call, encode
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.refusals import SHOWN_BYTES, Refusals
from tests.laws.test_event_laws import CALLS

WORLD = World(names={"t.calls": "calls"}, partitions=4, clocks={}, now_ms=0, limits=Limits(max_future_ms=None))


def set_aside(value: bytes | None, reason: Reason = Reason.NOT_JSON, key: bytes | None = b"q") -> Refused:
    """Through the worker's own writing."""
    written: list[bytes] = []
    outbox: Any = SimpleNamespace(add=lambda *told: written.append(told[3]))
    record = SimpleNamespace(topic="t.calls", partition=1, offset=7, timestamp=1_000, key=key, value=value)
    Refusals(outbox, "t.rejected", AgentNames()).add(record, Rejected(reason, "at", "said"))
    found = refused_of(written[0], 3, 2_000)
    assert found is not None
    return found


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_a_refused_record_is_read_back_to_the_byte(value: bytes) -> None:
    found = set_aside(value)
    whole = found.raw()
    cut_inside_a_letter = whole is None  # a letter cut at the end is left out: it was no event
    assert whole == value or (cut_inside_a_letter and isinstance(judged(found, WORLD), Stays))
    assert (found.topic, found.partition, found.offset, found.reason) == ("t.calls", 1, 7, "not_json")
    assert (found.at, found.refused_ms, found.recorded_ms) == (3, 2_000, 1_000)


def test_a_record_that_was_cut_is_never_taken_for_the_whole_of_it() -> None:
    assert set_aside(b" " * (SHOWN_BYTES + 1)).raw() is None
    assert isinstance(judged(set_aside(b" " * (SHOWN_BYTES + 1)), WORLD), Stays)


@given(st.sets(st.integers(0, 300)))
def test_a_note_tells_the_offsets_it_was_made_of(offsets: set[int]) -> None:
    found = note_of(note(offsets, 5, "run", "somebody"))
    assert found is not None
    assert offsets_in(found.retried, 0, 301) == offsets
    assert offsets_in(found.retried, 100, 200) == {offset for offset in offsets if 100 <= offset < 200}
    assert all(last + 1 < first for (_, last), (first, _) in zip(spans(offsets), spans(offsets)[1:], strict=False))


def test_a_note_of_somebody_else_costs_no_more_than_the_topic_is_long() -> None:
    assert offsets_in([(-(10**18), 10**18), (5, 3), (90, 10**18)], 10, 12) == {10, 11}


@given(st.integers(-(2**63), 2**63 - 1))
def test_whatever_time_a_record_has_it_can_be_told(refused_ms: int) -> None:
    written = b'{"reason":"not_json","topic":"t.calls","partition":0,"offset":0,"size":0}'
    found = refused_of(written, 0, refused_ms)
    assert found is not None
    assert list(line(found, False, ZoneInfo("Pacific/Kiritimati"), raw=True, names=AgentNames()))


@given(st.binary(max_size=200), st.integers(0, 9))
def test_bytes_of_somebody_else_are_no_refused_record_and_no_note(value: bytes, at: int) -> None:
    assert refused_of(value, at, 0) is None
    assert note_of(value) is None


@given(CALLS)
def test_what_is_sent_again_is_the_event_that_was_refused(event: Any) -> None:
    found = judged(set_aside(encode(event), Reason.WRONG_PARTITION), WORLD)
    decoded = decode_call(encode(event))
    if isinstance(found, Again):
        assert found.event == decoded
    else:
        assert found.why == "passed" or isinstance(decoded, Rejected)


RUNS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(-2 * FORGOTTEN_MS, 2 * FORGOTTEN_MS), st.booleans()), max_size=30
)


@given(RUNS)
def test_of_all_that_are_heard_of_exactly_the_first_has_the_turn(said: list[tuple[str, int, bool]]) -> None:
    turns, going = Turns(), dict[str, int]()
    for run, at_ms, over in said:
        turns.take(Note((), at_ms, run=run, over=over))
        going.pop(run, None) if over else going.update({run: at_ms})
    heard = [run for run, at_ms in going.items() if abs(at_ms) < FORGOTTEN_MS]
    assert [run for run in heard if turns.ahead_of(run, 0) is None] == heard[:1]
    late = turns.ahead_of("who comes", 0)
    assert (late.run if late else None) == (heard[0] if heard else None)


def test_a_note_of_an_older_version_is_of_no_run() -> None:
    turns, older = Turns(), note_of(b'{"v":1,"retried":[[17,19]],"retried_ms":0}')
    assert older is not None
    turns.take(older)
    assert turns.ahead_of("who comes", 0) is None
