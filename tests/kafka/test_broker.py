"""The broker of this lane itself: without this, a red test elsewhere could be the broker's fault."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from callpulse.demo import children
from tests.kafka.broker import ApacheKafka
from tests.pids import ended


@pytest.fixture(scope="module")
def own_broker():
    with ApacheKafka({"log.message.timestamp.type": "LogAppendTime"}) as broker:
        yield broker


async def test_what_a_killed_broker_had_accepted_is_there_after_its_restart(own_broker):
    admin = AIOKafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=own_broker.bootstrap, acks="all") as producer:
        sent = await producer.send_and_wait("kept", b"before", timestamp_ms=1_000)

    own_broker.kill()
    own_broker.restart()

    async with asyncio.timeout(60), AIOKafkaConsumer(bootstrap_servers=own_broker.bootstrap) as consumer:
        partition = TopicPartition("kept", 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        record = await consumer.getone()
    assert (record.offset, record.value) == (0, b"before")
    assert sent.timestamp_type == 1, "the broker's own option LogAppendTime holds"
    assert record.timestamp > 1_000


async def test_a_stopped_broker_leaves_no_folder_and_no_process():
    broker = ApacheKafka()
    broker.start()
    pid = broker.pid
    broker.stop()
    assert ended(pid, within_s=0)
    assert not broker.folder.exists()


class HastyKafka(ApacheKafka):
    """Has no patience with itself."""

    def start(self, timeout_s=0.1):
        try:
            super().start(timeout_s)
        finally:
            self.started = self.pid


def test_one_that_does_not_start_in_time_leaves_none_either():
    broker = HastyKafka()
    with pytest.raises(children.NotReadyError, match=r"not ready within 0\.1 s"), broker:
        raise AssertionError("it started")
    assert ended(broker.started, within_s=0)
    assert not broker.folder.exists()


async def test_the_shared_broker_serves(kafka):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    assert len((await admin.describe_cluster())["brokers"]) == 1
    await admin.close()
