"""Looking at Redis: nothing is written. Whether a command is allowed is asked by ACL DRYRUN, which runs nothing."""

from collections.abc import Mapping, Sequence
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
        return await _look(client, where, Keys(site), process)
    except FAILURES as error:
        return Redis(where=where, trouble=f"Redis at {where} does not answer ({reason(error)})")
    finally:
        await client.aclose()


def address(url: str) -> str:
    """Without user and password."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or 6379}{parts.path}"


async def _look(client: Client, where: str, keys: Keys, process: str) -> Redis:
    before_ms = clock.now_ms()
    seconds, micros = await client.time()
    after_ms = clock.now_ms()
    redis_ms = int(seconds) * 1000 + int(micros) // 1000
    server, memory = await _info(client, "server"), await _info(client, "memory")
    written: Any = await client.zrevrange(keys.queues, 0, QUEUES_ASKED - 1, withscores=True)
    raw: Mapping[Any, Any] = await client.hgetall(keys.alerts)
    told = alerts.from_hash(raw)
    return Redis(
        where=where,
        server=_name(server),
        version=_version(server.get("redis_version")),
        policy=memory.get("maxmemory_policy"),
        used_bytes=int(memory.get("used_memory", 0)),
        limit_bytes=int(memory.get("maxmemory", 0)),
        denied=await _denied(client, keys, process),
        behind_ms=(before_ms + after_ms) // 2 - redis_ms,
        trip_ms=after_ms - before_ms,
        now_ms=redis_ms,
        queues=int(await client.zcard(keys.queues)),
        writers=await _writers(client, keys, [name.decode("utf-8", "replace") for name, _ in written]),
        alerts_ms=told.about.written_at_ms if told and told.about else None,
    )


async def _info(client: Client, section: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = await client.info(section)
    except NoPermissionError:
        return {}
    return found


def _name(server: Mapping[str, Any]) -> str:
    name = str(server.get("server_name", "Redis")).capitalize()
    return f"{name} {server.get('valkey_version') or server.get('redis_version', '')}".strip()


def _version(told: Any) -> tuple[int, ...] | None:
    parts = str(told or "").split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else None


async def _writers(client: Client, keys: Keys, queues: Sequence[str]) -> dict[str, int]:
    """Who wrote them, with the newest time of each."""
    async with client.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.hmget(keys.of("queue", queue), [WRITER, WRITTEN_AT])
        answers = await pipe.execute()
    found: dict[str, int] = {}
    for writer, at in answers:
        if writer and at and at.isdigit():
            name = writer.decode("utf-8", "replace")
            found[name] = max(int(at), found.get(name, 0))
    return found


def commands(keys: Keys, process: str) -> list[tuple[str, ...]]:
    """What the process sends, with keys of its own."""
    queue, changes = keys.of("queue", "doctor"), keys.changes
    parts = [keys.of("queue", "doctor", part) for part in PARTS]
    reads = [("TIME",), ("ZRANGE", keys.queues, "0", "-1"), ("HGETALL", queue), ("HGETALL", keys.alerts)]
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
        ("DEL", keys.alerts),
        ("HSET", keys.alerts, "about", "{}"),
        ("PEXPIRE", keys.alerts, "1000"),
        ("XADD", keys.transitions, "MAXLEN", "~", "10000", "*", "at_ms", "1"),
    ]
    boards = [*reads, ("GET", parts[0]), ("ZRANGE", keys.sources, "0", "-1"), ("SUBSCRIBE", changes)]
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
