"""A connection to Redis (or Valkey) that gives up soon, so that whoever waits can say so."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

TIMEOUT_S = 3.0

FAILURES = (RedisError, OSError)


class RedisAwayError(Exception):
    """Redis did not answer, or refused to; the text says why, in one line and without the password."""


class RedisUrlError(ValueError):
    """The address of Redis cannot be understood."""


def connect(url: str, timeout_s: float = TIMEOUT_S) -> "Redis":
    """A client for `redis://`, `rediss://` or `unix://`. Nothing is sent yet, and nothing is tried twice:
    callers have a better idea of what to do meanwhile. Raises RedisUrlError."""
    try:
        client = Redis.from_url(
            url,
            protocol=2,  # the older protocol is all that is needed, and every server speaks it
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        # sends nothing, but knows which options there are
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # redis has no type for it
    except (ValueError, TypeError) as error:
        raise RedisUrlError(f"the address of Redis cannot be used: {error}; expected redis://host:6379/0") from error
    return client


def reason(error: BaseException) -> str:
    """What Redis or the network said, in one line."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
