"""What a benchmark runs on: a broker, a Valkey, and the settings of a worker that uses them."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from msgspec import Struct

from bench.figures import say
from callpulse.demo import parts
from callpulse.demo.children import free_port
from tests.kafka.broker import ApacheKafka

Kind = Literal["apache", "embedded"]
PARTITIONS = 4


class Ground(Struct, frozen=True):
    """Where Kafka and Redis are; `folder` for logs. `apache`: the broker, if it is Apache Kafka."""

    brokers: str
    redis_url: str
    folder: Path
    apache: ApacheKafka | None = None

    def environment(self, name: str) -> dict[str, str]:
        """Settings of a worker with topics and keys of its own, named `name`."""
        return {
            "CALLPULSE_KAFKA_BROKERS": self.brokers,
            "CALLPULSE_KAFKA_PARTITIONS": str(PARTITIONS),
            "CALLPULSE_KAFKA_PREFIX": name,
            "CALLPULSE_KAFKA_IDEMPOTENCE": "false",
            "CALLPULSE_REDIS_URL": self.redis_url,
            "CALLPULSE_METRICS_PORT": str(free_port()),
            "CALLPULSE_SITE_NAME": name,
        }


@contextmanager
def ground(kind: Kind, options: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """A broker of that kind and a Valkey, gone afterwards. `options`: of Apache Kafka."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="callpulse-bench-")))
        say(f"starting {'Apache Kafka' if kind == 'apache' else 'the embedded broker'} and Valkey")
        apache = running.enter_context(ApacheKafka(options)) if kind == "apache" else None
        if apache:
            brokers = apache.bootstrap
        else:
            broker = parts.start_broker(folder)
            running.callback(broker.stop)
            brokers = broker.address
        valkey = parts.start_valkey(folder)
        running.callback(valkey.stop)
        yield Ground(brokers, valkey.url, folder, apache)


def inherited() -> dict[str, str]:
    """The environment of a child, without settings of callpulse that happen to be set here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CALLPULSE_")}
