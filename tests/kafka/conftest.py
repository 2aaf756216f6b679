"""The Apache Kafka lane: `make test-kafka`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka.broker import ApacheKafka, MissingError

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka() -> Iterator[ApacheKafka]:
    """One broker for the whole lane. A test that kills it starts it again."""
    try:
        broker = ApacheKafka()
    except MissingError as lack:
        pytest.fail(str(lack), pytrace=False)
    with broker:
        yield broker
