"""A queue_log line by line: what callers did, what belongs together, what is refused."""

from typing import Any

import pytest

from callpulse.sources.queue_log import BLANK, QueueLog
from callpulse.stream.core.events import (
    Abandoned,
    Connected,
    Ended,
    Enqueued,
    Exited,
    Lost,
    Reason,
)
from tests.core.queue_log_lines import T0, agents, read, visits


def test_an_answered_call_is_three_events_with_the_waits_that_the_log_states() -> None:
    assert visits(
        f"""
        {T0}|1.1|sales|NONE|ENTERQUEUE||0612345678|1
        {T0 + 12}|1.1|sales|Agent 7001|CONNECT|12|1.2|11
        {T0 + 72}|1.1|sales|Agent 7001|COMPLETECALLER|12|60|1"""
    ) == [
        Enqueued(at=T0 * 1000, queue="sales", contact_id="1.1"),
        Connected(at=(T0 + 12) * 1000, queue="sales", contact_id="1.1", agent="7001", enqueued_at=T0 * 1000, wait_s=12),
        Ended(at=(T0 + 72) * 1000, queue="sales", contact_id="1.1", agent="7001", talk_s=60, by="customer"),
    ]


@pytest.mark.parametrize(
    ("line", "kind", "cause", "wait_s"),
    [
        ("NONE|ABANDON|2|3|31", Abandoned, None, 31),
        ("NONE|EXITWITHTIMEOUT|1|2|31", Exited, "timeout", 31),
        ("NONE|EXITEMPTY|1|2|31", Exited, "empty", 31),
        ("NONE|EXITWITHKEY|3|1|2|31", Exited, "key", 31),
        ("Agent 7001|SYSCOMPAT|", Exited, "other", None),
        ("NONE|ABANDON|2|3|-1", Abandoned, None, None),
        ("NONE|EXITWITHTIMEOUT|1", Exited, "timeout", None),
    ],
)
def test_every_way_to_leave_unanswered(line: str, kind: type[Any], cause: str | None, wait_s: int | None) -> None:
    _, left = visits(f"{T0}|1.1|sales|NONE|ENTERQUEUE||1|1\n{T0 + 31}|1.1|sales|{line}")
    assert type(left) is kind
    assert (getattr(left, "cause", None), left.wait_s, left.enqueued_at) == (cause, wait_s, T0 * 1000)


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("COMPLETEAGENT|12|60|1", "agent"),
        ("COMPLETECALLER|12|60|1", "customer"),
        ("BLINDTRANSFER|900|callers|12|60|1", "transfer"),
        ("TRANSFER|900|callers|12|60|1", "transfer"),
        ("ATTENDEDTRANSFER|BRIDGE|b7a1|12|60|1", "transfer"),
        ("ATTENDEDTRANSFER|APP|Queue|12|60|1", "transfer"),
        ("ATTENDEDTRANSFER|LINK|PJSIP/7-01|PJSIP/8-02|12|60|1", "transfer"),
        ("ATTENDEDTRANSFER|||12|60|1", "transfer"),
    ],
)
def test_every_way_a_conversation_ends(line: str, by: str) -> None:
    connect = f"{T0 + 12}|1.1|sales|Agent 7001|CONNECT|12|1.2|11\n"
    ended = visits(connect + f"{T0 + 72}|1.1|sales|Agent 7001|{line}")[-1]
    assert (ended.by, ended.talk_s) == (by, 60)


def test_the_attended_transfer_under_another_call_id_offers_one_visit_in_each_queue() -> None:
    events = visits(
        """
        1717397259|1717397243.239826|1501|NONE|ENTERQUEUE||0600000001|1
        1717397271|1717397243.239826|1501|PJSIP/7009|CONNECT|12|1717397259.239827|11
        1717397390|1717397390.239830|1509|NONE|ENTERQUEUE||7009|1
        1717397391|1717397390.239830|1501|PJSIP/7009|ATTENDEDTRANSFER|APP|Queue|12|120|1
        1717397397|1717397243.239826|1509|PJSIP/7051|CONNECT|7|1717397390.239831|6
        1717397570|1717397243.239826|1509|PJSIP/7051|COMPLETEAGENT|7|173|1"""
    )
    assert [(type(e).__name__, e.queue, e.contact_id[-3:]) for e in events] == [
        ("Enqueued", "1501", "826"),
        ("Connected", "1501", "826"),
        ("Enqueued", "1509", "830"),
        ("Ended", "1501", "826"),
        ("Connected", "1509", "830"),
        ("Ended", "1509", "830"),
    ]
    assert events[4].wait_s == 7


def test_after_that_transfer_both_agents_are_ready_again() -> None:
    states = agents(
        """
        1717397271|1.1|1501|PJSIP/7009|CONNECT|12|1.3|11
        1717397390|1.9|1509|NONE|ENTERQUEUE||7009|1
        1717397391|1.9|1501|PJSIP/7009|ATTENDEDTRANSFER|APP|Queue|12|120|1
        1717397397|1.1|1509|PJSIP/7051|CONNECT|7|1.10|6
        1717397570|1.1|1509|PJSIP/7051|COMPLETEAGENT|7|173|1"""
    )
    assert [(name, state) for name, state, *_ in states] == [
        ("7009", "talking"), ("7009", "ready"), ("7051", "talking"), ("7051", "ready"),
    ]  # fmt: skip


def test_a_line_read_twice_takes_no_other_callers_visit() -> None:
    answer = f"{T0 + 5}|1.1|sales|Agent 7001|CONNECT|5|1.3|4"
    events = visits(
        f"{T0}|1.1|sales|NONE|ENTERQUEUE||1|1\n{T0}|1.2|sales|NONE|ENTERQUEUE||2|2\n{answer}\n{answer}\n"
        f"{T0 + 9}|1.2|sales|NONE|ABANDON|1|2|9\n{T0 + 9}|1.2|sales|NONE|ABANDON|1|2|9"
    )
    assert [e.contact_id for e in events if not isinstance(e, Enqueued)] == ["1.1", "1.1", "1.2", "1.2"]
    assert events[2] == events[3]


def test_an_answer_without_entry_states_its_wait_and_is_sent_as_it_is() -> None:
    [connected] = visits(f"{T0}|1.1|sales|Agent 7001|CONNECT|8|1.2|3")
    assert (connected.contact_id, connected.wait_s) == ("1.1", 8)


def test_an_end_without_answer_implies_the_answer() -> None:
    connected, ended = visits(f"{T0}|1.1|sales|Agent 7001|COMPLETEAGENT|8|100|1")
    assert (connected.at, connected.wait_s, ended.talk_s) == ((T0 - 100) * 1000, 8, 100)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("1.1|sales|NONE|ABANDON|1|1", "8 (parameter 3)"),
        ("1.1|sales|NONE|EXITWITHKEY|1|1|1", "9 (parameter 4)"),
        ("1.1|sales|Agent 7001|CONNECT|", "6 (parameter 1)"),
        ("1.1|sales|Agent 7001|COMPLETEAGENT|3|", "7 (parameter 2)"),
        ("1.1|sales|Agent 7001|COMPLETEAGENT||3", "6 (parameter 1)"),
        ("1.1|sales|Agent 7001|SYSCOMPAT|", "9 (parameter 4)"),
    ],
)
def test_a_line_from_which_no_arrival_follows_is_refused(line: str, field: str) -> None:
    [refused] = read(f"{T0}|{line}")
    assert (refused.reason, refused.field) == (Reason.NO_ARRIVAL, field)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("soon|1.1|sales|NONE|ENTERQUEUE||1|1", "1 (time)"),
        ("5|1.1|sales|NONE|ENTERQUEUE||1|1", "1 (time)"),
        ("1e99|1.1|sales|NONE|ENTERQUEUE||1|1", "1 (time)"),
        (f"{T0}|NONE|sales|NONE|ENTERQUEUE||1|1", "2 (call id)"),
        (f"{T0}|{'1' * 201}|sales|NONE|ENTERQUEUE||1|1", "2 (call id)"),
        (f"{T0}|1.1||NONE|ENTERQUEUE||1|1", "3 (queue)"),
        (f"{T0}|1.1|{'q' * 201}|NONE|ENTERQUEUE||1|1", "3 (queue)"),
        (f"{T0}|1.1|caf\ufffd|NONE|ENTERQUEUE||1|1", "3 (queue)"),
        (f"{T0}|1.1|sales|NONE|ADDMEMBER|", "4 (agent)"),
        (f"{T0}|1.1|sales|NONE|", "5 (event)"),
        (f"{T0}|1.1|sal", "4 (agent)"),
        (f"{T0}|1.1|sales|Agent 1|CONNECT|soon", "6 (parameter 1)"),
        (f"{T0}|1.1|sales|Agent 1|CONNECT|99999999999", "6 (parameter 1)"),
    ],
)
def test_a_malformed_line_is_refused_by_position(line: str, field: str) -> None:
    [refused] = read(line)
    assert (refused.reason, refused.field) == (Reason.BAD_LINE, field)
    assert "expected" in refused.detail


def test_the_line_after_a_power_cut_is_read_behind_its_zero_bytes() -> None:
    text = f"{T0}|1.1|sales|NONE|ENTERQUEUE||1|1\n" + "\0" * 40 + f"{T0 + 9}|NONE|NONE|NONE|QUEUESTART|"
    assert [type(e) for e in visits(text)] == [Enqueued, Lost]


def test_a_restart_loses_the_visits_open_then_and_no_others() -> None:
    log = QueueLog()
    events = visits(
        f"""
        {T0 - 200_000}|0.1|sales|NONE|ENTERQUEUE||1|1
        {T0}|1.1|sales|NONE|ENTERQUEUE||1|1
        {T0}|1.2|sales|NONE|ENTERQUEUE||1|1
        {T0 + 1}|1.2|sales|NONE|ABANDON|1|1|1
        {T0 + 90}|1.3|sales|NONE|ENTERQUEUE||1|1
        {T0 + 60}|NONE|NONE|NONE|QUEUESTART|
        {T0 + 95}|1.3|sales|NONE|ABANDON|1|1|5""",
        log,
    )
    lost = Lost(at=(T0 + 60) * 1000, queue="sales", contact_id="1.1", why="restart")
    assert [e for e in events if isinstance(e, Lost)] == [lost]
    assert events[-1].enqueued_at == (T0 + 90) * 1000


def test_names_that_say_nothing_about_waits_are_counted() -> None:
    log = QueueLog()
    text = f"{T0}|1.1|NONE|Agent/1127|OUTDIAL|0612345678||0|0\n{T0}|1.1|201|NONE|DID|0201234567"
    assert read(text + f"\n{T0}|NONE|NONE|NONE|CONFIGRELOAD|", log) == []
    assert log.feed("") == []
    assert log.ignored == {"OUTDIAL": 1, "DID": 1, "CONFIGRELOAD": 1, BLANK: 1}


def test_a_thousand_invented_names_do_not_fill_the_memory() -> None:
    log = QueueLog()
    for number in range(1000):
        log.feed(f"{T0}|1.1|sales|NONE|NAME{number}|")
    assert len(log.ignored) == 201
    assert log.ignored["other"] == 800
