"""One HTTP request, and what its answer means for telling."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

from aiohttp import ClientError, ClientSession, ClientTimeout, NonHttpUrlClientError
from msgspec import Struct

from callpulse.alerts.channels.channel import host
from callpulse.alerts.core.outcome import Delivered, Outcome, Permanent, Temporary

LONGEST_PAUSE_S = 3600.0  # that an answer can ask for: an alert that comes a day late is none
READ_MOST = 2_000  # bytes of an answer
JSON = {"Content-Type": "application/json"}
AGAIN = frozenset({408, 425, 429})


class Request(Struct, frozen=True, kw_only=True):
    """`taken` = the statuses that say that the other side has it; any of 2xx where it is empty."""

    url: str
    body: bytes = b""
    method: Literal["POST", "GET"] = "POST"
    headers: Mapping[str, str] = {}
    timeout_s: float
    taken: frozenset[int] = frozenset()


async def send(session: ClientSession, what: Request, now_ms: int) -> Outcome:
    """Send it, a body as JSON. Redirects are not followed: a POST would arrive as an empty GET and be called delivered,
    and what is signed or secret would go to somebody else."""
    try:
        async with session.request(
            what.method,
            what.url,
            data=what.body or None,
            headers={**JSON, **what.headers} if what.body else what.headers,
            timeout=ClientTimeout(total=what.timeout_s),
            allow_redirects=False,
        ) as response:
            if not is_taken(response.status, what.taken):
                await response.content.read(READ_MOST)
            return meaning(response.status, response.headers.get("Retry-After"), what, now_ms)
    except TimeoutError:
        return Temporary(f"{host(what.url)}: no answer in {what.timeout_s:g} s")
    except (ValueError, NonHttpUrlClientError):  # its text may hold a secret
        return Permanent(f"{host(what.url)}: not a URL that can be asked")
    except (ClientError, OSError) as error:
        return Temporary(f"{host(what.url)}: {trouble(error)}")


def meaning(status: int, retry_after: str | None, what: Request, now_ms: int) -> Outcome:
    """What an answer means. An unexpected 2xx (a login page in between) is not a delivery, but may be one later."""
    where = host(what.url)
    if is_taken(status, what.taken):
        return Delivered()
    if status in AGAIN or status >= 500:
        return Temporary(f"{where}: answered {told(status)}", pause_s(retry_after, now_ms))
    if 200 <= status < 300:
        expected = " or ".join(map(str, sorted(what.taken)))
        return Temporary(f"{where}: answered {told(status)}, expected {expected}")
    return Permanent(f"{where}: answered {told(status)}")


def is_taken(status: int, taken: frozenset[int]) -> bool:
    """Whether the other side has it."""
    return status in taken if taken else 200 <= status < 300


def pause_s(retry_after: str | None, now_ms: int) -> float | None:
    """`Retry-After` in seconds or as a date -> seconds from now, at most an hour; None where it says nothing."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        return min(float(text), LONGEST_PAUSE_S)
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wanted = (moment - datetime.fromtimestamp(now_ms / 1000, UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, wanted), LONGEST_PAUSE_S)


def told(status: int) -> str:
    """`429 Too Many Requests`; what the other side itself writes beside the number is not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def trouble(error: Exception) -> str:
    """The kind of error, and what the system says of it; never its text, in which the URL may stand."""
    number = error.errno if isinstance(error, OSError) else None
    return f"{type(error).__name__} ({os.strerror(number)})" if number and number > 0 else type(error).__name__
