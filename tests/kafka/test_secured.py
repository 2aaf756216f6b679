"""Kafka that asks who comes: every process with a user of its own, by password or certificate, and the rights that
docs/OPERATIONS.md says it needs, none besides; and what is said where it is not let in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from callpulse.edges.rights import NEEDS, Right, kafka_rights
from callpulse.settings import load
from tests import figures
from tests.alert_line import AlertLine
from tests.certificates import Authority, Shown
from tests.commands import ran
from tests.kafka.broker import MissingError
from tests.kafka.secured import SecuredKafka
from tests.line import numbers
from tests.receiver import Receiver
from tests.waiting import until_async

PREFIX = "CALLPULSE_KAFKA_"
USERS = {name: f"{name}-Pa55=word" for name in (*NEEDS, "newcomer", "stranger")}


class House:
    """The broker, and how each user comes in."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.theirs = Authority(folder), Authority(folder, "theirs")
        self.broker = SecuredKafka(folder, self.ours, USERS)

    def by_password(self, user: str, mechanism: str = "SCRAM-SHA-512", **changed: str) -> dict[str, str]:
        told = {"brokers": self.broker.login, "security_protocol": "SASL_SSL", "sasl_mechanism": mechanism,
                "username": user, "password": USERS.get(user, "?"), "ca_file": str(self.ours.ca_file)}  # fmt: skip
        return variables({**told, **changed})

    def by_certificate(self, user: str, shown: Shown | None = None, **changed: str) -> dict[str, str]:
        shown = shown or self.ours.issue(user)
        told = {"brokers": self.broker.cert, "security_protocol": "SSL", "ca_file": str(self.ours.ca_file),
                "cert_file": str(shown.cert), "key_file": str(shown.key)}  # fmt: skip
        return variables({**told, **changed})


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"{PREFIX}{key.upper()}": value for key, value in settings.items()}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    try:
        made = House(tmp_path_factory.mktemp("secured"))
    except MissingError as lack:
        pytest.fail(str(lack), pytrace=False)
    with made.broker:
        yield made


class Guarded(AlertLine):
    """A line each of whose processes has a user of its own. The test itself comes in by the open door."""

    def __init__(self, house: House, valkey_url: str, folder: Path) -> None:
        super().__init__(house.broker.bootstrap, valkey_url, folder, idempotent=True)
        self.house = house

    async def __aenter__(self) -> "Guarded":
        return self  # topics are made by their user

    @contextlib.contextmanager
    def acting(self, way: Mapping[str, str]) -> Iterator[None]:
        """What is started here comes in this way."""
        before = self.environment, self.settings
        self.environment = {**self.environment, **way}
        self.settings = load(None, self.environment)
        try:
            yield
        finally:
            self.environment, self.settings = before


@pytest.fixture
async def line(house: House, valkey_url: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    async with Guarded(house, valkey_url, tmp_path) as line:
        yield line


async def test_every_process_does_its_whole_work_with_its_rights_alone(line: Guarded, house: House) -> None:
    await house.broker.grant_all(line.name, *NEEDS)
    made = await ran(line, "topics", **house.by_password("topics"))
    assert made.returncode == 0, made.stderr
    events = figures.events_of(figures.ASTERISK)
    until = max(event.at for event in events) + 1000
    with line.acting(house.by_password("worker")):
        worker = line.start_worker()
        await line.ready()
    with line.acting(house.by_password("source", "PLAIN")):
        await line.send(events, until)
    found = await line.values(("sales", "support"), until)
    for queue in ("sales", "support"):
        figures.assert_asterisk(numbers(found[queue]), queue)

    async with Receiver() as receiver:
        line.tells(receiver.url)
        with line.acting(house.by_certificate("alerts")):
            line.start_alerts()
        await line.says("this worker judges")
        with line.acting(house.by_certificate("wallboard")):
            muted = await asyncio.to_thread(line.command, "mute", "--queue", "sales", "--for", "1h", "--why", "drill")
        assert muted.returncode == 0, muted.stderr

    looked = await ran(line, "backtest", "--from-topic", "--json", **house.by_password("backtest"))
    assert (looked.returncode, looked.stderr) == (0, "")
    for asked in (("list",), ("retry",)):
        told = await ran(line, "rejected", *asked, **house.by_password("rejected"))
        assert told.returncode == 0, told.stderr
    await line.ends(worker)
    grown = await ran(line, "repartition", "--partitions", "6", "--apply", **house.by_certificate("repartition"))
    assert grown.returncode == 0, grown.stderr
    assert "Traceback" not in line.log()


Way = Callable[[House], dict[str, str]]
SHUT_OUT: dict[str, tuple[Way, int, str]] = {
    "password": (
        lambda house: house.by_password("topics", password="guessed"), 1,
        "it refuses the user or the password (kafka.username, kafka.password)",
    ),
    "password of PLAIN": (
        lambda house: house.by_password("topics", "PLAIN", password="guessed"), 1,
        "it refuses the user or the password (kafka.username, kafka.password)",
    ),
    "mechanism": (
        lambda house: house.by_password("topics", "SCRAM-SHA-256"), 1,
        "it does not take this way to log in (kafka.sasl_mechanism)",
    ),
    "authority": (
        lambda house: house.by_password("topics", ca_file=str(house.theirs.ca_file)), 1,
        "its certificate is not one that is trusted here (kafka.ca_file): unable to get local issuer certificate",
    ),
    "host name": (
        lambda house: house.by_password("topics", brokers=house.broker.login.replace("127.0.0.1", "localhost")), 1,
        "its certificate is for another name than the one in kafka.brokers",
    ),
    "expired": (
        lambda house: house.by_certificate("topics", brokers=house.broker.stale), 1, "its certificate has expired",
    ),
    "own certificate of others": (
        lambda house: house.by_certificate("topics", house.theirs.issue("topics")), 1,
        "it does not take our certificate, or asks for one (kafka.cert_file)",
    ),
    "no certificate": (
        lambda house: house.by_certificate("topics", cert_file="", key_file=""), 1,
        "it does not take our certificate, or asks for one (kafka.cert_file)",
    ),
    "own certificate expired": (
        lambda house: house.by_certificate("topics", house.ours.issue("late", expired=True)), 2,
        "late-cert.pem': expired on",
    ),
    "no TLS": (
        lambda house: variables({"brokers": house.broker.cert}), 1,
        "it closes the connection at once: it is just starting or ending, or expects to be spoken to otherwise "
        "(kafka.security_protocol)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SHUT_OUT)
async def test_who_is_not_let_in_is_told_why(line: Guarded, house: House, what: str) -> None:
    way, code, said = SHUT_OUT[what]
    done = await ran(line, "topics", **way(house))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1, "one sentence, no traceback"


async def test_a_worker_that_is_not_let_in_waits_and_its_readyz_says_why(line: Guarded, house: House) -> None:
    with line.acting(house.by_password("worker", password="guessed")):
        worker = line.start_worker()
        why = "it refuses the user or the password (kafka.username, kafka.password)"
        await until_async(lambda: line.get("/readyz")[1].endswith(f": {why}\n"), "the reason", 20, line.log)
        assert line.log().count("trying again every second") == 1
        await line.ends(worker)
    assert "Traceback" not in line.log()


def lacking(line: Guarded, process: str, topic: str, operation: str) -> list[Right]:
    """What the process needs, but this operation on this topic (a short name), or group (@)."""
    missed = ("group" if topic.startswith("@") else "topic", f"{line.name}.{topic.lstrip('@')}")
    return [
        right._replace(operations=tuple(each for each in right.operations if each != operation))
        if right[:2] == missed
        else right
        for right in kafka_rights(process, line.name)
    ]


@pytest.mark.parametrize(
    ("process", "topic", "operation", "said"),
    [
        ("worker", "calls", "Read", "Read on topic {line}.calls"),
        ("worker", "kpis", "Write", "Write on topic {line}.kpis"),
        ("worker", "@stream", "Read", "Read on group {line}.stream"),
        ("worker", "stream-", "Create", "this user lacks a right on topic {line}.stream-"),
        ("alerts", "alerts", "Write", "Write on topic {line}.alerts"),
        ("alerts", "@alerts", "Read", "Read on group {line}.alerts"),
    ],
)
async def test_a_process_that_lacks_one_right_ends_and_names_it(
    line: Guarded, house: House, process: str, topic: str, operation: str, said: str
) -> None:
    await house.broker.grant_all(line.name, "topics")
    assert (await ran(line, "topics", **house.by_password("topics"))).returncode == 0
    await house.broker.grant("newcomer", lacking(line, process, topic, operation))
    done = await ran(line, process, "--any-port", **house.by_password("newcomer"))
    assert done.returncode == 1
    *_, last = done.stderr.splitlines()
    assert said.format(line=line.name) in last
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("source", "queue_log", "--once", str(figures.ASTERISK)), "where it sends events, Write on their topics"),
        (("backtest", "--from-topic"), "no topic '{line}.calls'"),
        (("alert", "mute", "--for", "1h", "--why", "drill"), "no topic '{line}.commands'"),
        (("repartition", "--partitions", "6"), "no topic {line}.calls, {line}.agents, {line}.queue-agents"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
async def test_a_command_without_rights_names_the_topic(
    line: Guarded, house: House, arguments: tuple[str, ...], said: str
) -> None:
    """Who may not so much as describe a topic is told by Kafka that there is none; who may write to none gets no id."""
    done = await ran(line, *arguments, **house.by_password("stranger"))
    assert done.returncode == 1
    assert said.format(line=line.name) in done.stderr
    assert "Traceback" not in done.stderr
