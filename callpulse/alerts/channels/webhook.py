"""A webhook of anybody's own, signed as the Standard Webhooks specification 1.0.0 has it (standardwebhooks.com), so
that a receiver can verify it with a library that exists.

Headers: `webhook-id` (the same at every attempt: a receiver forgets what it has seen), `webhook-timestamp` (seconds;
of this attempt) and `webhook-signature` (`v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`).
"""

import base64
import hashlib
import hmac
from typing import Any

import msgspec
from aiohttp import ClientSession

from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.sending import Request, send
from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Notice, fingerprint
from callpulse.alerts.core.outcome import Outcome
from callpulse.alerts.core.renderings import safe_url

LARGEST = 256_000  # bytes; many receivers refuse more
MOST_LISTED = 30
LONGEST_NAME = 128
PREFIX = "whsec_"


class Webhook(Address, frozen=True, kw_only=True):
    """`secret`: `whsec_` and Base64, or any text; without it nothing is signed."""

    url: str
    secret: str = ""

    async def notify(self, session: ClientSession, notice: Notice, message: Message, now_ms: int) -> Outcome:
        """Any 2xx is a delivery."""
        body = msgspec.json.encode(payload(notice, message))
        headers = signed(notice.news_id, now_ms // 1000, body, self.secret)
        return await send(session, Request(url=self.url, body=body, headers=headers, timeout_s=self.timeout_s), now_ms)


def payload(notice: Notice, message: Message) -> dict[str, Any]:
    """`type` says what happened, `data` is the notice (ratios 0-1, times in ms UTC), `message` its words."""
    return {
        "type": f"alert.{notice.kind}",
        "timestamp_ms": notice.at_ms,
        "data": {
            **_cut(msgspec.to_builtins(notice)),
            "wall_url": notice.wall_url if safe_url(notice.wall_url) else "",
            "runbook_url": notice.runbook_url if safe_url(notice.runbook_url) else "",
            "fingerprint": fingerprint(notice.labels),
            "duration_ms": notice.duration_ms,
        },
        "message": {"subject": message.subject, "plain": message.plain, "html": message.html},
    }


def signed(news_id: str, at_s: int, body: bytes, secret: str) -> dict[str, str]:
    """The headers of an attempt at that second."""
    headers = {"webhook-id": news_id, "webhook-timestamp": str(at_s)}
    if secret:
        digest = hmac.new(_key(secret), f"{news_id}.{at_s}.".encode() + body, hashlib.sha256).digest()
        headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    return headers


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except ValueError:
            pass  # then it is a text that happens to begin so
    return secret.encode()


def _cut(value: Any) -> Any:
    """Lists and texts no longer than a receiver can be expected to take."""
    if isinstance(value, str):
        return value[:LONGEST_NAME]
    if isinstance(value, list | tuple):
        return [_cut(each) for each in value[:MOST_LISTED]]
    return {key: _cut(each) for key, each in value.items()} if isinstance(value, dict) else value
