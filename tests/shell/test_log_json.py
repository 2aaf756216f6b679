"""Logs for programs: every line an object, every record by its place, a flood in a few lines, no traceback."""

import asyncio
import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from callpulse.commands.log_lines import JsonLine, place
from callpulse.commands.log_repeats import KINDS, Seldom
from callpulse.edges.strangers import Strangers
from callpulse.stream.endpoint import Endpoint

NOON_S = 1_795_348_800.0


class Nothing:
    async def gather(self) -> Any:
        raise NotImplementedError


class Log:
    """What is written at which moment."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._stream = io.StringIO()
        self.handler = Seldom(lambda: self.now_s)
        self.handler.setStream(self._stream)
        self.handler.setFormatter(JsonLine())

    def take(
        self, text: str, *values: object, level: int = logging.WARNING, error: BaseException | None = None
    ) -> None:
        info = None if error is None else (type(error), error, error.__traceback__)
        record = logging.LogRecord("callpulse.worker", level, "x.py", 1, text, values, info)
        record.created = NOON_S + self.now_s
        self.handler.handle(record)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


async def test_what_a_stranger_sends_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    log.handler.addFilter(Strangers())
    server = logging.getLogger("aiohttp.server")
    server.addHandler(log.handler)
    endpoint = Endpoint(Nothing(), list, host="127.0.0.1", port=0)
    await endpoint.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(endpoint.url).port)
        writer.write(b"GET /?key=s3cret HTTP/1.1\r\nAuthorization: Bearer s3cret\x1b\r\n\r\n")
        assert b"400" in await reader.read(100)
        writer.close()
    finally:
        await endpoint.stop()
        server.removeHandler(log.handler)
    (line,) = log.lines()
    assert (line["level"], line["message"]) == ("warning", "what a client sent is no HTTP (BadHttpMessage)")
    assert "s3cret" not in str(line) + capsys.readouterr().err


def test_a_line_is_an_object_with_time_level_logger_and_message() -> None:
    log = Log()
    log.now_s = 0.25
    log.take("Redis is away (%s)", "refused")
    assert log.lines() == [
        {
            "time": "2026-11-22T12:00:00.250Z",
            "level": "warning",
            "logger": "callpulse.worker",
            "message": "Redis is away (refused)",
        }
    ]


def test_what_is_about_a_record_names_its_place_and_can_be_found_by_it() -> None:
    log = Log()
    log.take("%s/%d/%d: refused as %s", "callpulse.calls", 3, 1871, "bad_value")
    log.take("%s/%d: changelog write failed, tried again: %r", "callpulse.calls", 3, OSError("away"))
    first, second = log.lines()
    found = {"topic": "callpulse.calls", "partition": 3, "offset": 1871, "trace": "callpulse.calls/3/1871"}
    assert found.items() <= first.items()
    assert {"topic": "callpulse.calls", "partition": 3}.items() <= second.items()
    assert "offset" not in second


def test_what_a_part_of_faust_says_of_a_record_is_found_by_its_place() -> None:
    log = Log()
    log.take("[^---BatchConsumer]: %s/%d: no clock stored with offset %d", "callpulse.calls", 0, 809)
    (line,) = log.lines()
    assert line["message"] == "callpulse.calls/0: no clock stored with offset 809"
    assert (line["topic"], line["partition"]) == ("callpulse.calls", 0)


@pytest.mark.parametrize("text", ["boards at http://127.0.0.1:80/", "12/3/4 of them", "1/2: no place", "/var/log/1: x"])
def test_what_only_looks_like_a_place_names_nobody_s_record(text: str) -> None:
    found = place(text)
    assert not found or set(found) == {"topic", "partition"}


@given(st.text(), st.text())
def test_whatever_stands_in_a_name_a_line_is_one_object(text: str, name: str) -> None:
    log = Log()
    log.take("%s: %s", text, name, error=ValueError(name))
    written = log.handler.stream.getvalue()
    assert written.count("\n") == 1
    assert json.loads(written)["logger"] == "callpulse.worker"


def test_an_error_tells_what_and_where_without_a_traceback() -> None:
    def fails() -> None:
        raise KeyError("sales")

    log = Log()
    try:
        fails()
    except KeyError as error:
        log.take("a defect", error=error, level=logging.CRITICAL)
    (line,) = log.lines()
    assert (line["level"], line["error"]) == ("critical", "KeyError: 'sales'")
    assert line["stack"][-1].endswith(" fails")
    assert "Traceback" not in json.dumps(line)


def test_of_a_flood_five_lines_are_said_and_how_many_more_there_were() -> None:
    log = Log()
    for offset in range(10_000):
        log.take("%s/%d/%d: not understood", "callpulse.kpis", 0, offset)
    assert len(log.lines()) == 5
    log.now_s = 60.0
    log.take("another thing")
    assert len(log.lines()) == 7
    summary = log.lines()[5]
    assert summary["message"] == "callpulse.kpis/0/9999: not understood …and 9,994 more of these"
    assert summary["repeats"] == 9_994
    log.take("%s/%d/%d: not understood", "callpulse.kpis", 0, 10_000)
    assert log.lines()[7]["offset"] == 10_000


def test_what_was_left_out_is_said_at_the_end() -> None:
    log = Log()
    for _ in range(8):
        log.take("away")
    log.handler.close()
    assert [line.get("repeats") for line in log.lines()] == [None] * 5 + [2]


@given(st.lists(st.integers(0, 3), max_size=60), st.lists(st.integers(0, 40), max_size=60))
def test_every_event_is_said_or_counted_once(kinds: list[int], seconds: list[int]) -> None:
    log = Log()
    for kind, passed in zip(kinds, seconds, strict=False):
        log.now_s += passed
        log.take("away from %s", kind, level=logging.WARNING if kind else logging.INFO)
    log.handler.close()
    told = log.lines()
    assert len(told) + sum(line.get("repeats", 0) for line in told) == min(len(kinds), len(seconds))


def test_sentences_that_differ_in_words_are_all_said_and_news_is_never_left_out() -> None:
    log = Log()
    for topic in "abcdefgh":
        log.take("%s", f"topic {topic} has 3 partitions; expected 8")
    for number in range(8):
        log.take("sales: late is firing %s", number, level=logging.INFO)
    assert len(log.lines()) == 16


def test_a_flood_of_things_that_are_all_different_is_bounded_too() -> None:
    log = Log()
    for number in range(3 * KINDS):
        log.take("%s", "".join(chr(ord("a") + int(digit)) for digit in str(number)))
    assert len(log.lines()) == KINDS + 5
