"""aiokafka's log lines in a worker: a broker that is away is one sentence every ten seconds, the rest once a minute."""

import io
import logging

import pytest

from callpulse.commands.kafka_complaints import Complaints
from callpulse.commands.log_repeats import Seldom
from callpulse.kafka.log import heard

AWAY = "Unable connect to node with id 1: [Errno 111] Connect call failed ('127.0.0.1', 9092)"


class Worker:
    """Log records at a moment, and what of them is said."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self._stream = io.StringIO()
        self._handler = Seldom(lambda: self.now_s)
        self._handler.setStream(self._stream)
        self._handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        self._handler.addFilter(Complaints("kafka:9092"))

    def says(self, logger: str, text: str, line: int = 1) -> str | None:
        """The last line of what is written then."""
        before = self._stream.tell()
        self._handler.handle(logging.LogRecord(logger, logging.ERROR, "x.py", line, text, None, None))
        lines = self._stream.getvalue()[before:].splitlines()
        return lines[-1] if lines else None


def test_a_broker_that_is_away_is_our_sentence_every_ten_seconds() -> None:
    worker = Worker()
    said = "callpulse.worker: Kafka at kafka:9092 does not answer (" + AWAY + "); going on as soon as it does"
    assert worker.says("aiokafka", AWAY) == said
    for at_s in (100.1, 105.0, 109.9):
        worker.now_s = at_s
        assert worker.says("aiokafka", AWAY) is None
        assert worker.says("aiokafka", "Unable to update metadata from [1]", 2) is None
        assert worker.says("aiokafka.consumer.fetcher", "Failed fetch: NodeNotReadyError", 3) is None
        assert worker.says("aiokafka.conn", "Connection at kafka:9092 closed", 4) is None
    worker.now_s = 110.0
    assert worker.says("aiokafka", AWAY) == said


def test_anything_else_of_aiokafka_is_said_as_it_is_once_a_minute() -> None:
    worker = Worker()
    assert worker.says("aiokafka.x", "Offset out of range", 7) == "aiokafka.x: Offset out of range"
    assert worker.says("aiokafka.x", "Offset out of range", 7) is None
    assert worker.says("aiokafka.x", "Another thing", 8) == "aiokafka.x: Another thing"
    worker.now_s += 60
    assert worker.says("aiokafka.x", "Offset out of range", 7) is not None


@pytest.mark.parametrize("logger", ["callpulse.worker", "faust", "aiokafkalike", "root"])
def test_everybody_else_is_never_thinned_out(logger: str) -> None:
    worker = Worker()
    assert [worker.says(logger, AWAY) for _ in range(3)] == [f"{logger}: {AWAY}"] * 3


def test_listening_keeps_the_last_reason_and_gives_the_logger_back(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("aiokafka")
    level, propagate = log.level, log.propagate
    log.setLevel(logging.CRITICAL)
    try:
        with heard() as why:
            assert why.last == ""
            log.error("first")
            logging.getLogger("aiokafka.conn").warning("refused:\n  %s", "no such user")
        assert why.last == " (refused: no such user)"
        assert caplog.text == ""
        assert (log.level, log.propagate, why in log.handlers) == (logging.CRITICAL, propagate, False)
    finally:
        log.setLevel(level)
