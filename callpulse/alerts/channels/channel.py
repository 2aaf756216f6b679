"""What every channel can do, whatever is behind it."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import ClientSession
from msgspec import Struct

from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Outcome

NO_HOST = "no host"


class Channel(Protocol):
    """Tells one notice once. Never raises for what the other side does: that is an outcome."""

    async def notify(self, session: ClientSession, notice: Notice, message: Message, now_ms: int) -> Outcome:
        """`now_ms` = the wall clock."""
        ...


def teller(
    channel: Channel, session: ClientSession, words: Callable[[Notice], Message], now_ms: Callable[[], int]
) -> Callable[[Notice], Awaitable[Outcome]]:
    """One attempt on this channel, as `telling.Telling` wants it."""

    async def tell(notice: Notice) -> Outcome:
        return await channel.notify(session, notice, words(notice), now_ms())

    return tell


class Address(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a channel goes. Its URL, keys and secrets are never shown: many a webhook is its own password."""

    timeout_s: float = 10.0

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> Any:
        yield "…"


def host(url: str) -> str:
    """What of a URL may be told: the name of the host, and its port where one is given."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return NO_HOST
    return f"{parts.hostname}{port}" if parts.hostname else NO_HOST
