"""`callpulse top` as a process: exit codes, one picture, a live board that outlives its Redis."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callpulse import clock
from callpulse.alerts.core.message import Brief
from callpulse.alerts.core.mute import Mute
from callpulse.current.alerts import Alert
from callpulse.current.connection import connect
from callpulse.current.fields import Current
from callpulse.current.keys import Keys
from callpulse.demo import parts
from callpulse.stream.current import CurrentWriter
from tests.terminal import Terminal

AT, SINCE = 1_764_000_000_000, "2025-11-24T16:00:00.000Z"


def current(name: str = "sales", **more: Any) -> Current:
    now_ms = clock.now_ms()
    fields = {"15m.service_level": 0.9, "15m.service_level.n": 40, "now.contacts_waiting": 2}
    known = {"kind": "queue", "version": (1, now_ms), "writer": "w", "source": "pbx", "fields": fields}
    return Current(**{"name": name, "event_time_ms": now_ms, "written_at_ms": now_ms, **known, **more})


def arguments(url: str, site: str, **options: Any) -> list[str]:
    call = f"top({url!r}, {site!r}, **{options!r})"
    return [sys.executable, "-c", f"from callpulse.top.run import top; raise SystemExit({call})"]


def ran(url: str, site: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments(url, site, **options), capture_output=True, text=True, timeout=30, check=False, encoding="utf-8"
    )


@pytest.fixture
async def site(valkey_url: str) -> AsyncIterator[str]:
    """A site with one queue and a total; another queue is gone."""
    async with connect(valkey_url) as client:
        await client.flushdb()
        writer = CurrentWriter(client, Keys("top"))
        for value in (current(), current("gone"), current("total", kind="total", fields={"15m.offered": 9})):
            writer.put(value)
        assert await writer.flush()
        await client.delete(Keys("top").of("queue", "gone"))
        yield "top"


def test_once_prints_one_picture(valkey_url: str, site: str) -> None:
    done = ran(valkey_url, site, once=True, language="nl")
    assert (done.returncode, done.stderr) == (0, "")
    assert "● OK" in done.stdout
    assert "GEEN DATA SINDS" in done.stdout


def test_json_has_the_shape_that_everything_prints(valkey_url: str, site: str) -> None:
    done = ran(valkey_url, site, as_json=True)
    found = json.loads(done.stdout)
    assert found["queues"] == {
        "sales": {
            "15m": {"service_level": {"value": 0.9, "n": 40}},
            "now": {"contacts_waiting": {"value": 2}},
        },
        "gone": {},
    }
    assert found["total"] == {"15m": {"offered": {"value": 9}}}
    assert found["states"]["sales"]["state"] == "ok"
    assert 0 <= found["states"]["sales"]["age_ms"] < 10_000
    assert found["states"]["gone"]["state"] == "no_data"
    assert found["states"]["gone"]["since"].endswith("Z")
    assert found["at"].endswith("Z")


async def test_json_names_the_figures_that_make_a_state(valkey_url: str, site: str) -> None:
    fields = {"15m.service_level": 0.5, "15m.service_level.n": 40, "15m.asa_s": 25, "15m.asa_s.n": 20}
    async with connect(valkey_url) as client:
        writer = CurrentWriter(client, Keys(site))
        writer.put(current("burning", fields=fields))
        assert await writer.flush()
    states = json.loads(ran(valkey_url, site, as_json=True).stdout)["states"]
    assert states["burning"]["state"] == "act"
    assert states["burning"]["reasons"] == [
        {"window": "15m", "kpi": "service_level", "state": "act"},
        {"window": "15m", "kpi": "asa_s", "state": "watch"},
    ]
    assert states["sales"]["reasons"] == []


async def test_json_has_the_alerts_or_says_that_nobody_looks(valkey_url: str, site: str) -> None:
    assert json.loads(ran(valkey_url, site, as_json=True).stdout)["alerts"] is None
    alert = Alert(
        queue="sales",
        severity="warning",
        onset_ms=AT,
        rules=("late",),
        said={"en": Brief("Warning: sales, late", "late", "")},
    )
    mute = Mute(id="m", rule="*", queue="s*", by="Ans", why="drill", from_ms=AT, until_ms=AT)
    rows = {"alert:sales": msgspec.json.encode(alert), "mute:m": msgspec.json.encode(mute)}
    async with connect(valkey_url) as client:
        await client.hset(Keys(site).alerts, mapping=rows)
    standing = {"queue": "sales", "severity": "warning", "since": SINCE, "rules": ["late"], "told": False}
    assert json.loads(ran(valkey_url, site, as_json=True).stdout)["alerts"] == {
        "standing": [{"id": None, **standing, "taken_by": None, "sentence": "Warning: sales, late"}],
        "mutes": [{"id": "m", "rule": "*", "queue": "s*", "by": "Ans", "why": "drill", "until": SINCE}],
    }


async def test_a_site_that_nobody_serves_is_told_which_there_are(valkey_url: str, site: str) -> None:
    async with connect(valkey_url) as client:
        await client.zadd(Keys("other one").queues, {"q": 1})
        await client.set("callpulse:{x}:queues:not", "1")
    done = ran(valkey_url, "typo", once=True)
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert said.endswith("this Redis has: other one, top no alerts worker")


def test_once_without_redis_fails_with_a_sentence(tmp_path: Path) -> None:
    valkey = parts.start_valkey(tmp_path)
    valkey.stop()
    for options in ({"once": True}, {"as_json": True}):
        done = ran(valkey.url, "ams", **options)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("callpulse top: Redis does not answer: ")
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("url", "site_name"), [("http://here", "ams"), ("redis://localhost", "a{b")])
def test_a_wrong_call_says_what_is_expected(url: str, site_name: str) -> None:
    done = ran(url, site_name, once=True)
    assert done.returncode == 2
    assert "expected" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
async def test_the_live_board_follows_outlives_redis_and_ends_quietly(tmp_path: Path, ending: int) -> None:
    valkey = parts.start_valkey(tmp_path)
    async with connect(valkey.url) as client:
        writer = CurrentWriter(client, Keys("ams"))
        writer.put(current("first"))
        await writer.flush()
        terminal = Terminal(arguments(valkey.url, "ams"))
        terminal.until("first")
        writer.put(current("second"))
        await writer.flush()
        terminal.until("second")
        valkey.stop()
        terminal.until("REDIS DOES NOT ANSWER")
        terminal.until("second")
        valkey = parts.start_valkey(tmp_path, preferred_port=valkey.port)
        writer.put(current("third"))
        while not await writer.flush():
            pass  # its connection to the former server is found broken once
        terminal.until("third")
    terminal.process.send_signal(ending)
    seen = terminal.rest()
    assert terminal.process.wait(10) == 0
    assert "Traceback" not in seen
    assert seen.endswith("\x1b[?1049l")  # the terminal is given back as it was
    valkey.stop()
