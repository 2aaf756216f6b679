"""What aiokafka logs, said by a worker: a broker that is away in one sentence every few seconds, not in ten lines a
second; anything else once a minute."""

import logging
from collections.abc import Hashable

from callpulse.commands.log_repeats import Pace
from callpulse.kafka.log import known
from callpulse.kafka.why import why

AWAY_EVERY_S = 10.0
SAME_EVERY_S = 60.0
_AWAY = ("connect", "metadata", "nodenotready", "coordinator", "heartbeatrequest")


class Complaints(logging.Filter):
    """A filter for handlers: other words where Kafka is away, and how often it may be spoken of."""

    def __init__(self, brokers: str) -> None:
        super().__init__()
        self._brokers = brokers

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; a record about a broker that is away becomes our sentence."""
        if record.exc_info and (said := why(record.exc_info[1])):
            record.msg, record.args, record.exc_info = "Kafka at %s: %s", (self._brokers, said), None
            return _at_most(record, said, SAME_EVERY_S)
        if record.name.partition(".")[0] != "aiokafka":
            return True
        text, said = record.getMessage(), known(record)
        if not said and not any(word in text.lower() for word in _AWAY):
            return _at_most(record, (record.name, record.lineno), SAME_EVERY_S)
        record.name, record.levelno, record.levelname = "callpulse.worker", logging.WARNING, "WARNING"
        record.msg = "Kafka at %s does not answer (%s); going on as soon as it does"
        record.args = (self._brokers, said or " ".join(text.split()))
        return _at_most(record, "away", AWAY_EVERY_S)


def _at_most(record: logging.LogRecord, key: Hashable, every_s: float) -> bool:
    record.__dict__["pace"] = Pace(key, most=1, every_s=every_s)
    return True
