"""Agents of a queue_log: their states, and the spellings of their names."""

import re

import pytest

from callpulse.sources.names import CustomerKey
from callpulse.sources.queue_log import QueueLog
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.stream.core.events import (
    AgentState,
)
from tests.core.queue_log_lines import T0, agents, read, visits


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
