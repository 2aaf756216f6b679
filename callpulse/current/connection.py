"""A connection to Redis (or Valkey) that gives up soon, so that whoever waits can say so."""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from callpulse.current.parser import Parser
from callpulse.edges.tls import Files, client_context
from callpulse.edges.why import causes, of_tls
from callpulse.settings import SettingsError
from callpulse.settings.tables import Redis as RedisSettings

TIMEOUT_S = 3.0

FAILURES = (RedisError, OSError)


class RedisAwayError(Exception):
    """Redis did not answer, or refused to; the text says why, in one line and without the password."""


class RedisUrlError(ValueError):
    """The address of Redis cannot be understood."""


def connect(where: str | RedisSettings, timeout_s: float = TIMEOUT_S) -> "Redis":
    """A client for `redis://`, `rediss://` or `unix://`, by its address alone or by all settings. Nothing is sent yet,
    and nothing is tried twice: callers have a better idea of what to do meanwhile. Raises RedisUrlError."""
    config = RedisSettings(url=where) if isinstance(where, str) else where
    try:
        client = Redis.from_url(
            config.url,
            **_shown(config),
            protocol=2,  # the older protocol is all that is needed, and every server speaks it
            parser_class=Parser,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        # sends nothing, but knows which options there are
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # redis has no type for it
    except RedisUrlError:
        raise
    except (ValueError, TypeError) as error:
        raise RedisUrlError(f"the address of Redis cannot be used: {error}; expected redis://host:6379/0") from error
    return client


def _shown(config: RedisSettings) -> dict[str, Any]:
    """Who we are, as redis-py wants it. It reads the files at each connection; here they are read once to see that they
    can be used. Raises RedisUrlError."""
    found: dict[str, Any] = {"username": config.username or None, "password": config.password or None}
    if not config.url.startswith("rediss:"):
        return found
    try:
        client_context(Files("redis", config.ca_file, config.cert_file, config.key_file, config.key_password))
    except SettingsError as error:
        raise RedisUrlError(str(error)) from error
    files = {
        "ssl_ca_certs": config.ca_file,
        "ssl_certfile": config.cert_file,
        "ssl_keyfile": config.key_file or config.cert_file,
        "ssl_password": config.key_password,
    }
    return found | {name: value for name, value in files.items() if value}


def reason(error: BaseException) -> str:
    """What Redis or the network said, in one line, in words of ours where it is about who we are."""
    return next(filter(None, map(_known, causes(error))), "") or _said(error)


def _known(error: BaseException) -> str:
    if isinstance(error, NoPermissionError):
        return f"this user lacks a right in Redis: {_said(error)}"
    if isinstance(error, AuthenticationError):
        return f"it refuses the user or the password (redis.url, redis.username, redis.password): {_said(error)}"
    if isinstance(error, ConnectionResetError):  # what it had to say may be lost with the connection
        return "it broke the connection off: it is just ending, or asks for a certificate (redis.cert_file)"
    return of_tls(error, "redis", "redis.url", "redis.url")


def _said(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
