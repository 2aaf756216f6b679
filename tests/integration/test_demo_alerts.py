"""The demo's alerts in pieces, since a whole one takes minutes: its rules are quick enough for its outage, and its
receiver prints what a webhook tells."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from callpulse.alerts.asking import test_notice as notice_of_a_test
from callpulse.alerts.channels.webhook import Webhook
from callpulse.alerts.core.lifecycle import START, State, step
from callpulse.alerts.core.message import message
from callpulse.alerts.core.outcome import Delivered
from callpulse.alerts.core.rules import NOW, Seen, judge
from callpulse.demo.receiver import LISTENS
from callpulse.demo.run import alerts_file
from callpulse.settings import Settings, load
from callpulse.settings.alert_rules import rules_of
from callpulse.settings.channels import Webhook as WebhookTable
from callpulse.simulator.load import load as scenario
from callpulse.simulator.traffic import simulate
from callpulse.stream.core.events import Abandoned, Connected, Enqueued, Exited
from tests.terminal import Terminal
from tests.waiting import killed_after

AT = 1_795_428_000_000
LOOK_MS = 10_000


def settings(folder: Path) -> Settings:
    return load(alerts_file(folder, "http://127.0.0.1:8099/"), environment={})


def test_its_file_is_valid_and_tells_the_receiver(tmp_path: Path) -> None:
    alerts = settings(tmp_path).alerts
    assert (alerts.default_rules, alerts.capacity) == (False, False)
    (channel,) = alerts.channels.values()
    assert isinstance(channel, WebhookTable)
    assert channel.url == "http://127.0.0.1:8099/"


def longest_waits(seed: int, queue: str) -> Iterator[tuple[int, float]]:
    """At each look of the first three minutes, in seconds; when nobody waits, none."""
    since: dict[str, int] = {}
    look = AT + LOOK_MS
    for event in sorted(simulate(scenario("demo"), AT, seed, 180), key=lambda event: event.at):
        while event.at > look:
            yield look, max((look - at for at in since.values()), default=0) / 1000
            look += LOOK_MS
        if isinstance(event, Enqueued) and event.queue == queue:
            since[event.contact_id] = event.at
        elif isinstance(event, Connected | Abandoned | Exited):
            since.pop(event.contact_id, None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_its_outage_fires_one_alert_that_is_over_within_three_minutes(tmp_path: Path, seed: int) -> None:
    (rule,) = rules_of(settings(tmp_path))
    told = []
    for queue in ("sales", "helpdesk", "billing", "emergency"):
        state: State = START
        for at_ms, longest_s in longest_waits(seed, queue):
            state, moved = step(state, judge(rule, {NOW: Seen(longest_s)}), rule.timing, at_ms)
            if moved is not None:
                told.append((queue, moved.new.name, (at_ms - AT) // 1000))
    assert [(queue, severity) for queue, severity, _ in told] == [("helpdesk", "WARNING"), ("helpdesk", "NONE")]
    (_, _, began_s), (_, _, over_s) = told
    assert 60 <= began_s <= 120 < over_s <= 160


@pytest.fixture
def receiver() -> Iterator["subprocess.Popen[str]"]:
    argv = [sys.executable, "-m", "callpulse.demo.receiver"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child, killed_after(30, child):
        yield child
        child.terminate()


async def test_its_receiver_prints_each_piece_of_news_once_and_refuses_what_is_none(
    receiver: "subprocess.Popen[str]",
) -> None:
    assert receiver.stdout is not None
    url = receiver.stdout.readline().removeprefix(LISTENS).strip()
    notice = notice_of_a_test("demo", "firing", AT)
    words = message(notice, "en", "UTC")
    async with ClientSession() as session:
        for _ in range(2):
            assert isinstance(await Webhook(url=url).notify(session, notice, words, AT), Delivered)
        async with session.post(url, data=b'{"type": 1}') as answer:
            assert answer.status == 400
            assert "expected a webhook of callpulse" in await answer.text()
    receiver.terminate()
    printed = receiver.stdout.read()
    assert re.fullmatch(rf"\d\d:\d\d:\d\d alert.firing: {re.escape(words.subject)}\n", printed), printed


def test_in_a_terminal_the_board_shows_alerts_and_the_log_of_the_receiver_is_named() -> None:
    terminal = Terminal([sys.executable, "-m", "callpulse", "demo"])
    try:
        terminal.until("receiver.log", 60)
        terminal.until("no alert stands", 60)
    finally:
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(20) == 0
        terminal.rest()
