"""What Kafka loses, and that it is away, as the worker says it at its endpoint, on Apache Kafka."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tests import figures
from tests.kafka.broker import ApacheKafka, largest
from tests.line import Line
from tests.waiting import until_async


async def test_a_worker_says_what_it_lost_until_it_is_started_again(kafka, valkey_url, tmp_path):
    events = figures.events_of(figures.ASTERISK)
    half, until_ms = len(events) // 2, max(event.at for event in events) + 1000
    async with Line(kafka.bootstrap, valkey_url, tmp_path, idempotent=True) as line:
        await stopped_after(line, events[:half], until_ms - 500)
        missed = await missing(line, events[half:])
        line.start_worker()
        await line.send([], until_ms)
        await line.values(("sales",), until_ms)
        status, reasons = line.get("/readyz")
        _, metrics = line.get("/metrics")
        topic = f"{line.name}.calls"
        assert status == 503
        for partition, count in missed.items():
            assert f"{topic}/{partition}: {count} events" in reasons
            assert f'callpulse_events_lost_total{{partition="{partition}",topic="{topic}"}} {count}.0' in metrics
            assert f'{{partition="{partition}",topic="{topic}",what="expired"}} 1.0' in metrics
        assert f'callpulse_events_lost_total{{partition="0",topic="{line.name}.agents"}} 0.0' in metrics
        await stopped_after(line, [], until_ms, start=False)
        await stopped_after(line, [], until_ms + 1000)


async def stopped_after(line, events, until_ms, start=True):
    """A worker that was ready, reached `until_ms` and ended."""
    if start:
        line.start_worker()
        await line.ready()
    await line.send(events, until_ms)
    await line.values(("sales",), until_ms)
    await line.ends(line.workers[-1])


async def missing(line, events):
    """{partition: how many} events that were sent and removed while no worker ran."""
    tps = [TopicPartition(f"{line.name}.calls", p) for p in range(4)]
    async with AIOKafkaConsumer(bootstrap_servers=line.environment["CALLPULSE_KAFKA_BROKERS"]) as consumer:
        before = await consumer.end_offsets(tps)
        await line.send(events, 0)
        after = await consumer.end_offsets(tps)
    admin = AIOKafkaAdminClient(bootstrap_servers=line.environment["CALLPULSE_KAFKA_BROKERS"])
    await admin.start()
    await admin.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in after.items()})
    await admin.close()
    return {tp.partition: after[tp] - before[tp] for tp in tps if after[tp] > before[tp]}


async def test_a_worker_says_since_when_kafka_takes_no_writes_and_since_when_it_is_away(valkey_url, tmp_path):
    with ApacheKafka() as broker:
        async with Line(broker.bootstrap, valkey_url, tmp_path, idempotent=True) as line:
            line.start_worker()
            await line.ready()
            admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
            await admin.start()
            await largest(admin, f"{line.name}.stream-contacts-changelog", 1)
            await admin.close()
            await line.send(figures.events_of(figures.ASTERISK)[:200], 0)

            def says(sentence):
                return lambda: sentence in line.get("/readyz")[1]

            await until_async(says("nothing could be committed since 20"), "it says since when", 60, line.log)
            assert "callpulse_uncommitted_since_timestamp_seconds{" in line.get("/metrics")[1]
            broker.kill()
            await until_async(says("Kafka has not answered since 20"), "it says that Kafka is away", 60, line.log)
            assert line.get("/readyz")[0] == 503
            assert line.get("/livez")[0] == 200
