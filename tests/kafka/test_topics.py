"""Our topics on Apache Kafka: the shared checks, and what only a real broker refuses or enforces."""

import pytest
from aiokafka import AIOKafkaProducer

from callpulse.stream.topics import TOPICS, create_and_check
from tests.contracts.topics import TopicChecks, partitions_of, prefix  # noqa: F401 - a fixture
from tests.kafka.broker import ApacheKafka

LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
WITH_USERS = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
    "advertised.listeners": "SASL_PLAINTEXT://127.0.0.1:{port}",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
    "inter.broker.listener.name": "SASL_PLAINTEXT",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": (
        f'{LOGIN} username="admin" password="a" user_admin="a" user_guest="g";'
    ),
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:admin;User:ANONYMOUS",
}


class TestOnApacheKafka(TopicChecks):
    @pytest.fixture
    def bootstrap(self, kafka):
        return kafka.bootstrap

    async def test_calls_and_agents_carry_the_brokers_time(self, bootstrap, prefix):  # noqa: F811
        await self.check(bootstrap, prefix)
        types = {}
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            for topic in TOPICS:
                sent = await producer.send_and_wait(topic.name(prefix), b"x", key=b"q", timestamp_ms=1_000)
                types[topic.short] = sent.timestamp_type
        assert types == {
            "calls": 1, "agents": 1, "queue-agents": 0, "kpis": 0, "alerts": 0, "commands": 0, "rejected": 0,
        }  # fmt: skip

    async def test_more_copies_than_brokers_is_an_error(self, bootstrap, prefix):  # noqa: F811
        findings = await create_and_check({"bootstrap_servers": bootstrap}, 8, 3, prefix)
        assert [f.topic for f in findings] == [topic.name(prefix) for topic in TOPICS]
        assert all("the cluster cannot keep 3 copies" in f.found for f in findings)


async def test_a_user_who_may_not_create_topics_is_told_what_to_ask_for():
    with ApacheKafka(WITH_USERS) as broker:
        guest = _client(broker, "guest", "g")
        findings = await create_and_check(guest, 8, 1)
        assert await create_and_check(_client(broker, "admin", "a"), 8, 1) == []
    assert [f.topic for f in findings] == [topic.name("callpulse") for topic in TOPICS]
    assert str(findings[-1]) == (
        "callpulse.rejected: the topic is missing, and this user may not create it, expected to be there. Ask who may "
        "for: kafka-topics.sh --create --topic callpulse.rejected --partitions 1 --replication-factor 1 --config "
        "cleanup.policy=delete --config retention.ms=1209600000 --config retention.bytes=1073741824"
    )


def _client(broker: ApacheKafka, user: str, password: str) -> dict[str, str]:
    return {
        "bootstrap_servers": broker.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }
