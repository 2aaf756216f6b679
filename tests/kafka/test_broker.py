"""The broker of this lane itself: without this, a red test elsewhere could be the broker's fault."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.kafka.broker import ApacheKafka


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

    async with AIOKafkaConsumer(bootstrap_servers=own_broker.bootstrap) as consumer:
        partition = TopicPartition("kept", 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        record = await consumer.getone()
    assert (record.offset, record.value) == (0, b"before")
    assert sent.timestamp_type == 1, "the broker's own option LogAppendTime holds"
    assert record.timestamp > 1_000


async def test_a_stopped_broker_leaves_no_folder_and_no_process():
    broker = ApacheKafka()
    broker.start()
    broker.stop()
    assert broker.pid is None
    assert not broker.folder.exists()


async def test_the_shared_broker_serves(kafka):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    assert len((await admin.describe_cluster())["brokers"]) == 1
    await admin.close()
