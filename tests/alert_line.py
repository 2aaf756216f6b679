"""The line with alerts: the worker, `callpulse alerts`, and whoever is told. For any broker."""

import os
import subprocess
import sys
from typing import Any

import msgspec

from callpulse.demo import children
from callpulse.demo.children import free_port
from callpulse.stream.core import events as ev
from tests.line import Line
from tests.receiver import Receiver

RULES = """
[alerts]
default_rules = false
capacity = false
[alerts.rules.late]
kpi = "contacts_waiting"
side = "above"
windows = ["now"]
for = "0s"
keep_firing = "0s"
warning = { enter = 2, clear = 1 }

"""
WEBHOOK = """
[alerts.channels.desk]
kind = "webhook"
url = "{url}"
"""
ALERTMANAGER = """
[alerts.channels.cluster]
kind = "alertmanager"
urls = ["{url}"]
"""


class AlertLine(Line):
    """A line whose alerts tell `receiver`."""

    def tells(self, url: str, channel: str = WEBHOOK) -> None:
        """Write the settings of the alerts."""
        self.file = self.folder / "callpulse.toml"
        self.file.write_text(RULES + channel.format(url=url))

    async def starts(self, receiver: Receiver) -> None:
        """A worker, and alerts that tell this receiver."""
        self.tells(receiver.url)
        self.start_worker()
        await self.ready()
        self.alerts = self.start_alerts()

    def start_alerts(self) -> children.Child:
        self.alerts_port = free_port()
        environment = {**os.environ, **self.environment, "CALLPULSE_ALERTS_PORT": str(self.alerts_port)}
        log = self.folder / f"{self.name}-alerts-{len(self.workers)}.log"
        argv = (sys.executable, "-m", "callpulse", "--config", str(self.file), "alerts")
        child = children.start(argv, log, environment=environment)
        self.workers.append(child)
        return child

    def start_wall(self) -> str:
        """Its address."""
        port = free_port()
        environment = {**os.environ, **self.environment, "CALLPULSE_WALLBOARD_PORT": str(port)}
        argv = (sys.executable, "-m", "callpulse", "--config", str(self.file), "wallboard")
        self.workers.append(children.start(argv, self.folder / f"{self.name}-wall.log", environment=environment))
        return f"http://127.0.0.1:{port}"

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            (sys.executable, "-m", "callpulse", "--config", str(self.file), "alert", *arguments),
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """(type, queue) of each piece of news, as a receiver knows it that forgets repetitions by their id."""
    news = {each.headers["webhook-id"]: each.body for each in receiver.received}
    found: list[Any] = [msgspec.json.decode(body) for body in news.values()]
    return [(each["type"], each["data"]["labels"]["queue"]) for each in found]


NOON = 1_795_348_800_000


async def waiting(line: Line, count: int, at_ms: int) -> None:
    """So many come to wait in `sales` at that moment; the rules look ten seconds later."""
    events = [ev.Enqueued(at=at_ms, queue="sales", contact_id=f"{at_ms}-{n}") for n in range(count)]
    await line.send(events, at_ms + 11_000)


async def gone(line: Line, count: int, since_ms: int, at_ms: int) -> None:
    """They give up."""
    events = [ev.Abandoned(at=at_ms, queue="sales", contact_id=f"{since_ms}-{n}") for n in range(count)]
    await line.send(events, at_ms + 11_000)
