"""All that is said of Redis, and of what it holds of workers, alerts and sites. Pure."""

from collections.abc import Iterator

from callpulse.current.fields import AMBER_MS, TTL_MS
from callpulse.doctor.clock_checks import redis_clock
from callpulse.doctor.finding import Finding, fail, listed, ok, skip, warn
from callpulse.doctor.seen import Group, Redis

OLDEST = (6, 2)  # ZADD … GT
FULL = 0.9
KEEPS = "noeviction"
GONE_MS = 86_400_000  # who was silent for a day was taken away


def redis_findings(
    seen: Redis, site: str, process: str, group: Group, silent_after_ms: int | None
) -> Iterator[Finding]:
    """In the order in which they are shown. `group`: of the workers; it has no members where Kafka did not tell.
    `silent_after_ms` None: event times are not those of the wall."""
    if seen.trouble:
        yield fail("redis", seen.trouble, "Is it up, and are redis.url, user and password right?")
        return
    yield _version(seen)
    yield from _memory(seen)
    yield from _rights(seen, process)
    if "clocks" not in seen.untold:
        yield redis_clock(seen.behind_ms, seen.trip_ms)
    if "figures" not in seen.untold:
        yield from _figures(seen, site, group)
        if silent_after_ms is not None:
            yield from _silent(seen, silent_after_ms)
    if "alerts" not in seen.untold:
        yield _alerts(seen)
    yield from (skip(part, "this user may not read them in Redis") for part in sorted(seen.untold))


def _version(seen: Redis) -> Finding:
    if seen.version is not None and seen.version[:2] < OLDEST:
        return fail("redis", f"{seen.server} at {seen.where} is too old", "Take Redis 6.2 or later, or Valkey")
    return ok("redis", f"{seen.server} at {seen.where}")


def _memory(seen: Redis) -> Iterator[Finding]:
    if seen.policy is None:
        yield skip(
            "redis", "its memory policy is not told to this user", f"It has to be {KEEPS}: CONFIG GET maxmemory-policy"
        )
        return
    advice = f"Set maxmemory-policy {KEEPS} in its configuration, or give callpulse a Redis of its own"
    if seen.policy == KEEPS:
        yield ok("redis", f"maxmemory-policy is {KEEPS}")
    elif seen.limit_bytes:
        yield fail("redis", f"maxmemory-policy is {seen.policy}, which evicts figures that a board needs", advice)
    else:
        yield warn(
            "redis", f"maxmemory-policy is {seen.policy}, which would evict figures once maxmemory is set", advice
        )
    if seen.limit_bytes and seen.used_bytes > FULL * seen.limit_bytes:
        yield warn(
            "redis",
            f"{seen.used_bytes / seen.limit_bytes:.0%} of maxmemory are used; a full Redis refuses to be written",
            "Raise maxmemory",
        )


def _rights(seen: Redis, process: str) -> Iterator[Finding]:
    if seen.denied is None:
        yield skip("redis", "its rights cannot be asked by this user", "As an administrator: ACL DRYRUN USER COMMAND")
    elif seen.denied:
        yield fail(
            "redis",
            f"this user, as {'an' if process == 'alerts' else 'a'} {process}, may not use {listed(seen.denied, 8)}",
            "Allow it: ACL SETUSER NAME +COMMAND ~callpulse:* &callpulse:*",
        )
    else:
        yield ok("redis", f"this user may do all that a {process} does")


def _figures(seen: Redis, site: str, group: Group) -> Iterator[Finding]:
    newest_ms = max(seen.writers.values(), default=None)
    if newest_ms is None:
        yield warn("figures", f"no queue of site {site!r} has figures", "Is a worker running, with the same site.name?")
    elif seen.now_ms - newest_ms > AMBER_MS:
        age_s = (seen.now_ms - newest_ms) // 1000
        yield warn("figures", f"nothing of site {site!r} was written for {age_s} s", "Ask the /readyz of the workers")
    else:
        yield ok("figures", f"{seen.queues} queue{'s'[: seen.queues != 1]} of site {site!r}, the newest is fresh")
    strangers = _strangers(seen, group)
    if strangers:
        yield fail(
            "figures",
            f"site {site!r} is also written by {listed(strangers)}, which is no worker of this group",
            "Two installations share one Redis: give each a site.name of its own",
        )


def _silent(seen: Redis, after_ms: int) -> Iterator[Finding]:
    """Nothing where nobody writes: heartbeats are as old as the figures then."""
    wrote_ms = max(seen.writers.values(), default=0)
    if seen.now_ms - wrote_ms > AMBER_MS:
        return
    for source, at_ms in sorted(seen.heartbeats.items()):
        if after_ms < seen.now_ms - at_ms < GONE_MS:
            yield warn(
                "sources",
                f"{source!r} has sent no heartbeat for {(seen.now_ms - at_ms) // 1000} s: its queues are blind",
                "Does it run, reach Kafka, and have the right time? Where lag is large, the worker is behind",
            )


def _strangers(seen: Redis, group: Group) -> list[str]:
    """Who wrote a moment ago and is not in the group. The embedded broker tells nothing of its members."""
    if not any(group.members):
        return []
    lately = [writer for writer, at_ms in seen.writers.items() if seen.now_ms - at_ms <= AMBER_MS]
    return [writer for writer in lately if not any(writer.encode() in member for member in group.members)]


def _alerts(seen: Redis) -> Finding:
    if seen.alerts_ms is None or seen.now_ms - seen.alerts_ms > TTL_MS:
        return warn(
            "alerts", "no alerts worker is running, so that nobody is told of anything", "Start one: callpulse alerts"
        )
    return ok("alerts", "an alerts worker is running")
