"""One attempt to tell a channel something."""

from aiohttp import ClientSession

from callpulse.alerts.channels.channel import Channel
from callpulse.alerts.core.message import message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Outcome
from tests.notices import MINUTE_MS, ONSET_MS, notice

NOW_MS = ONSET_MS + 13 * MINUTE_MS
SECRET = "s3cr3t-in-a-url"
KEY = "k3y" * 11


async def told(channel: Channel, session: ClientSession, what: Notice | None = None, now_ms: int = NOW_MS) -> Outcome:
    what = what or notice()
    return await channel.notify(session, what, message(what, "en", "UTC"), now_ms)
