"""A queue_log line by line: what callers and agents did, what belongs together, what is refused."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from callpulse.sources.names import CustomerKey
from callpulse.sources.queue_log import BLANK, QueueLog
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.stream.core.events import (
    Abandoned,
    AgentState,
    Connected,
    Ended,
    Enqueued,
    Exited,
    Lost,
    Reason,
    Rejected,
)
from tests.data import shared_data

ROOT = Path(__file__).parents[2]
T0 = 1717397259


def read(text: str, log: QueueLog | None = None) -> list[Any]:
    log = log or QueueLog()
    return [event for line in text.strip().splitlines() for event in log.feed(line.strip())]


def visits(text: str, log: QueueLog | None = None) -> list[Any]:
    return [event for event in read(text, log) if not isinstance(event, AgentState)]


def agents(text: str, log: QueueLog | None = None) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(e.agent, e.state, e.reason, e.queues) for e in read(text, log) if isinstance(e, AgentState)]


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


class TestAgents:
    ADDED = f"{T0}|MANAGER|sales|Local/7001@agents/n|ADDMEMBER|\n"
    BOTH = ADDED + f"{T0 + 1}|MANAGER|support|Local/7001@agents/n|ADDMEMBER|\n"

    def test_one_agent_under_two_spellings_serves_talks_and_is_ready_again(self) -> None:
        assert agents(
            self.ADDED + f"{T0 + 9}|1.1|sales|Agent 7001|CONNECT|5|1.3|4\n"
            f"{T0 + 19}|1.1|sales|Agent 7001|COMPLETEAGENT|5|10|1"
        ) == [
            ("7001", "ready", "", ("sales",)),
            ("7001", "talking", "", ("sales",)),
            ("7001", "ready", "", ("sales",)),
        ]

    def test_a_pause_in_one_queue_of_two_takes_that_queue_out(self) -> None:
        text = self.BOTH + f"{T0 + 5}|NONE|sales|Agent 7001|PAUSE|lunch\n{T0 + 9}|NONE|sales|Agent 7001|UNPAUSE|"
        assert agents(text)[1:] == [
            ("7001", "ready", "", ("sales", "support")),
            ("7001", "ready", "", ("support",)),
            ("7001", "ready", "", ("sales", "support")),
        ]

    def test_a_pause_everywhere_is_not_ready_with_its_reason_and_once(self) -> None:
        text = (
            f"{T0 + 5}|NONE|NONE|Agent 7001|PAUSEALL|lunch\n{T0 + 5}|NONE|sales|Agent 7001|PAUSE|lunch\n"
            f"{T0 + 5}|NONE|support|Agent 7001|PAUSE|lunch\n{T0 + 9}|NONE|NONE|Agent 7001|UNPAUSEALL|\n"
        )
        assert agents(self.BOTH + text)[2:] == [
            ("7001", "not_ready", "lunch", ("sales", "support")),
            ("7001", "ready", "", ("sales", "support")),
        ]

    def test_paused_during_a_call_is_not_ready_after_it(self) -> None:
        text = (
            f"{T0 + 2}|1.1|sales|Agent 7001|CONNECT|1|1.3|1\n{T0 + 5}|NONE|sales|Agent 7001|PAUSE|\n"
            f"{T0 + 9}|1.1|sales|Agent 7001|COMPLETEAGENT|1|7|1"
        )
        assert [state for _, state, *_ in agents(self.ADDED + text)] == ["ready", "talking", "not_ready"]

    def test_added_while_paused_is_not_ready(self) -> None:
        assert agents(f"{T0}|MANAGER|sales|PJSIP/7001|ADDMEMBER|PAUSED") == [("7001", "not_ready", "", ("sales",))]

    def test_without_a_queue_left_an_agent_is_logged_out(self) -> None:
        text = self.BOTH + f"{T0 + 5}|MANAGER|sales|Local/7001@agents/n|REMOVEMEMBER|\n"
        text += f"{T0 + 6}|MANAGER|support|Local/7001@agents/n|REMOVEMEMBER|"
        assert agents(text)[2:] == [("7001", "ready", "", ("support",)), ("7001", "logged_out", "", ())]

    def test_a_telephone_that_still_rang_does_not_bring_back_who_left(self) -> None:
        text = self.ADDED + f"{T0 + 5}|MANAGER|sales|Local/7001@agents/n|REMOVEMEMBER|\n"
        assert agents(text + f"{T0 + 6}|1.1|sales|Agent 7001|RINGNOANSWER|5000")[-1][1] == "logged_out"

    def test_static_members_appear_with_their_first_line(self) -> None:
        assert agents(f"{T0}|1.1|sales|Agent 7001|RINGNOANSWER|5000") == [("7001", "ready", "", ("sales",))]

    def test_a_login_without_queue_brings_the_queues_back(self) -> None:
        text = (
            f"{T0 + 5}|1.1|NONE|Agent/7001|AGENTLOGOFF|SIP/7001-0000012a|55\n"
            f"{T0 + 9}|1.1|NONE|Agent/7001|AGENTLOGIN|SIP/7001-0000012b\n"
            f"{T0 + 10}|1.1|NONE|Agent/7001|AGENTCALLBACKLOGOFF|hint:7001@default|55|\n"
            f"{T0 + 11}|1.1|NONE|Agent/7001|AGENTCALLBACKLOGIN|hint:7001@default"
        )
        assert [state for _, state, *_ in agents(self.ADDED + text)] == [
            "ready", "logged_out", "ready", "logged_out", "ready",
        ]  # fmt: skip

    def test_a_restart_cuts_conversations_off_and_keeps_members(self) -> None:
        text = self.ADDED + f"{T0 + 2}|1.1|sales|Agent 7001|CONNECT|1|1.3|1\n{T0 + 5}|NONE|NONE|NONE|QUEUESTART|"
        assert agents(text)[-1] == ("7001", "ready", "", ("sales",))
        forgetful = QueueLog(QueueLogOptions(members_stay=False))
        assert agents(text, forgetful)[-1] == ("7001", "logged_out", "", ())

    def test_an_end_that_was_never_written_does_not_keep_an_agent_talking(self) -> None:
        text = (
            f"{T0 + 2}|1.1|sales|Agent 7001|CONNECT|1|1.3|1\n{T0 + 50}|1.2|sales|Agent 7001|CONNECT|1|1.4|1\n"
            f"{T0 + 60}|1.2|sales|Agent 7001|COMPLETEAGENT|1|10|1"
        )
        assert agents(text)[-1][1] == "ready"

    def test_the_end_of_an_older_call_leaves_an_agent_in_the_newer_one(self) -> None:
        text = (
            f"{T0 + 2}|1.1|sales|Agent 7001|CONNECT|1|1.3|1\n{T0 + 50}|1.2|sales|Agent 7001|CONNECT|1|1.4|1\n"
            f"{T0 + 55}|1.1|sales|Agent 7001|COMPLETEAGENT|1|53|1"
        )
        assert agents(text)[-1][1] == "talking"

    def test_two_changes_within_a_second_keep_their_order(self) -> None:
        text = (
            f"{T0 + 9}|1.1|sales|Agent 7001|CONNECT|5|1.3|4\n{T0 + 19}|1.1|sales|Agent 7001|COMPLETEAGENT|5|10|1\n"
            f"{T0 + 19}|1.2|sales|Agent 7001|CONNECT|5|1.4|4"
        )
        states = [e for e in read(text) if isinstance(e, AgentState)]
        assert [e.at - T0 * 1000 for e in states] == [9_000, 19_000, 19_001]


class TestNames:
    @pytest.mark.parametrize(
        ("spelling", "agent"),
        [
            ("Local/7001@agents/n", "7001"),
            ("Agent 7001", "7001"),
            ("Agent/7001", "7001"),
            ("PJSIP/7001", "7001"),
            ("SIP/7001-0000012a", "7001"),
            ("desk by the door", "desk by the door"),
            ("NONE", None),
            ("Local/0612345678@out/n", None),
            ("Local/+31 6-12345678@out/n", None),
        ],
    )
    def test_spellings_of_agents(self, spelling: str, agent: str | None) -> None:
        assert visits(f"{T0}|1.1|sales|{spelling}|CONNECT|5|1.3|4")[0].agent == agent

    def test_what_no_pattern_joins_is_joined_by_a_list(self) -> None:
        log = QueueLog(QueueLogOptions(agent_ids={"desk by the door": "7001"}))
        text = TestAgents.ADDED + f"{T0 + 9}|1.1|sales|desk by the door|CONNECT|5|1.3|4"
        assert {name for name, *_ in agents(text, log)} == {"7001"}

    def test_with_a_key_customers_and_outside_agents_are_hashes(self) -> None:
        log = QueueLog(QueueLogOptions(customer_key=CustomerKey(b"secret")))
        first, second, nobody, answer, state = read(
            f"{T0}|1.1|sales|NONE|ENTERQUEUE||+31612345678|1\n{T0}|1.2|sales|NONE|ENTERQUEUE||0031612345678|2\n"
            f"{T0}|1.3|sales|NONE|ENTERQUEUE||anonymous|3\n{T0 + 5}|1.1|sales|Local/0612345678@out|CONNECT|5|1|4",
            log,
        )
        assert first.customer == second.customer
        assert len(first.customer) == 24
        assert nobody.customer is None
        assert answer.agent == state.agent
        assert state.agent.startswith("tel-")
        other = QueueLog(QueueLogOptions(customer_key=CustomerKey(b"another")))
        assert visits(f"{T0}|1.1|sales|NONE|ENTERQUEUE||0031612345678|1", other)[0].customer != first.customer

    def test_a_key_with_an_id_says_so_in_every_hash(self) -> None:
        text = f"{T0}|1.1|sales|NONE|ENTERQUEUE||0612345678|1\n{T0 + 5}|1.1|sales|Local/0698765432@out|CONNECT|5|1|4"

        def hashes(key: CustomerKey) -> tuple[str, str]:
            entered, answered, _ = read(text, QueueLog(QueueLogOptions(customer_key=key)))
            return entered.customer, answered.agent.removeprefix("tel-")

        plain, named, later = hashes(CustomerKey(b"k")), hashes(CustomerKey(b"k", "a")), hashes(CustomerKey(b"l", "b"))
        assert [f"a:{each}" for each in plain] == list(named)
        assert all(re.fullmatch(r"b:[0-9a-f]{24}", each) for each in later)
        assert not {each.partition(":")[2] for each in later} & set(plain)

    def test_a_prefix_channel_and_site_go_with_every_visit(self) -> None:
        log = QueueLog(QueueLogOptions(prefix="ams-", channel="voice", site="ams"))
        entered, answered, _ = read(
            f"{T0}|1.1|sales|NONE|ENTERQUEUE||1|1\n{T0 + 5}|1.1|sales|Agent 1|CONNECT|5|1|4", log
        )
        for event in (entered, answered):
            assert (event.queue, event.channel, event.site) == ("ams-sales", "voice", "ams")


def tally(events: list[Any], queue: str) -> dict[str, Any]:
    mine = [e for e in events if getattr(e, "queue", None) == queue and not isinstance(e, AgentState)]
    count = Counter(type(e).__name__ for e in mine)
    waits: list[Any] = [e.wait_s for e in mine if isinstance(e, Connected)]
    left: list[Any] = [e.wait_s for e in mine if isinstance(e, Abandoned)]
    return {
        "offered": count["Enqueued"],
        "answered": count["Connected"],
        "abandoned": count["Abandoned"],
        "exited": count["Exited"],
        "lost": count["Lost"],
        "answered_within_t": sum(wait <= 20 for wait in waits),
        "abandoned_within_t": sum(wait <= 20 for wait in left),
        "abandoned_short": sum(wait < 5 for wait in left),
        "asa_s": round(sum(waits) / len(waits), 6),
        "wait_max_s": max(waits),
    }


@pytest.mark.parametrize("queue", ["sales", "support"])
def test_the_recorded_log_gives_the_figures_computed_apart(queue: str) -> None:
    expected = json.loads((ROOT / "tests/fixtures/asterisk_run_a.expected.json").read_text())["queues"][queue]
    events = read((ROOT / "examples/asterisk/queue_log").read_text())
    got = tally(events, queue)
    assert got == {name: expected[name] for name in got}
    assert not [e for e in events if isinstance(e, Rejected)]


def test_stopped_and_restored_after_any_line_the_events_are_the_same() -> None:
    lines = (ROOT / "examples/asterisk/queue_log").read_text().splitlines()
    whole = read("\n".join(lines))
    log, events = QueueLog(), []
    for number, line in enumerate(lines, 1):
        events += log.feed(line)
        if number % 97 == 0:
            state, log = log.state(), QueueLog()
            log.restore(state)
            assert log.line == number
    assert events == whole


def test_the_help_desk_log_gives_the_figures_computed_apart() -> None:
    events = read((shared_data() / "help_desk.queue_log").read_text())
    expected = json.loads((shared_data() / "help_desk.expected.json").read_text())["all"]
    got = tally(events, "IT")
    assert (got["offered"], got["answered"]) == (expected["offered"], expected["answered"])
    assert (got["abandoned"], got["asa_s"]) == (expected["abandoned"], expected["asa_mean"])
    talk: list[Any] = [e.talk_s for e in events if isinstance(e, Ended)]
    assert round(sum(talk) / len(talk), 6) == expected["aht_mean"]


def test_the_messy_log_is_accounted_for_line_by_line() -> None:
    log = QueueLog()
    lines = (shared_data() / "messy.queue_log").read_text().splitlines()
    got = [[type(e).__name__ for e in log.feed(line) if not isinstance(e, AgentState)] for line in lines]
    both = ["Connected", "Ended"]
    assert got == [
        [], ["Enqueued"], [], [], [], ["Connected"], ["Ended"],  # a call as it should be, with its DID
        *[["Enqueued"]] * 6,                                     # the first ENTERQUEUE six times more
        ["Enqueued"], ["Connected"],                             # no end
        ["Connected"],                                           # no beginning: its wait tells the arrival
        both,                                                    # neither: wait and talk tell
        ["Ended"], [], ["Ended"], ["Ended"], ["Ended"],          # an end four times, a blank line
        [],
    ]  # fmt: skip
    assert log.ignored[BLANK] == 2
