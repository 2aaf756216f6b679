"""Redis by TLS, with a user a process: each does its whole work with its rules of callpulse/edges/rights.py, each rule
is needed, and what is said where a process is not let in."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import NoPermissionError

from callpulse.current.connection import connect, reason
from callpulse.current.keys import Keys
from callpulse.doctor.redis_look import commands
from callpulse.edges.rights import REDIS_RULES, redis_rules
from callpulse.settings.tables import Redis
from tests.alert_line import NOON, AlertLine, told, waiting
from tests.certificates import Authority
from tests.commands import ran
from tests.receiver import Receiver
from tests.secured_redis import SecuredRedis, needs_redis, password
from tests.waiting import until_async

pytestmark = needs_redis
ASKED_ANYWAY = ("scan", "client|setinfo")  # for a hint, for a list: refused, nothing is missing
SITE = "guarded"
PREFIX = Keys(SITE).prefix


class House:
    """Three servers: one of ours, one whose certificate has expired, one that asks for a certificate."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.theirs = Authority(folder), Authority(folder, "theirs")
        users = {name: redis_rules(name, PREFIX) for name in REDIS_RULES}
        own, old = (self.ours.issue(name, "127.0.0.1", expired=name == "old") for name in ("redis", "old"))
        self.redis = SecuredRedis(folder / "ours", self.ours, own, users)
        self.stale = SecuredRedis(folder / "stale", self.ours, old, users)
        self.strict = SecuredRedis(folder / "strict", self.ours, own, users, asks=True)

    def settings(self, user: str, **changed: str) -> dict[str, str]:
        told = {"url": self.redis.url(user), "password": password(user), "ca_file": str(self.ours.ca_file), **changed}
        return {f"CALLPULSE_REDIS_{key.upper()}": value for key, value in told.items()}

    def client(self, user: str) -> Any:
        return connect(Redis(url=self.redis.url(user), password=password(user), ca_file=str(self.ours.ca_file)))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("secured"))
    with made.redis, made.stale, made.strict:
        yield made


class Guarded(AlertLine):
    """A line each of whose processes has a user of its own."""

    def __init__(self, house: House, broker: str, folder: Path) -> None:
        super().__init__(broker, "redis://nobody.invalid", folder, idempotent=False)
        self.house = house
        self.environment["CALLPULSE_SITE_NAME"] = SITE

    def acts_as(self, user: str) -> None:
        """What is started from here on."""
        self.environment |= self.house.settings(user)


@pytest.fixture
async def line(house: House, embedded_broker: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    async with Guarded(house, embedded_broker, tmp_path) as line:
        yield line


async def test_each_process_does_its_work_with_its_rules_and_needs_every_one(line: Guarded, house: House) -> None:
    async with Receiver() as receiver, house.client("admin") as admin:
        await admin.acl_log_reset()
        line.tells(receiver.url)
        line.acts_as("worker")
        line.start_worker()
        await line.ready()
        line.acts_as("alerts")
        line.start_alerts()
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: len(told(receiver)) == 1, 30, line.log)
        line.acts_as("wallboard")
        url = line.start_wall()
        seen = await until_async(lambda: fetched(f"{url}/api/boards/all"), "the board shows a queue", 20, line.log)
        assert "sales" in seen
        assert await until_async(lambda: fetched(f"{url}/b/all/day"), "the day", 20, line.log)
        line.acts_as("top")
        shown = await ran(line, "top", "--json")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert '"sales"' in shown.stdout
        line.acts_as("alert")
        listed = await ran(line, "alert", "list")
        assert (listed.returncode, listed.stderr) == (0, "")
        assert "sales" in listed.stdout
        refused = [f"{each['username']}: {each['reason']} {each['object']}" for each in await admin.acl_log()]
        assert [each for each in refused if not each.endswith(ASKED_ANYWAY)] == []
        called = {name.removeprefix("cmdstat_") for name in await admin.info("commandstats")}
    granted = {rule.lstrip("+") for rules in REDIS_RULES.values() for rule in rules if rule.startswith("+")}
    assert granted - called - {"hdel"} == set(), "rules that nobody needs"  # hdel: a figure that is no more


async def fetched(url: str) -> str:
    """The answer, "" while there is none."""

    def get() -> str:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    text = await asyncio.to_thread(get)
    return text if "sales" in text or "day" in url else ""


TOO_MUCH: list[tuple[str, ...]] = [
    ("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("EVAL", "return 1", "0"),
    ("HSET", "callpulse:{other}:queue:sales", "a", "1"), ("ZADD", "callpulse:{other}:queues", "1", "a"),
    ("PUBLISH", "callpulse:{other}:changes", "x"), ("HGETALL", "callpulse:{other}:queue:sales"),
    ("SUBSCRIBE", "callpulse:{other}:changes"), ("MGET", "callpulse:{other}:queue:sales:worst"), ("CLIENT", "LIST"),
]  # fmt: skip
WRITES: list[tuple[str, ...]] = [
    ("HSET", f"{PREFIX}queue:sales", "a", "1"), ("DEL", f"{PREFIX}queue:sales"), ("PUBLISH", f"{PREFIX}changes", "x"),
    ("ZADD", f"{PREFIX}queues", "1", "a"), ("XADD", f"{PREFIX}transitions", "*", "a", "1"),
]  # fmt: skip


@pytest.mark.parametrize("user", REDIS_RULES)
async def test_one_command_more_is_refused(house: House, user: str) -> None:
    writes = [] if user == "worker" else WRITES if user != "alerts" else WRITES[:4]
    async with house.client(user) as client:
        for command in [*TOO_MUCH, *writes, *([("HSET", f"{PREFIX}alerts", "a", "1")] if user == "worker" else [])]:
            with pytest.raises(NoPermissionError):
                await client.execute_command(*command)


async def test_a_worker_that_lacks_a_right_says_which(line: Guarded, house: House) -> None:
    async with house.client("admin") as admin:
        await admin.execute_command("ACL", "SETUSER", "newcomer", "on", f">{password('newcomer')}", "-@all", "+time")
    line.acts_as("newcomer")
    line.start_worker()
    await line.ready()
    await waiting(line, 1, NOON)
    await line.says("Redis is away (this user lacks a right in Redis: ")
    shown = await ran(line, "top", "--json")
    assert shown.returncode == 1
    assert "this user lacks a right in Redis: " in shown.stderr


@pytest.mark.parametrize("user", ["worker", "alerts", "wallboard"])
async def test_the_doctor_asks_as_each_process_and_leaves_out_what_that_may_not_read(
    line: Guarded, house: House, user: str
) -> None:
    line.acts_as(user)
    done = await ran(line, "doctor", "--json", "--as", user)
    found = json.loads(done.stdout)["findings"]
    assert [each for each in found if each["level"] == "fail" and each["about"] in {"redis", "figures", "clocks"}] == []
    seen = {each["says"] for each in found if each["about"] == "redis"}
    assert f"Redis at 127.0.0.1:{house.redis.port}/0" in seen
    assert "its rights cannot be asked by this user" in seen
    async with house.client("admin") as admin:
        asked = [await admin.acl_dryrun(user, *command) for command in commands(Keys(SITE), user)]
    assert {bytes(answer) for answer in asked} == {b"OK"}


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"password": "guessed"}, 1, "it refuses the user or the password (redis.url, redis.username, redis.password)"),
        ({"ca_file": "theirs"}, 1, "its certificate is not one that is trusted here (redis.ca_file)"),
        ({"url": "localhost"}, 1, "its certificate is for another name than the one in redis.url"),
        ({"url": "stale"}, 1, "its certificate has expired"),
        ({"url": "strict"}, 1, "asks for a certificate (redis.cert_file)"),
        ({"cert_file": "none.pem"}, 2, "redis.cert_file = 'none.pem': cannot be read"),
    ],
    ids=lambda value: ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
async def test_who_is_not_let_in_is_told_why(
    line: Guarded, house: House, changed: dict[str, str], code: int, said: str
) -> None:
    meant = {
        "theirs": str(house.theirs.ca_file), "localhost": house.redis.url("top", "localhost"),
        "stale": house.stale.url("top"), "strict": house.strict.url("top"),
    }  # fmt: skip
    done = await ran(
        line,
        "top",
        "--json",
        **house.settings("top", **{key: meant.get(value, value) for key, value in changed.items()}),
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1, "one sentence, no traceback"


async def test_who_shows_a_certificate_is_let_in(line: Guarded, house: House) -> None:
    shown = house.ours.issue("top")
    way = {"url": house.strict.url("top"), "cert_file": str(shown.cert), "key_file": str(shown.key)}
    done = await ran(line, "top", "--json", **house.settings("top", **way))
    assert (done.returncode, done.stderr) == (0, "")


async def test_the_doctor_comes_in_the_same_way(line: Guarded, house: House) -> None:
    told = await ran(line, "doctor", **house.settings("admin"))
    at = house.redis.url("").rpartition("@")[2]
    assert "Redis 7" in told.stdout
    assert f"Redis at {at} does not answer" not in told.stdout + told.stderr


def test_a_site_whose_name_means_anything_in_a_pattern_means_itself() -> None:
    assert "%R~callpulse:{a\\*b}:*" in redis_rules("top", Keys("a*b").prefix)


def test_a_connection_that_is_broken_off_before_redis_said_why_names_the_certificate() -> None:
    """Under load one in six is: the network throws away what it has received when the other side is gone."""
    away = ConnectionError("Error while reading from 127.0.0.1:6379")
    away.__context__ = ConnectionResetError(104, "Connection reset by peer")
    assert reason(away).endswith("or asks for a certificate (redis.cert_file)")


def test_what_redis_says_in_its_own_words_stays() -> None:
    assert reason(OSError("no route to host")) == "no route to host"
