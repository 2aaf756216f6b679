"""Looking at Redis: nothing is written. Whether a command is allowed is asked by ACL DRYRUN, which runs nothing."""

from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis as Client
from redis.exceptions import NoPermissionError, ResponseError

from callpulse import clock
from callpulse.current import alerts
from callpulse.current.connection import FAILURES, connect, reason
from callpulse.current.fields import WRITER, WRITTEN_AT
from callpulse.current.keys import PARTS, TOTAL, Keys
from callpulse.doctor.seen import Redis
from callpulse.settings.tables import Redis as RedisSettings

TIMEOUT_S = 4.0
QUEUES_ASKED = 200  # of the writers of so many queues that were written last


async def look_at_redis(config: RedisSettings, site: str, process: str) -> Redis:
    """Never fails for what Redis does or does not. Raises RedisUrlError."""
    client, where = connect(config, TIMEOUT_S), address(config.url)
    try:
        return await _Look(client, where, Keys(site), process).all()
    except FAILURES as error:
        return Redis(where=where, trouble=f"Redis at {where} does not answer ({reason(error)})")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):  # of redis-py, and of reading below
        return Redis(where=where, trouble=f"what answers at {where} does not speak as Redis does")
    finally:
        await client.aclose()


def address(url: str) -> str:
    """Without user and password."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return parts.path if parts.scheme == "unix" else f"{host}:{parts.port or 6379}{parts.path}"


class _Look:
    """One look by one client, whose user may not read everything."""

    def __init__(self, client: Client, where: str, keys: Keys, process: str) -> None:
        self._client, self._where, self._keys, self._process = client, where, keys, process
        self._untold: set[str] = set()

    async def all(self) -> Redis:
        before_ms = clock.now_ms()
        time = await self._told("clocks", self._client.time(), None)
        after_ms = clock.now_ms()
        redis_ms = (before_ms + after_ms) // 2 if time is None else int(time[0]) * 1000 + int(time[1]) // 1000
        server = await self._told("", self._client.info("server"), {})
        memory = await self._told("", self._client.info("memory"), {})
        raw: Mapping[Any, Any] = await self._told("alerts", self._client.hgetall(self._keys.alerts), {})
        alerted = alerts.from_hash(raw)
        return Redis(
            where=self._where,
            server=_name(server),
            version=_version(server.get("redis_version")),
            policy=memory.get("maxmemory_policy"),
            used_bytes=int(memory.get("used_memory", 0)),
            limit_bytes=int(memory.get("maxmemory", 0)),
            denied=await _denied(self._client, self._keys, self._process),
            behind_ms=(before_ms + after_ms) // 2 - redis_ms,
            trip_ms=after_ms - before_ms,
            now_ms=redis_ms,
            queues=await self._told("figures", self._client.zcard(self._keys.queues), 0),
            writers=await self._told("figures", self._writers(), {}),
            heartbeats=await self._told("figures", self._heartbeats(), {}),
            alerts_ms=alerted.about.written_at_ms if alerted and alerted.about else None,
            untold=frozenset(self._untold),
        )

    async def _told(self, part: str, answer: Awaitable[Any], otherwise: Any) -> Any:
        """What this user may not ask leaves out its part; "" = something else says so."""
        try:
            return await answer
        except NoPermissionError:
            self._untold |= {part} - {""}
            return otherwise

    async def _heartbeats(self) -> dict[str, int]:
        found: Any = await self._client.zrange(self._keys.sources, 0, -1, withscores=True)
        return {name.decode("utf-8", "replace"): int(at_ms) for name, at_ms in found}

    async def _writers(self) -> dict[str, int]:
        """Who wrote the queues that were written last, with the newest time of each."""
        newest: Any = await self._client.zrevrange(self._keys.queues, 0, QUEUES_ASKED - 1)
        async with self._client.pipeline(transaction=False) as pipe:
            for queue in newest:
                pipe.hmget(self._keys.of("queue", queue.decode("utf-8", "replace")), [WRITER, WRITTEN_AT])
            answers = await pipe.execute()
        found: dict[str, int] = {}
        for writer, at in answers:
            if writer and at and at.isdigit():
                name = writer.decode("utf-8", "replace")
                found[name] = max(int(at), found.get(name, 0))
        return found


def _name(server: Mapping[str, Any]) -> str:
    name = str(server.get("server_name", "Redis")).capitalize()
    return f"{name} {server.get('valkey_version') or server.get('redis_version', '')}".strip()


def _version(told: Any) -> tuple[int, ...] | None:
    parts = str(told or "").split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else None


def commands(keys: Keys, process: str) -> list[tuple[str, ...]]:
    """What the process sends, with keys of its own."""
    queue, changes = keys.of("queue", "doctor"), keys.changes
    parts = [keys.of("queue", "doctor", part) for part in PARTS]
    reads = [
        ("TIME",),
        ("ZRANGE", keys.queues, "0", "-1"),
        ("HGETALL", queue),
        ("HGETALL", keys.alerts),
        ("HMGET", queue, "version"),
    ]
    writes = [
        ("TIME",),
        ("SCRIPT", "LOAD", "return 1"),
        ("EVALSHA", "0" * 40, str(2 + len(parts)), queue, keys.queues, *parts),
        ("HGET", queue, "version"),
        ("HSET", queue, "version", "1-1"),
        ("HDEL", queue, "version"),
        ("DEL", queue),
        ("PEXPIRE", queue, "1000"),
        *(("SET", part, "[]", "PX", "1000") for part in parts),
        ("HSET", keys.of("total", TOTAL), "version", "1-1"),
        ("ZADD", keys.queues, "1", "doctor"),
        ("ZADD", keys.sources, "GT", "1", "doctor"),
        ("PUBLISH", changes, "{}"),
    ]
    alerting = [
        ("MGET", keys.of("queue", "doctor", "worst")),
        ("MULTI",),
        ("EXEC",),
        ("DEL", keys.alerts),
        ("HSET", keys.alerts, "about", "{}"),
        ("PEXPIRE", keys.alerts, "1000"),
        ("XADD", keys.transitions, "MAXLEN", "~", "10000", "*", "at_ms", "1"),
    ]
    boards = [
        *reads,
        ("MGET", parts[0]),
        ("XRANGE", keys.transitions, "-", "+"),
        ("ZRANGE", keys.sources, "0", "-1"),
        ("SUBSCRIBE", changes),
    ]
    return {"worker": writes, "alerts": alerting, "wallboard": boards}.get(process, [("TIME",)])


async def _denied(client: Client, keys: Keys, process: str) -> tuple[str, ...] | None:
    """None where this user may not ask, or this Redis knows no such question (before 7.0)."""
    try:
        user = await client.acl_whoami()
        asked = commands(keys, process)
        answers = [await client.acl_dryrun(_text(user), *command) for command in asked]
    except ResponseError:  # NoPermissionError is one
        return None
    told = zip(asked, map(_text, answers), strict=True)
    return tuple(dict.fromkeys(command[0] for command, answer in told if answer != "OK"))


def _text(told: bytes | str) -> str:
    return told if isinstance(told, str) else told.decode("utf-8", "replace")
