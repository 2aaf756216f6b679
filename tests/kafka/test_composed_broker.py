"""The Kafka of docker-compose.yml: its variables go through the program that the image begins with, which is in Kafka's
own jar, and the broker that comes of it gets its topics from the command of the one-shot job."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from callpulse.demo import children
from callpulse.stream.topics import TOPICS
from tests.deploy.composed import SETTINGS, services, variables
from tests.kafka.broker import JAVA, LIBS, fetch_jars

WRAPPER = "kafka.docker.KafkaDockerWrapper"


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a broker that runs on what the image would have written; only ports and folders are other ones."""
    fetch_jars()
    folder = tmp_path_factory.mktemp("composed")
    folders = {name: folder / name for name in ("default", "mounted", "final", "data")}
    for each in folders.values():
        each.mkdir()
    (folders["default"] / "server.properties").touch()
    port, controller = children.free_port(), children.free_port()
    said = services()["kafka"]["environment"] | {"KAFKA_LOG_DIRS": str(folders["data"])}
    moved = {
        name: re.sub(r"kafka:9092|(?<=//):9092", f"127.0.0.1:{port}", text).replace(":9093", f":{controller}")
        for name, text in said.items()
    }
    places = [f"--{name}-configs-dir={folders[name]}" for name in ("default", "mounted", "final")]
    java = ["java", *JAVA, "-cp", f"{LIBS}/*"]
    setup = subprocess.run(
        [*java, WRAPPER, "setup", *places], env={**os.environ, **moved}, text=True, capture_output=True, check=False
    )
    assert setup.returncode == 0, setup.stdout + setup.stderr
    log = folder / "server.log"
    broker = children.start([*java, "kafka.Kafka", str(folders["final"] / "server.properties")], log)
    try:
        children.wait_until(lambda: children.accepts(port), broker, "Apache Kafka", log, 90)
        yield f"127.0.0.1:{port}"
    finally:
        children.stop(broker, grace_s=20.0)


@pytest.fixture
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    yield client
    await client.close()


@pytest.fixture(scope="module")
def made(bootstrap: str) -> str:
    """What the one-shot job says."""
    job = services()["topics"]
    settings = variables(job, Path()) | {"CALLPULSE_KAFKA_BROKERS": bootstrap, "CALLPULSE_CONFIG": str(SETTINGS)}
    argv = [sys.executable, "-m", "callpulse", *job["command"]]
    done = subprocess.run(argv, env={**os.environ, **settings}, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_the_job_makes_every_topic_as_production_wants_it(made: str, admin: AIOKafkaAdminClient) -> None:
    partitions = {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics()}
    assert {topic.name("callpulse"): topic.partitions(8) for topic in TOPICS}.items() <= partitions.items()
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name("callpulse")) for topic in TOPICS]
    told = [each for answer in await admin.describe_configs(asked) for each in answer.to_object()["resources"]]
    configs = {
        each["resource_name"]: {c["config_names"]: c["config_value"] for c in each["config_entries"]} for each in told
    }
    assert all(topic.configs.items() <= configs[topic.name("callpulse")].items() for topic in TOPICS)
    assert "callpulse.calls: 8 partitions, as it has to be" in made


async def test_a_name_that_is_misspelt_makes_no_topic(made: str, admin: AIOKafkaAdminClient) -> None:
    await admin.describe_topics(["callpulse.misspelt"])
    assert "callpulse.misspelt" not in {each["topic"] for each in await admin.describe_topics()}
