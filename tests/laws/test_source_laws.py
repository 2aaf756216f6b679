"""Laws of the adapters: whatever a line holds, it never raises, is accounted for, and gives nothing away."""

import re
import string
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from callpulse.sources.csv_mapping import parse_mapping
from callpulse.sources.csv_rows import CsvRows
from callpulse.sources.names import CustomerKey
from callpulse.sources.queue_log import QueueLog
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.queue_log_visits import FORGOTTEN_AT_ONCE, OPEN_VISITS, PAST_VISITS, Visits
from callpulse.sources.rotation import Place, Seen, Why, next_step
from callpulse.stream.core.events import AgentState, Connected, Enqueued, Lost, Rejected
from callpulse.stream.core.wire import decode_agent, decode_call, encode
from tests.core.test_csv_rows import HEADER, SMALL

EVENTS = [
    "ENTERQUEUE",
    "CONNECT",
    "ABANDON",
    "EXITWITHTIMEOUT",
    "EXITEMPTY",
    "EXITWITHKEY",
    "COMPLETEAGENT",
    "COMPLETECALLER",
    "BLINDTRANSFER",
    "ATTENDEDTRANSFER",
    "TRANSFER",
    "RINGNOANSWER",
    "RINGCANCELED",
    "ADDMEMBER",
    "REMOVEMEMBER",
    "PAUSE",
    "UNPAUSE",
    "PAUSEALL",
    "UNPAUSEALL",
    "AGENTLOGIN",
    "AGENTLOGOFF",
    "AGENTCALLBACKLOGOFF",
    "AGENTDUMP",
    "SYSCOMPAT",
    "DID",
    "CONFIGRELOAD",
    "QUEUESTART",
    "OUTDIAL",
]
NUMBER = "0612345678"
text = st.text(max_size=12)
number = st.integers(-2, 40).map(str) | st.sampled_from(["", "x", "9" * 30])
parameter = number | st.sampled_from(["LINK", "APP", "PAUSED", NUMBER]) | text
line = st.builds(
    lambda *fields: "|".join([*fields[:5], *fields[5]]),
    st.integers(1_700_000_000, 1_700_000_060).map(str) | text,
    st.sampled_from(["1.1", "1.2", "1.3", "NONE", ""]),
    st.sampled_from(["sales", "support", "NONE", ""]),
    st.sampled_from(["Agent 7001", "Local/7001@agents/n", f"Local/{NUMBER}@out", "PJSIP/7002", "NONE", ""]),
    st.sampled_from(EVENTS) | text,
    st.lists(parameter, max_size=7),
)
anything = line | st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("utf-8", "replace"))


def decoded(event: object) -> object:
    raw = encode(event)  # type: ignore[arg-type]
    return decode_agent(raw) if isinstance(event, AgentState) else decode_call(raw)


@given(st.lists(anything, max_size=30))
def test_every_line_of_a_log_is_events_a_refusal_or_counted(lines: list[str]) -> None:
    log = QueueLog()
    for number, one in enumerate(lines, 1):
        before = sum(log.ignored.values())
        got = log.feed(one)
        assert bool(got) != (sum(log.ignored.values()) > before)
        assert log.line == number
        assert not any(isinstance(e, Rejected) for e in got) or len(got) == 1


@given(st.lists(anything, max_size=30), st.sampled_from([None, CustomerKey(b"key"), CustomerKey(b"key", "2026b")]))
def test_what_a_log_gives_is_what_the_contract_reads_back(lines: list[str], key: CustomerKey | None) -> None:
    log = QueueLog(QueueLogOptions(customer_key=key))
    for event in (event for one in lines for event in log.feed(one)):
        if not isinstance(event, Rejected):
            assert decoded(event) == event


@given(st.lists(line, max_size=30), st.sampled_from([None, CustomerKey(b"key"), CustomerKey(b"key", "2026b")]))
def test_no_telephone_number_leaves_a_log_but_as_a_reason_typed_by_an_agent(
    lines: list[str], key: CustomerKey | None
) -> None:
    log = QueueLog(QueueLogOptions(customer_key=key))
    for event in (event for one in lines for event in log.feed(one)):
        if not (isinstance(event, AgentState) and NUMBER in event.reason):
            assert NUMBER not in repr(event)


@given(st.lists(line, max_size=40), st.integers(0, 40))
def test_a_log_restored_after_any_line_goes_on_as_if_nothing_happened(lines: list[str], cut: int) -> None:
    whole, first, second = QueueLog(), QueueLog(), QueueLog()
    expected = [whole.feed(one) for one in lines]
    got = [first.feed(one) for one in lines[:cut]]
    second.restore(first.state())
    got += [second.feed(one) for one in lines[cut:]]
    assert got == expected
    assert second.state() == whole.state()


@given(st.lists(line, max_size=40))
def test_where_time_goes_forward_an_agents_states_have_an_order_and_each_says_something_new(
    lines: list[str],
) -> None:
    timed = sorted((one for one in lines if one[:10].isascii() and one[:10].isdigit()), key=lambda one: one[:10])
    log, last = QueueLog(), dict[str, AgentState]()
    for event in (event for one in timed for event in log.feed(one)):
        if isinstance(event, AgentState):
            before = last.get(event.agent)
            if before is not None:
                assert event.at > before.at
                assert (event.state, event.reason, event.queues) != (before.state, before.reason, before.queues)
            last[event.agent] = event


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(0, 30)), max_size=20))
def test_a_well_kept_log_gives_each_visit_one_arrival_and_one_outcome(calls: list[tuple[int, int, int]]) -> None:
    """Entries and answers of any calls, in the order of their times, in one queue or another."""
    lines = []
    for number, (queue, start, wait) in enumerate(calls):
        lines.append((start, f"|1.{number}|q{queue}|NONE|ENTERQUEUE||1|1"))
        lines.append((start + wait, f"|1.{number}|q{queue}|Agent {number}|CONNECT|{wait}|1|1"))
    ordered = [f"{1_700_000_000 + at}{rest}" for at, rest in sorted(lines, key=lambda one: one[0])]
    log = QueueLog()
    events = [event for one in ordered for event in log.feed(one)]
    assert sorted(e.contact_id for e in events if isinstance(e, Enqueued)) == sorted(
        e.contact_id for e in events if isinstance(e, Connected)
    )
    assert not [e for e in log.feed("1700000090|NONE|NONE|NONE|QUEUESTART|") if isinstance(e, Lost)]


def test_the_memory_of_visits_is_bounded() -> None:
    visits = Visits()
    for number in range(OPEN_VISITS + 50):
        visits.enter(("q", str(number)), number)
    assert len(visits.open) == OPEN_VISITS
    assert ("q", "49") not in visits.open
    for number in range(60, PAST_VISITS + 70):
        visits.leave(("q", str(number)), number, 0)
        assert len(visits.past) <= PAST_VISITS
    assert len(visits.past) > PAST_VISITS - FORGOTTEN_AT_ONCE
    assert list(visits.past)[-1] == ("q", str(PAST_VISITS + 69))
    assert ("q", "60") not in visits.past


cell = st.sampled_from(["a1", "sales", "2026-11-21 09:00:00", "12", "-3", "OK", "Gone", "ExitX", "", NUMBER]) | st.text(
    string.printable, max_size=15
)


@given(st.lists(st.lists(cell, min_size=7, max_size=9).map(",".join) | st.text(max_size=40), max_size=15))
def test_every_row_of_a_table_is_events_a_refusal_or_counted(rows: list[str]) -> None:
    table = CsvRows(parse_mapping(SMALL.encode()))
    for _, got in table.rows([HEADER + "\n", *(row + "\n" for row in rows)]):
        skipped, table.skipped = table.skipped.total(), type(table.skipped)()
        assert bool(got) != bool(skipped)
        for event in got:
            if isinstance(event, Rejected):
                assert not re.search(r"\d{7}", event.detail.replace("9999999", "").replace("10000000", ""))
            else:
                assert decoded(event) == event


small = st.integers(1, 4)
seen = st.builds(
    lambda i, size, at, fits: Seen(Path(f"log.{i}"), 1, i, size, at, fits),
    small,
    st.integers(0, 3),
    small,
    st.booleans(),
)


@given(
    st.none() | st.builds(lambda i, offset: Place(1, i, offset, "x"), small, st.integers(0, 3)),
    st.none() | seen,
    st.lists(seen, max_size=3, unique_by=lambda one: one.inode),
)
def test_reading_goes_on_only_where_the_bytes_before_fit(
    place: Place | None, log: Seen | None, rotated: list[Seen]
) -> None:
    step = next_step(place, log, rotated)
    assert (step.file is None) == (step.why is Why.WAIT)
    if step.offset > 0:
        assert step.file is not None
        assert step.file.fits
    if step.why is Why.GAP:
        assert place is not None
        assert place.offset > 0
        assert not any(one.fits for one in rotated)
    if step.then is not None:
        assert step.then is not step.file
