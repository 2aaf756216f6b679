"""PagerDuty, Events API v2 (developer.pagerduty.com/docs/events-api-v2-overview).

Each alert is one incident from onset to end: its `dedup_key` is the notice's id, so a late resolve never closes the
next alert of the same rule. Limits: `dedup_key` 255 characters, `summary` 1024, an event 512 KB.
"""

from typing import Any, Literal

import msgspec
from aiohttp import ClientSession

from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.sending import Request, send
from callpulse.alerts.core.figures import name
from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Outcome
from callpulse.alerts.core.renderings import safe_url
from callpulse.alerts.core.timestamps import rfc3339

LONGEST_KEY = 255
LONGEST_SUMMARY = 1024
LONGEST_NAME = 255
LARGEST = 512 * 1024
TAKEN = frozenset({202})

Action = Literal["trigger", "acknowledge", "resolve"]


class PagerDuty(Address, frozen=True, kw_only=True):
    """`routing_key`: the integration key, 32 characters. European accounts have another `url`."""

    routing_key: str
    url: str = "https://events.pagerduty.com/v2/enqueue"

    async def notify(self, session: ClientSession, notice: Notice, message: Message, now_ms: int) -> Outcome:
        """202 is a delivery; 429 and 5xx are tried again."""
        body = msgspec.json.encode(payload(notice, message, self.routing_key))
        return await send(session, Request(url=self.url, body=body, timeout_s=self.timeout_s, taken=TAKEN), now_ms)


def payload(notice: Notice, message: Message, routing_key: str) -> dict[str, Any]:
    """One event."""
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": action(notice),
        "dedup_key": name(notice.id, LONGEST_KEY) or "callpulse",
    }
    if event["event_action"] == "trigger":
        links = [{"href": url, "text": text} for text, url in _links(notice) if safe_url(url)]
        event |= {"client": "callpulse", "payload": _described(notice, message), "links": links}
    return event


def action(notice: Notice) -> Action:
    """An acknowledgement is told as one, but what has become worse since then is told as news."""
    if notice.kind == "resolved":
        return "resolve"
    return "acknowledge" if notice.acknowledged and notice.kind != "escalated" else "trigger"


def _described(notice: Notice, message: Message) -> dict[str, Any]:
    labels = notice.labels
    return {
        "summary": message.subject[:LONGEST_SUMMARY],
        "source": name(labels.queue, LONGEST_NAME) or name(labels.site, LONGEST_NAME) or "callpulse",
        "severity": labels.severity,
        "timestamp": rfc3339(notice.onset_ms),
        "component": name(labels.kpi, LONGEST_NAME),
        "group": name(labels.site, LONGEST_NAME),
        "class": name(labels.rule, LONGEST_NAME),
        "custom_details": {"message": message.plain},
    }


def _links(notice: Notice) -> tuple[tuple[str, str], ...]:
    return (("wall", notice.wall_url), ("runbook", notice.runbook_url))
