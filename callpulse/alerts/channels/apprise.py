"""Slack, Teams, mail, SMS and some 180 more through the `apprise` library, an extra of its own.

The library keeps connections itself, in threads, and needs no session of ours. It says whether something was taken;
why not stands only in its log, from which the HTTP status is read where there is one.
"""

import asyncio
import logging
import re
from collections.abc import Iterable
from typing import Any, Literal

from aiohttp import ClientSession

from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.sending import AGAIN, told
from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, Outcome, Permanent, Temporary

_STATUS = re.compile(r"\berror=([1-5][0-9][0-9])\b")
VERBATIM: dict[str, Any] = {
    "interpret_escapes": False,
    "interpret_emojis": False,
    "allow_templates": False,
    "http_redirects": False,
}
MISSING = "the library apprise is not installed; expected: pip install 'callpulse[apprise]'"
REFUSED = "apprise does not know this channel's url; expected one as its documentation lists them, such as mailtos://"

Format = Literal["text", "markdown", "html"]


class Apprise(Address, frozen=True, kw_only=True):
    """`url` as apprise writes them (`slack://…`, `workflows://…`, `mailtos://…`): one destination, so that a slow one
    delays no other and nobody is told twice because another was not. `format` = what apprise is given to work from:
    it makes of text and html what the service wants; markdown is for services that know all of it (not Slack)."""

    url: str
    format: Format = "text"

    async def notify(self, session: ClientSession, notice: Notice, message: Message, now_ms: int) -> Outcome:
        """One attempt."""
        del session, now_ms
        client = await asyncio.to_thread(_client, self.url)  # the library reads all its plugins at first
        if isinstance(client, Permanent):
            return client
        result = await client.async_notify(**payload(notice, message, self.format), timeout=self.timeout_s)
        return Delivered() if result else meaning(str(entry.message) for entry in result.logs())


def payload(notice: Notice, message: Message, form: Format) -> dict[str, Any]:
    """What the library is called with."""
    body = {"text": message.plain, "markdown": message.markdown, "html": message.html}[form]
    return {"title": message.subject, "body": body, "notify_type": _type(notice), "body_format": form}


def meaning(logged: Iterable[str]) -> Outcome:
    """What a failure means, by the HTTP status in what the library wrote. The text may hold a secret: not told."""
    found = [int(status) for text in logged for status in _STATUS.findall(text)]
    if not found:
        return Temporary("apprise: not delivered")
    status = found[-1]
    lasting = 300 <= status < 500 and status not in AGAIN
    return (Permanent if lasting else Temporary)(f"apprise: answered {told(status)}")


def fault(address: Apprise) -> str | None:
    """Why nothing can be told there, as a sentence, or None."""
    client = _client(address.url)
    return client.reason if isinstance(client, Permanent) else None


def _type(notice: Notice) -> str:
    if notice.kind == "resolved":
        return "success"
    return "failure" if notice.labels.severity == "critical" else "warning"


def _client(url: str) -> Any:
    try:
        import apprise  # noqa: PLC0415 - an extra: whoever does not use it need not have it
    except ImportError:
        return Permanent(MISSING)
    _hush("apprise", "urllib3")  # they write URLs, which hold passwords
    client = apprise.Apprise(asset=apprise.AppriseAsset(**VERBATIM))
    service = apprise.Apprise.instantiate(url, asset=client.asset)
    if service is None:
        return Permanent(REFUSED)
    if service.overflow_mode == apprise.OverflowMode.UPSTREAM:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE  # rather cut by the service's limits than refused
    client.add(service)
    return client


def _hush(*libraries: str) -> None:
    for library in libraries:
        logger = logging.getLogger(library)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())  # without any, warnings would go to standard error
