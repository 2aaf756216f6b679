"""`callpulse doctor` on Apache Kafka: what only it tells of rights, clocks and members."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import CreateAclsRequest
from redis.asyncio import Redis

from callpulse.clock import now_ms
from callpulse.current.keys import Keys
from callpulse.stream.core.events import Enqueued
from tests.integration.test_doctor import doctor, running, said
from tests.kafka.broker import ApacheKafka, MissingError
from tests.kafka.test_topics import WITH_USERS
from tests.line import Line

TOPIC, GROUP, PREFIXED, ALLOW = 2, 3, 4, 3
READ, WRITE, DESCRIBE_CONFIGS = 3, 4, 10


@pytest.fixture(scope="module")
def guarded() -> Iterator[ApacheKafka]:
    """It asks who comes: admin may do anything, guest what he is given."""
    try:
        broker = ApacheKafka(WITH_USERS)
    except MissingError as lack:
        pytest.fail(str(lack), pytrace=False)
    with broker:
        yield broker


async def test_a_line_that_works_is_well_and_what_is_made_wrong_is_told(
    kafka: ApacheKafka, valkey_url: str, tmp_path: Path
) -> None:
    async with Line(kafka.bootstrap, valkey_url, tmp_path, idempotent=True, settings={}) as line:
        await running(line)
        async with line.producer("pbx") as producer:

            async def heartbeats() -> None:
                while True:
                    await producer.heartbeat(now_ms() + 4_000)
                    await producer.flush()
                    await asyncio.sleep(0.2)

            feeding = asyncio.create_task(heartbeats())
            found = await doctor(line, exit_code=0)
            feeding.cancel()
        assert said(found, "ok", "rights") == ["this user may do all that `callpulse worker` does"]
        assert said(found, "ok", "clocks")[0] == "the broker's clock agrees with this machine's to 0.1 s"
        assert [each for each in said(found, "warn", "clocks") if each.startswith("the clock of source 'pbx' is ")]
        assert said(found, "ok", "figures") != []

        await otherwise(kafka.bootstrap, f"{line.name}.kpis", "cleanup.policy", "delete")
        async with Redis.from_url(valkey_url) as redis:
            keys, at = Keys(line.name), now_ms()
            await redis.hset(keys.of("queue", "theirs"), mapping={"writer": "stranger-7", "written_at_ms": at + 9_000})
            await redis.zadd(keys.queues, {"theirs": at + 9_000})
            found = await doctor(line, exit_code=1)
        assert said(found, "fail", "topics") == [
            f"{line.name}.kpis: cleanup.policy is delete, expected compact",
        ]  # fmt: skip
        assert said(found, "fail", "figures") == [
            f"site '{line.name}' is also written by stranger-7, which is no worker of this group"
        ]


async def otherwise(bootstrap: str, topic: str, config: str, value: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {config: value})])
    finally:
        await admin.close()


def signed_in(user: str, password: str) -> dict[str, str]:
    told = {"SECURITY_PROTOCOL": "SASL_PLAINTEXT", "SASL_MECHANISM": "PLAIN", "USERNAME": user, "PASSWORD": password}
    return {f"CALLPULSE_KAFKA_{key}": value for key, value in told.items()}


async def test_rights_that_lack_are_named_and_a_wrong_password_is_told(
    guarded: ApacheKafka, valkey_url: str, tmp_path: Path
) -> None:
    settings = signed_in("admin", "a")
    async with Line(guarded.bootstrap, valkey_url, tmp_path, idempotent=True, settings=settings) as line:
        await line.send([Enqueued(at=now_ms(), queue="sales", contact_id="1")], now_ms())
        line.environment |= signed_in("guest", "g")
        (missing,) = said(await doctor(line, exit_code=1), "fail", "topics")
        assert "this user may not describe them" in missing

        await allowed(guarded, "guest", TOPIC, f"{line.name}.", READ)
        found = await doctor(line, exit_code=1)
        (lacks,) = said(found, "fail", "rights")
        assert f"Write, DescribeConfigs on topic {line.name}.kpis" in lacks
        assert f"Read on group {line.name}.stream" in lacks
        assert [each for each in said(found, "skip", "topics") if "are not told to this user" in each]

        await allowed(guarded, "guest", TOPIC, f"{line.name}.", WRITE)
        await allowed(guarded, "guest", TOPIC, f"{line.name}.", DESCRIBE_CONFIGS)
        await allowed(guarded, "guest", GROUP, f"{line.name}.", READ)
        found = await doctor(line, exit_code=0)
        assert said(found, "ok", "rights") == ["this user may do all that `callpulse worker` does"]

        as_itself = await doctor(line, "--as", "doctor", exit_code=0)
        assert said(as_itself, "ok", "rights") == ["this user may do all that `callpulse doctor` does"]

        line.environment |= signed_in("guest", "guessed")
        (away,) = said(await doctor(line, exit_code=1), "fail", "kafka")
        assert "it refuses the user or the password" in away
        assert "guessed" not in away
        assert os.linesep not in away


async def allowed(broker: ApacheKafka, user: str, kind: int, prefix: str, operation: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap, security_protocol="SASL_PLAINTEXT",
                                sasl_plain_username="admin", sasl_plain_password="a")  # fmt: skip
    await admin.start()
    try:
        request = CreateAclsRequest(kind, prefix, PREFIXED, f"User:{user}", "*", operation, ALLOW)
        answer = await admin._send_request(request)  # there is no public way
        assert [code for code, *_ in answer.creation_responses] == [0]
    finally:
        await admin.close()
