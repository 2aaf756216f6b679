"""What aiokafka logs, said by a worker: a broker that is away in one sentence every few seconds, not in ten lines a
second; anything else once a minute."""

import logging
from collections.abc import Callable

from callpulse import clock
from callpulse.kafka_log import known
from callpulse.kafka_why import why

AWAY_EVERY_S = 10.0
SAME_EVERY_S = 60.0
_AWAY = ("connect", "metadata", "nodenotready", "coordinator", "heartbeatrequest")


class Complaints(logging.Filter):
    """A filter for handlers: lets through what should be said, in other words where Kafka is away."""

    def __init__(self, brokers: str, monotonic_s: Callable[[], float] = clock.monotonic_s) -> None:
        super().__init__()
        self._brokers = brokers
        self._monotonic_s = monotonic_s
        self._said: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; one about a broker that is away becomes our sentence."""
        if record.exc_info and (said := why(record.exc_info[1])):
            record.msg, record.args, record.exc_info = "Kafka at %s: %s", (self._brokers, said), None
            return self._is_due((said, 0), SAME_EVERY_S)
        if record.name.partition(".")[0] != "aiokafka":
            return True
        text, said = record.getMessage(), known(record)
        if not said and not any(word in text.lower() for word in _AWAY):
            return self._is_due((record.name, record.lineno), SAME_EVERY_S)
        record.name, record.levelno, record.levelname = "callpulse.worker", logging.WARNING, "WARNING"
        record.msg = "Kafka at %s does not answer (%s); going on as soon as it does"
        record.args = (self._brokers, said or " ".join(text.split()))
        return self._is_due(("away", 0), AWAY_EVERY_S)

    def _is_due(self, what: tuple[str, int], every_s: float) -> bool:
        now_s = self._monotonic_s()
        if now_s - self._said.get(what, -every_s) < every_s:
            return False
        self._said[what] = now_s
        return True
