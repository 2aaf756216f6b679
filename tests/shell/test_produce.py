"""Where events go, and what is said while Kafka is away."""

import asyncio

import pytest

from callpulse.demo.children import free_port
from callpulse.sources.produce import EventProducer, route
from callpulse.stream.core.events import AgentState, Enqueued, Heartbeat, Snapshot


@pytest.mark.parametrize(
    ("event", "topic", "key"),
    [
        (Enqueued(at=1, queue="sales", contact_id="1"), "calls", b"sales"),
        (Snapshot(at=1, queue="café"), "calls", "café".encode()),
        (AgentState(at=1, agent="7001", state="ready", queues=("sales",)), "agents", b"7001"),
    ],
)
def test_calls_go_by_queue_and_agents_by_agent(event: object, topic: str, key: bytes) -> None:
    assert route(event, "calls", "agents") == (topic, key)  # type: ignore[arg-type]


def test_a_heartbeat_has_no_queue() -> None:
    with pytest.raises(TypeError, match="heartbeat"):
        route(Heartbeat(at=1), "calls", "agents")


async def test_while_kafka_is_away_the_producer_says_so_and_keeps_trying() -> None:
    said: list[str] = []
    heard = asyncio.Event()

    def say(message: str) -> None:
        said.append(message)
        heard.set()

    nowhere = f"127.0.0.1:{free_port()}"
    producer = EventProducer(
        {"bootstrap_servers": nowhere}, source="pbx", calls_topic="calls", agents_topic="agents", say=say
    )
    entering = asyncio.create_task(producer.__aenter__())
    await asyncio.wait_for(heard.wait(), 10)
    assert not entering.done()
    entering.cancel()
    await asyncio.gather(entering, return_exceptions=True)
    [sentence] = said
    assert sentence.startswith(f"no Kafka at {nowhere} (Unable connect to")
    assert sentence.endswith("): still trying; is it up, and are the settings right?")


async def test_while_kafka_does_not_acknowledge_the_producer_says_how_much_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("callpulse.sources.produce.SAY_EVERY_S", 0.01)
    said: list[str] = []
    heard = asyncio.Event()

    def say(message: str) -> None:
        said.append(message)
        heard.set()

    producer = EventProducer(
        {"bootstrap_servers": "kafka:9092"}, source="pbx", calls_topic="calls", agents_topic="agents", say=say
    )
    done, waiting = (asyncio.get_running_loop().create_future() for _ in range(2))
    done.set_result(None)
    producer._pending = [done, waiting]
    flushing = asyncio.create_task(producer.flush())
    await asyncio.wait_for(heard.wait(), 10)
    assert not flushing.done()
    waiting.set_result(None)
    await asyncio.wait_for(flushing, 10)
    assert set(said) == {"Kafka at kafka:9092 does not answer; events that wait for it: 1"}
