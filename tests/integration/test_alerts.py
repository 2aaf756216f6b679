"""Alerts as processes on the embedded broker: figures in, a webhook told, taken and silenced from the command line."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.settings import Settings
from tests.alert_line import NOON, AlertLine, gone, told, waiting
from tests.receiver import Receiver
from tests.waiting import until_async

SENSELESS = b'{"kind":"ack","id":"1","by":"Ans","at_ms":1000000000000000,"alert":"01234567"}'


@pytest.fixture
async def line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[AlertLine]:
    async with AlertLine(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        yield line


async def topics_of(settings: Settings) -> set[str]:
    """Of the broker."""
    async with AIOKafkaProducer(**kafka.client(settings.kafka)) as producer:
        found: set[str] = (await producer.client.fetch_all_metadata()).topics()
    return found


async def test_an_alert_is_told_shown_taken_and_over(line: AlertLine) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await line.says("this worker judges")
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: told(receiver) == [("alert.firing", "sales")], 30)
        await until_async(lambda: "late" in line.command("list").stdout, "shown", 30, line.log)
        shown = line.command("list", "--json").stdout
        rows = msgspec.json.decode(shown)
        assert rows["alert:sales"]["severity"] == "warning"
        assert rows["alert:sales"]["said"]["en"]["sentence"].startswith("Warning: sales")
        taken = line.command("ack", "sales", "--by", "Ans", "--why", "calling help")
        assert taken.returncode == 0, taken.stderr
        await receiver.until(lambda _: told(receiver)[1:] == [("alert.acknowledged", "sales")], 30)
        await gone(line, 3, NOON, NOON + 20_000)
        await receiver.until(lambda _: told(receiver)[2:] == [("alert.resolved", "sales")], 30)
        slip = line.command("mute", "--queue", "slaes", "--for", "1h", "--why", "drill", "--by", "Ans")
        assert (
            "--queue slaes: no queue matches it now; expected the name of a queue, the nearest is sales" in slip.stderr
        )
        await until_async(
            lambda: line.command("list").stdout.startswith("no alert stands\n"), "shown as over", 30, line.log
        )


async def test_an_alert_is_taken_and_its_queue_muted_from_the_wall(line: AlertLine) -> None:
    async with Receiver() as receiver, aiohttp.ClientSession() as browser:
        await line.starts(receiver)
        wall = line.start_wall()
        await line.says("this worker judges")
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: told(receiver) == [("alert.firing", "sales")], 30)

        async def shown_as(region: str) -> list[Any]:
            try:
                async with browser.get(f"{wall}/api/boards/all") as answer:
                    found: list[Any] = (await answer.json())["wall"][region] if answer.status == 200 else []
            except aiohttp.ClientError:
                return []
            return found

        (shown,) = await until_async(lambda: shown_as("strip"), "on the wall", 30, line.log)
        assert (shown["place"], shown["can_take"]) == ("sales", True)
        headers = {"Origin": wall, "X-Callpulse": "page"}
        async with browser.post(f"{wall}/api/alerts/{shown['id']}/ack", json={}, headers=headers) as sent:
            assert sent.status == 202, await sent.text()
        await receiver.until(lambda _: told(receiver)[1:] == [("alert.acknowledged", "sales")], 30)

        async def taken() -> bool:
            return any("taken: " in text for line in await shown_as("strip") for text in line["right"])

        await until_async(taken, "who has it", 30, line.log)
        async with browser.post(f"{wall}/api/alerts/{shown['id']}/ack", json={}, headers=headers) as again:
            assert again.status == 409
        async with browser.post(f"{wall}/api/alerts/{shown['id']}/mute", json={"for": "15m"}, headers=headers) as sent:
            id_ = (await sent.json())["id"]
        (silence,) = await until_async(lambda: shown_as("mutes"), "muted", 30, line.log)
        assert silence["id"] == id_
        assert f"mute {id_} until" in line.command("list").stdout
        async with browser.post(f"{wall}/api/mutes/{id_}/unmute", json={}, headers=headers) as sent:
            assert sent.status == 202, await sent.text()
        await until_async(lambda: "mute" not in line.command("list").stdout, "speaks again", 30, line.log)


async def test_what_is_muted_is_not_told_and_an_unknown_alert_cannot_be_taken(line: AlertLine) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await line.says("this worker judges")
        await until_async(lambda: line.command("list").returncode == 0, "shown", 30, line.log)
        muted = line.command("mute", "--queue", "s*", "--for", "1h", "--why", "drill", "--by", "Ans")
        assert muted.returncode == 0, muted.stderr
        await until_async(lambda: "drill" in line.command("list").stdout, "in force", 30, line.log)
        slip = line.command("mute", "--rule", "ltae", "--for", "1h", "--why", "drill", "--by", "Ans")
        assert (slip.returncode, slip.stderr) == (
            0,
            "callpulse: --rule ltae: no rule matches it; expected the name of a rule, the nearest is late\n",
        )
        unknown = line.command("ack", "nobody", "--by", "Ans")
        assert (unknown.returncode, unknown.stdout) == (2, "")
        assert unknown.stderr == ("callpulse: no alert 'nobody' stands; `callpulse alert list` shows those that do\n")
        wrong = line.command("mute", "--for", "soon", "--why", "drill")
        assert wrong.stderr == "callpulse: --for soon: expected a whole number with s, m, h or d, such as 30m\n"


async def test_a_test_tells_every_channel_and_says_how_it_went(line: AlertLine) -> None:
    async with Receiver() as receiver:
        line.tells(receiver.url)
        said = await asyncio.to_thread(line.command, "test")
        assert (said.returncode, said.stdout) == (0, "desk: delivered\n")
        assert [kind for kind, _ in told(receiver)] == ["alert.firing", "alert.resolved"]
    said = await asyncio.to_thread(line.command, "test")
    assert said.returncode != 0
    assert said.stdout.startswith("desk: 127.0.0.1:")


async def test_rules_are_read_again_without_losing_what_goes_on_and_a_wrong_file_changes_nothing(
    line: AlertLine,
) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await line.says("this worker judges")
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: len(told(receiver)) == 1, 30)
        good = line.file.read_text()
        line.file.write_text(good.replace("enter = 2", "enter = -1").replace("contacts_waiting", "contacts_wating"))
        line.alerts.send_signal(signal.SIGHUP)
        await line.says("not reloaded: ")
        await line.says("alerts.rules.late.kpi")
        line.file.write_text(good.replace("warning =", "critical ="))
        line.alerts.send_signal(signal.SIGHUP)
        await line.says("reloaded: 1 rules")
        await waiting(line, 1, NOON + 30_000)
        await receiver.until(lambda _: told(receiver)[1:] == [("alert.escalated", "sales")], 30)


async def test_who_has_to_wait_for_the_group_to_miss_a_killed_worker_waits(line: AlertLine) -> None:
    """Longer than a Kafka is given to answer."""
    line.environment["CALLPULSE_KAFKA_SESSION_TIMEOUT"] = "12s"
    line.tells("http://127.0.0.1:1")
    line.start_alerts()
    await line.says("this worker judges")
    line.workers[-1].kill()
    line.start_alerts()
    line.ports.append(line.alerts_port)
    await until_async(lambda: "its group has not let this one in yet" in line.get("/readyz")[1], "said", 30, line.log)
    await until_async(lambda: line.log().count("this worker judges") == 2, "taken over", 60, line.log)


async def test_without_topics_nothing_is_asked_and_none_is_created(line: AlertLine) -> None:
    line.tells("http://127.0.0.1:1")
    line.environment["CALLPULSE_KAFKA_PREFIX"] = f"{line.name}-none"
    asked = await asyncio.to_thread(line.command, "mute", "--why", "drill", "--by", "Ans")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert f"callpulse: no topic '{line.name}-none.commands' at " in asked.stderr
    assert asked.stderr.endswith("or `callpulse topics`; nothing has been done\n")
    assert not [each for each in await topics_of(line.settings) if each.startswith(f"{line.name}-none")]


async def test_whatever_stands_in_the_topic_of_commands_the_worker_goes_on(line: AlertLine) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await line.says("this worker judges")
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            for value in (b"", b"{", b'{"kind":"mute","id":"\xff"}', b"[" * 50_000, SENSELESS):
                await producer.send_and_wait(f"{line.name}.commands", value)
        await line.says("not done: at_ms: 1000000000000000 is no time of this century")
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: told(receiver) == [("alert.firing", "sales")], 30)
        long = line.command("mute", "--for", "99999999d", "--why", "drill")
        assert long.stderr == "callpulse: --for 99999999d: expected more than nothing and at most 366d\n"
