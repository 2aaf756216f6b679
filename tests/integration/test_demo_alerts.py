"""The demo's alerts in pieces, since a whole one takes minutes: its rules are quick enough for its outage, and its
receiver prints what a webhook tells."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from callpulse import cli
from callpulse.alerts.asking import test_notice as notice_of_a_test
from callpulse.alerts.channels.webhook import Webhook
from callpulse.alerts.core.message import message
from callpulse.alerts.core.outcome import Delivered
from callpulse.demo.receiver import LISTENS
from callpulse.demo.run import alerts_file
from callpulse.settings import Settings, load
from callpulse.settings.channels import Webhook as WebhookTable
from callpulse.stream.core.wire import parse_time
from tests.terminal import Terminal
from tests.waiting import killed_after

AT = 1_795_428_000_000
BEGIN = "2026-11-23T11:00:00.000+00:00"


def settings(folder: Path) -> Settings:
    return load(alerts_file(folder, "http://127.0.0.1:8099/"), environment={})


def test_its_file_is_valid_and_tells_the_receiver(tmp_path: Path) -> None:
    alerts = settings(tmp_path).alerts
    assert (alerts.default_rules, alerts.capacity) == (True, True)
    (channel,) = alerts.channels.values()
    assert isinstance(channel, WebhookTable)
    assert channel.url == "http://127.0.0.1:8099/"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_its_outage_fires_one_alert_that_is_over_within_three_minutes(tmp_path: Path, seed: int) -> None:
    """Beside the default rules, which have nothing to say."""
    log, rules = tmp_path / "log.jsonl", alerts_file(tmp_path, "http://127.0.0.1:8099/")
    simulate = ("simulate", "--seed", str(seed), "--rebase", BEGIN, "--duration", "180", "--to", str(log))
    assert CliRunner().invoke(cli.main, [*simulate]).exit_code == 0
    played = CliRunner().invoke(cli.main, ["backtest", "--rules", str(rules), "--json", str(log)])
    assert played.exit_code == 0, played.stderr
    (found,) = msgspec.json.decode(played.stdout)["rules"]
    assert {"capacity", "service_level", "abandonment", "long_wait"} <= found["totals"].keys()
    (alert,) = found["alerts"]
    assert (alert["queue"], alert["rules"]) == ("helpdesk", ["long_wait"])
    firing, resolved = ((each["kind"], parse_time(each["at"]) - parse_time(BEGIN)) for each in alert["told"])
    assert (firing[0], resolved[0]) == ("firing", "resolved")
    assert 60_000 <= firing[1] <= 120_000 < resolved[1] <= 160_000


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
        assert terminal.seen.lstrip().startswith("the wall at http://127.0.0.1:"), terminal.seen  # before all else
        terminal.until("the wall in a browser: http://127.0.0.1:", 60)  # and while top has the screen
        terminal.until("no alert stands", 60)
    finally:
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(20) == 0
        terminal.rest()
