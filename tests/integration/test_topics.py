"""Our topics on the embedded broker, and where no broker is."""

import pytest

from callpulse.demo import children
from callpulse.stream.topics import UnreachableError, create_and_check
from tests.contracts.topics import TopicChecks, prefix  # noqa: F401 - a fixture


class TestOnTheEmbeddedBroker(TopicChecks):
    @pytest.fixture
    def bootstrap(self, embedded_broker):
        return embedded_broker


async def test_where_no_broker_answers_the_error_says_where():
    nowhere = f"127.0.0.1:{children.free_port()}"
    with pytest.raises(UnreachableError, match=f"no Kafka answers at {nowhere}"):
        await create_and_check({"bootstrap_servers": nowhere}, 8, 1)
