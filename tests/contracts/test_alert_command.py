"""`callpulse alert` beside a Redis that holds what somebody else wrote: the terminal obeys none of it, and what is
asked badly is refused in a sentence."""

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest
from click.testing import CliRunner, Result

from callpulse import cli
from callpulse.alerts.core.message import Brief
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Acknowledgement
from callpulse.current.alerts import Alert
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.top.run import top

AT = 1_795_428_000_000
EVIL = "\x1b]0;owned\x07\x1b[2J\nall is well\r\x9b2J\u202e"
ROW = Alert(
    queue=EVIL, severity="critical", onset_ms=AT, rules=(EVIL,), id=EVIL, cause=EVIL, told=True,
    acknowledged=Acknowledgement(EVIL, AT, EVIL), said={"en": Brief(EVIL, EVIL, EVIL)},
)  # fmt: skip
OF_DUTCH = Alert(queue="help", severity="warning", onset_ms=AT, id="1" * 32, said={"nl": Brief("a", "b", "c")})
SHOWN = Alert(
    queue="billing", severity="warning", onset_ms=AT, rules=("abandonment",)
)  # the default rules tell it late
MUTE = Mute(EVIL, EVIL, EVIL, EVIL, EVIL, AT, AT + 1)


@pytest.fixture
async def site(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Three alerts and a mute; no Kafka."""
    monkeypatch.setenv("CALLPULSE_REDIS_URL", valkey_url)
    monkeypatch.setenv("CALLPULSE_KAFKA_BROKERS", "127.0.0.1:1")
    async with connect(valkey_url) as client:
        await client.flushdb()
        fields = {f"alert:{EVIL}": ROW, "alert:help": OF_DUTCH, "alert:billing": SHOWN, f"mute:{EVIL}": MUTE}
        await client.hset(Keys("main").alerts, mapping={key: msgspec.json.encode(row) for key, row in fields.items()})
        yield valkey_url


async def asked(*arguments: str) -> Result:
    done = await asyncio.to_thread(CliRunner().invoke, cli.main, ["alert", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.output.replace("\n", "").isprintable()
    return done


async def test_what_others_wrote_commands_no_terminal(site: str) -> None:
    done = await asked("list")
    assert done.exit_code == 0
    head, said, shown, other, mute = done.stdout.splitlines()
    assert "critical" in head
    assert said.startswith(" " * 10)
    assert re.match(r"--------  warning   billing  since .* \(abandonment, shown only\)$", shown), shown
    assert other.startswith("11111111  warning   help")
    assert mute.startswith("mute ")


async def test_times_are_those_of_the_clock_of_the_site(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLPULSE_SITE_ZONE", "Asia/Tokyo")
    begun = (await asked("list")).stdout.splitlines()[3]
    assert re.match(r"11111111  warning   help  since (2026-11-23 )?19:00 \(", begun), (
        begun
    )  # the date, but on that day


async def test_nor_on_the_board(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    await asyncio.to_thread(top, site, "main", once=True)
    assert capsys.readouterr().out.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["*", "sales*"])
async def test_a_queue_whose_name_is_a_pattern_is_not_muted_with_others(site: str, name: str) -> None:
    async with connect(site) as client:
        await client.zadd(Keys("main").queues, {name: AT, "sales": AT, "sales2": AT})
    done = await asked("mute", "--queue", name, "--why", "drill", "--by", "Ans")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"callpulse: --queue {name}: a queue has this name, and * stands for anything")
    for pattern in ((), ("--queue", "s*"), ("--queue", "sales2")):
        done = await asked("mute", *pattern, "--why", "drill", "--by", "Ans")
        assert done.stderr.startswith("callpulse: Kafka at 127.0.0.1:1 did not take it")  # as far as it gets here


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ack", ""), "is the beginning of several alerts"),
        (("ack", EVIL + "x"), "no alert "),
        (("ack", "x" * 100_000), "no alert "),
        (("ack", "1" * 33), "no alert "),
        (("ack", "billing"), "the alert of 'billing' is only shown as yet: nobody was told of it"),
        (("ack", "help", "--by", "x" * 101), "by: longer than 100 characters"),
        (("ack", "help", "--by", "Ans", "--why", "x" * 501), "why: longer than 500 characters"),
        (("unmute", ""), "no mute '' is in force"),
        (("unmute", EVIL + "x"), "no mute "),
        (("mute", "--why", "drill", "--for", "-1h"), "--for -1h: expected a whole number"),
        (("mute", "--why", "drill", "--by", "Ans", "--queue", "x" * 201), "queue: longer than 200 characters"),
        (("test",), "no channel is set; expected [alerts.channels.NAME]"),
    ],
)
async def test_what_is_asked_badly_is_refused_in_a_sentence(site: str, arguments: tuple[str, ...], said: str) -> None:
    done = await asked(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("callpulse: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
