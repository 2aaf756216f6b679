"""Slack, Teams, mail, SMS and some 180 more through the `apprise` library, an extra of its own.

The library knows whether it was taken, not why not: what fails is tried again. It follows the URLs it is given and
needs no session of ours.
"""

import logging
from typing import Any, Literal

from aiohttp import ClientSession

from callpulse.alerts.channels.channel import Address
from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, Outcome, Permanent, Temporary

MISSING = "the library apprise is not installed; expected: pip install 'callpulse[apprise]'"
REFUSED = "apprise takes none of this channel's urls; expected URLs as its documentation lists them, such as mailto://"

Format = Literal["text", "markdown", "html"]


class Apprise(Address, frozen=True, kw_only=True):
    """`urls` as apprise writes them (`slack://…`, `workflows://…`, `mailtos://…`); `format` = what it is given to work
    from. Each one of the URLs has to take the notice."""

    urls: tuple[str, ...]
    format: Format = "text"

    async def notify(self, session: ClientSession, notice: Notice, message: Message, now_ms: int) -> Outcome:
        """Told once; partly taken counts as not taken, so one channel per destination is better."""
        del session, now_ms
        client = _client(self.urls)
        if isinstance(client, Permanent):
            return client
        result = await client.async_notify(**payload(notice, message, self.format), timeout=self.timeout_s)
        return Delivered() if result else Temporary("apprise: not taken by every one of the channel's urls")


def payload(notice: Notice, message: Message, form: Format) -> dict[str, Any]:
    """What the library is called with. Names in it that look like its own templates or escapes stay as they are."""
    body = {"text": message.plain, "markdown": message.markdown, "html": message.html}[form]
    return {
        "title": message.subject,
        "body": body,
        "notify_type": _type(notice),
        "body_format": form,
        "interpret_escapes": False,
    }


def fault(address: Apprise) -> str | None:
    """Why nothing can be told there, as a sentence, or None."""
    client = _client(address.urls)
    return client.reason if isinstance(client, Permanent) else None


def _type(notice: Notice) -> str:
    if notice.kind == "resolved":
        return "success"
    return "failure" if notice.labels.severity == "critical" else "warning"


def _client(urls: tuple[str, ...]) -> Any:
    try:
        import apprise  # noqa: PLC0415 - an extra: whoever does not use it need not have it
    except ImportError:
        return Permanent(MISSING)
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it writes URLs, which hold passwords
    client = apprise.Apprise()
    return client if all([client.add(url) for url in urls]) and urls else Permanent(REFUSED)
