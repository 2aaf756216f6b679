"""Laws of what is told about alerts, whatever the notice and whatever happens on the way."""

import html
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from callpulse.alerts.channels import alertmanager, apprise, pagerduty, webhook
from callpulse.alerts.core.backlog import Backlog, Pace
from callpulse.alerts.core.message import LONGEST, LONGEST_SUBJECT, Message, message
from callpulse.alerts.core.notice import Acknowledgement, Labels, Notice, Reading, WorstContact, fingerprint
from callpulse.alerts.core.outcome import Delivered, GivenUp, Permanent, Temporary
from callpulse.alerts.core.standing import RESENT_WHEN_OVER_MS, Standing
from tests.notices import any_notice, notice

languages = st.sampled_from(["en", "nl"])
zones = st.sampled_from(["UTC", "Europe/Amsterdam", "America/St_Johns"])
moments = st.integers(0, 4_000_000_000_000)


@given(any_notice, languages, zones)
def test_a_message_is_short_and_every_line_of_it_is_a_line(told: Notice, language: Any, zone: str) -> None:
    said = message(told, language, zone)
    assert len(said.subject) <= LONGEST_SUBJECT
    assert said.subject.isprintable()
    assert max(map(len, (said.plain, said.markdown, said.html))) <= LONGEST
    assert all(line.isprintable() and line.strip() for line in said.plain.split("\n"))
    assert len(said.plain.split("\n")) == len(said.html.split("\n")) == len(said.markdown.split("\n\n"))


def without_links(text: str, said: Message) -> list[list[str]]:
    """The words of each line but of those that are links."""
    count = said.html.count("<a href")
    lines = [line.split() for line in text.split("\n")]
    return [*lines[: -1 - count], lines[-1]]


@given(any_notice, languages)
def test_html_says_what_the_plain_text_says_and_has_no_tags_but_ours(told: Notice, language: Any) -> None:
    said = message(told, language, "UTC")
    bare = re.sub(r'</?p>|</?strong>|<a href="https?://[^"<>]*">|</a>', "", said.html)
    assert "<" not in bare
    assert ">" not in bare
    assert without_links(html.unescape(bare), said) == without_links(said.plain, said)


@given(any_notice, languages)
def test_markdown_has_no_marks_but_ours(told: Notice, language: Any) -> None:
    for line in message(told, language, "UTC").markdown.split("\n\n"):
        ours = re.sub(r"^\*\*(.*)\*\*$|^\[([A-Za-z ]+)\]\(https?://[^()\s]*\)$", r"\1\2", line)
        assert not re.search(r"[*_`\[\]()#<>]", re.sub(r"\\.|&#[0-9]+;", "", ours))


@given(any_notice, languages)
def test_markdown_reads_as_the_plain_text_does(told: Notice, language: Any) -> None:
    rendered = pytest.importorskip("markdown").markdown
    said = message(told, language, "UTC")
    shown = html.unescape(re.sub(r"<[^<>]*>", "", rendered(said.markdown)))
    assert without_links(shown, said) == without_links(said.plain, said)


@given(any_notice, languages)
def test_pagerduty_takes_any_notice(told: Notice, language: Any) -> None:
    event = pagerduty.payload(told, message(told, language, "UTC"), "k" * 32)
    assert len(msgspec.json.encode(event)) <= pagerduty.LARGEST
    assert 0 < len(event["dedup_key"]) <= 255
    assert event["event_action"] in ("trigger", "acknowledge", "resolve")
    described = event.get("payload")
    assert (described is not None) == (event["event_action"] == "trigger")
    if described:
        assert 0 < len(described["summary"]) <= 1024
        assert described["source"]
        assert described["severity"] in ("critical", "warning")


@given(any_notice, languages)
def test_a_webhook_body_is_bounded_and_can_be_read_back(told: Notice, language: Any) -> None:
    body = msgspec.json.encode(webhook.payload(told, message(told, language, "UTC")))
    assert len(body) <= webhook.LARGEST
    read = msgspec.json.decode(body)
    assert read["type"] == f"alert.{told.kind}"
    assert read["data"]["fingerprint"] == fingerprint(told.labels)
    assert msgspec.convert({k: v for k, v in read["data"].items() if k in Notice.__struct_fields__}, Notice)


@given(any_notice, languages, moments)
def test_alertmanager_takes_any_notice(told: Notice, language: Any, now_ms: int) -> None:
    standing = Standing()
    standing.hold(told, message(told, language, "UTC"), now_ms)
    (alert,) = alertmanager.payload(standing.all(now_ms), now_ms, 120_000)
    assert alert["labels"]["alertname"]
    assert all(isinstance(value, str) and 0 < len(value) <= 200 for value in alert["labels"].values())
    assert all(isinstance(value, str) and value for value in alert["annotations"].values())
    assert set(alert["labels"]) <= {"alertname", "queue", "site", "kpi", "cause", "severity", "source"}
    now = alertmanager.rfc3339(now_ms)
    assert alert["startsAt"] <= min(alert["endsAt"], now)
    assert (alert["endsAt"] <= now) == (told.kind == "resolved")
    assert len(msgspec.json.encode(alert)) <= 100_000


@given(any_notice, languages, st.sampled_from(["text", "markdown", "html"]))
def test_apprise_is_given_any_notice_as_words(told: Notice, language: Any, form: Any) -> None:
    given_to = apprise.payload(told, message(told, language, "UTC"), form)
    assert given_to["title"]
    assert given_to["body"]
    assert given_to["notify_type"] in ("success", "failure", "warning")


def largest(char: str) -> Notice:
    """As large as a notice can be made: long texts of this character in long lists."""
    text = char * 5_000
    labels = Labels(text, text, text, text, text, "critical", (text,) * 500)
    return notice(
        "acknowledged",
        id=text,
        labels=labels,
        queues=(text,) * 500,
        readings=(Reading(text, 1e300, 10**18),) * 500,
        worst_contacts=(WorstContact(text, 1e15, "abandoned"),) * 500,
        acknowledged=Acknowledgement(text, 0, text),
        wall_url="https://wall.example/" + text,
        runbook_url="https://wall.example/" + char * 1_900,
        definition=text,
    )


@pytest.mark.parametrize("char", ["x", "*", "&", '"', "\x01", "\n", "é", "😀", "\u202e", "\ue000"])
def test_the_largest_notice_there_can_be_keeps_every_limit(char: str) -> None:
    told = largest(char)
    said = message(told, "nl", "UTC")
    assert max(map(len, (said.plain, said.markdown, said.html))) <= LONGEST
    assert len(said.subject) <= LONGEST_SUBJECT
    assert len(msgspec.json.encode(webhook.payload(told, said))) <= webhook.LARGEST
    event = pagerduty.payload(msgspec.structs.replace(told, acknowledged=None), said, "k" * 32)
    assert len(msgspec.json.encode(event)) <= 512 * 1024
    assert len(event["dedup_key"]) <= 255
    assert len(event["payload"]["summary"]) <= 1024
    standing = Standing()
    standing.hold(told, said, 0)
    assert len(msgspec.json.encode(alertmanager.payload(standing.all(0), 0, 1))) <= 100_000


@given(any_notice, any_notice)
def test_labels_alone_make_the_fingerprint(one: Notice, other: Notice) -> None:
    figures = msgspec.structs.replace(other, labels=one.labels)
    assert fingerprint(figures.labels) == fingerprint(one.labels)


@given(st.lists(st.tuples(st.sampled_from(["warning", "critical", "over"]), st.integers(0, 200_000)), max_size=20))
def test_an_alert_stands_in_alertmanager_under_one_severity_at_most(steps: list[tuple[str, int]]) -> None:
    standing, now_ms = Standing(), 1_772_355_780_000
    for number, (state, wait_ms) in enumerate(steps):
        now_ms += wait_ms
        kind = "resolved" if state == "over" else "repeat"
        severity = "critical" if state == "over" else state
        told = notice(kind, minutes=number, severity=severity)
        standing.hold(told, message(told, "en", "UTC"), now_ms)
        held = standing.all(now_ms)
        assert sum(alert.ended_ms is None for alert in held) == (state != "over")
        assert all(alert.over_since_ms is None or now_ms - alert.over_since_ms < RESENT_WHEN_OVER_MS for alert in held)


class BacklogMachine(RuleBasedStateMachine):
    """Whatever is given and however telling goes: every notice ends exactly once or waits, and the newest of an alert
    is never given up for an older one."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 3
        self.backlog = Backlog(Pace(most=self.most, keep_s=500.0))
        self.now_s = 0.0
        self.given: dict[str, Notice] = {}
        self.ended: dict[str, object] = {}
        self.taken: Notice | None = None

    def end(self, ends: list[Any]) -> None:
        for end in ends:
            assert end.notice.news_id not in self.ended
            self.ended[end.notice.news_id] = end.how

    @rule(
        kind=st.sampled_from(["firing", "repeat", "resolved"]),
        minutes=st.integers(0, 50),
        queue=st.sampled_from("abcdef"),
        severity=st.sampled_from(["warning", "critical"]),
    )
    def give(self, kind: str, minutes: int, queue: str, severity: str) -> None:
        told = notice(kind, minutes=minutes, queue=queue, severity=severity)
        if told.news_id not in self.given:
            self.given[told.news_id] = told
            self.end(self.backlog.add(told, self.now_s))

    @rule(wait_s=st.floats(0, 100))
    def wait(self, wait_s: float) -> None:
        self.now_s += wait_s

    @rule()
    def take(self) -> None:
        if self.taken is None:
            ready = self.backlog.wait_s(self.now_s) == 0
            self.taken = self.backlog.take(self.now_s)
            assert (self.taken is not None) == ready

    @rule(
        how=st.sampled_from([Delivered(), Permanent("no"), Temporary("later"), Temporary("later", 50.0)]),
        chance=st.floats(0, 0.99),
    )
    def tell(self, how: Any, chance: float) -> None:
        if self.taken is not None:
            self.end(self.backlog.ended(how, self.now_s, chance))
            self.taken = None

    @invariant()
    def nothing_is_lost_and_nothing_ends_twice(self) -> None:
        waiting = {each.news_id for each in self.backlog.notices()}
        in_hand = {self.taken.news_id} if self.taken else set()
        assert (waiting | in_hand) | set(self.ended) == set(self.given)
        assert not waiting & set(self.ended)

    @invariant()
    def it_is_bounded(self) -> None:
        assert len(self.backlog.notices()) <= self.most

    @invariant()
    def what_is_replaced_is_older_than_something_given(self) -> None:
        for news_id, how in self.ended.items():
            if how == GivenUp("replaced"):
                old = self.given[news_id]
                assert any(each.id == old.id and each.at_ms >= old.at_ms for each in self.given.values() if each != old)


TestBacklog = BacklogMachine.TestCase
