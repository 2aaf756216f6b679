"""What others may have put into our keys of Redis is left out, and nothing else with it."""

from typing import Any

import pytest
from redis.asyncio import Redis

from callpulse.alerts.core.notice import WorstContact
from callpulse.alerts.seeing import worst_contacts
from callpulse.current.fields import Current
from callpulse.current.keys import TOTAL, Keys
from callpulse.current.parts import read_parts, read_worst
from callpulse.current.reader import Picture, Reader, changed_queue
from callpulse.stream.current import CurrentWriter

KEYS = Keys("garbage")
NOW_MS = 1_795_348_800_000


async def _picture(redis: Redis, *garbage: tuple[Any, ...]) -> Picture:
    await redis.flushall()
    writer = CurrentWriter(redis, KEYS)
    for queue in ("sales", "help"):
        writer.put(
            Current(
                kind="queue", name=queue, version=(1, 1), event_time_ms=NOW_MS, written_at_ms=NOW_MS, writer="w",
                source="pbx", fields={"15m.service_level": 0.9, "15m.service_level.n": 40},
            )
        )  # fmt: skip
    await writer.flush()
    for command in garbage:
        await redis.execute_command(*command)
    return await Reader(redis, KEYS).read()


@pytest.mark.parametrize(
    "command",
    [
        ("ZADD", KEYS.queues, "inf", "x"),
        ("ZADD", KEYS.queues, "1e16", "x"),
        ("ZADD", KEYS.sources, "-inf", "x"),
        ("SET", KEYS.of("total", TOTAL), "x"),
        ("SET", KEYS.alerts, "x"),
        ("HSET", KEYS.alerts, "alert:sales", b'{"severity":"warning","queue":"\xff"}'),
        ("HSET", KEYS.alerts, "alert:sales", b'{"x":' + b"[" * 50_000),
        ("HSET", KEYS.alerts, "alert:sales", '{"severity":"warning","queue":"sales","onset_ms":253402300800000}'),
        ("HSET", KEYS.alerts, "ended", b'[{"id":"\xff"}]'),
        ("HSET", KEYS.of("queue", "x"), "event_time_ms", "9" * 400, "written_at_ms", "1"),
    ],
    ids=lambda command: f"{command[0]} {str(command[-1])[:20]}",
)
async def test_one_key_that_holds_something_else_takes_no_other_with_it(
    valkey_url: str, command: tuple[Any, ...]
) -> None:
    redis = Redis.from_url(valkey_url)
    found = await _picture(redis, command)
    await redis.aclose()
    assert set(found.queues) == {"sales", "help"}
    assert set(found.written_ms) == {"sales", "help"}
    assert found.alerts is None or not found.alerts.standing


async def test_a_queue_of_another_type_is_left_out_alone(valkey_url: str) -> None:
    redis = Redis.from_url(valkey_url)
    key = KEYS.of("queue", "sales")
    found = await _picture(redis, ("DEL", key), ("SET", key, "x"))
    await redis.aclose()
    assert set(found.queues) == {"help"}


@pytest.mark.parametrize(("field", "value"), [("n", "-5"), ("n", "0.5"), ("", "1e308"), ("", "9" * 400), ("", "nan")])
async def test_a_figure_that_no_contact_centre_has_is_none(valkey_url: str, field: str, value: str) -> None:
    redis = Redis.from_url(valkey_url)
    name = ".".join(filter(None, ("15m.service_level", field)))
    found = await _picture(redis, ("HSET", KEYS.of("queue", "sales"), name, value))
    await redis.aclose()
    assert name not in found.queues["sales"].values
    assert found.queues["help"].values[name] > 0


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("intervals", '[{"start_ms":253402300800000}]'),
        ("intervals", '[{"start_ms":1,"service_level":1e308,"service_level.n":4}]'),
        ("spark", b'{"start_ms":1,"service_level":[0.5],"service_level.n":[]}'),
        ("agents", b'[{"agent":"\xff","state":"ready","since_ms":1}]'),
    ],
)
async def test_a_part_that_cannot_be_read_is_left_out(valkey_url: str, part: Any, value: str | bytes) -> None:
    redis = Redis.from_url(valkey_url)
    await redis.set(KEYS.of("queue", "a", part), value)
    found = await read_parts(redis, KEYS, ["a"])
    await redis.aclose()
    assert all("a" not in each for each in found)


@pytest.mark.parametrize(
    "value", ["[{}]", "{}", "7", '[{"contact_id":1,"wait_ms":1,"outcome":"lost","at_ms":9}]', b"\xff"]
)
async def test_worst_contacts_that_cannot_be_read_take_no_other_queue_with_them(
    valkey_url: str, value: str | bytes
) -> None:
    redis = Redis.from_url(valkey_url)
    good = '[{"contact_id":"c","wait_ms":9000,"outcome":"%s","at_ms":9000}]'
    values = {"a": value, "b": good % "answered", "c": good % "of a later version"}
    await redis.mset({KEYS.of("queue", queue, "worst"): each for queue, each in values.items()})
    found = await read_worst(redis, KEYS, ["a", "b", "c", "d"])
    await redis.aclose()
    assert worst_contacts(found) == {"b": (WorstContact("c", 9.0, "answered"),), "c": ()}


def test_a_message_of_any_bytes_names_no_queue() -> None:
    assert changed_queue(b'{"kind":"queue","name":"\xff","version":"1-1","event_time_ms":1}') is None
    assert changed_queue(b'{"x":' + b"[" * 50_000) is None
