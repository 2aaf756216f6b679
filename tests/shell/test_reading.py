"""Whole files, plain or zipped, good or broken: what can be read is read, the rest is said in a sentence."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Enqueued, Rejected

ROOT = Path(__file__).parents[2]
LOG = ROOT / "examples/asterisk/queue_log"
MAPPING = ROOT / "examples/mappings/anonymous_bank.toml"
LINE = "1717397259|1.1|sales|NONE|ENTERQUEUE||0600000001|1"


def test_a_zipped_log_reads_like_the_plain_one_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(gzip.compress(LOG.read_bytes()))
    assert list(open_source("queue_log", tmp_path / "log")) == list(open_source("queue_log", LOG))


def test_every_line_is_numbered_also_a_last_one_without_end(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(f"{LINE}\r\n\n{LINE}".encode())
    reading = open_source("queue_log", tmp_path / "log")
    assert [(number, len(events)) for number, events in reading] == [(1, 1), (2, 0), (3, 1)]
    assert reading.ignored == {"(blank)": 1}


@pytest.mark.parametrize("source", ["queue_log", "events"])
def test_a_line_that_is_too_long_is_one_line_and_is_set_aside(tmp_path: Path, source: str) -> None:
    start = "1717397260|1.2|sales|NONE|ENTERQUEUE||" if source == "queue_log" else '{"type":"enqueued","queue":"'
    (tmp_path / "log").write_text(f"{LINE}\n{start}{'9' * 3_000_000}\n\n{LINE}")
    read = list(open_source(source, tmp_path / "log"))
    assert [number for number, _ in read] == [1, 2, 3, 4]
    (refused,) = read[1][1]
    assert isinstance(refused, Rejected)
    assert refused.reason == "too_large"


@pytest.mark.parametrize("source", ["queue_log", "events"])
def test_what_can_be_read_only_once_is_refused(tmp_path: Path, source: str) -> None:
    """To tell what it is, a file is begun twice: of a pipe the beginning would be gone, and every figure wrong."""
    os.mkfifo(tmp_path / "log")
    with pytest.raises(SourceError, match="log is a pipe or a device"):
        open_source(source, tmp_path / "log")


def test_what_was_read_before_a_gzip_breaks_off_is_kept(tmp_path: Path) -> None:
    zipped = gzip.compress(LOG.read_bytes())
    (tmp_path / "log.gz").write_bytes(zipped[: len(zipped) // 2])
    got: list[Any] = []
    with pytest.raises(SourceError, match=r"log.gz: the gzip breaks off or is damaged after line ([\d,]+) ") as error:
        got.extend(open_source("queue_log", tmp_path / "log.gz"))
    assert len(got) > 500
    assert f"line {len(got):,}" in str(error.value)
    assert got == list(open_source("queue_log", LOG))[: len(got)]


def test_bytes_that_are_no_text_spoil_their_own_line_at_most(tmp_path: Path) -> None:
    raw = LINE.encode()
    odd = raw.replace(b"sales", b"caf\xe9"), raw + b"|caf\xe9", raw
    (tmp_path / "log").write_bytes(b"\n".join(odd))
    [refused], [named], [plain] = (events for _, events in open_source("queue_log", tmp_path / "log"))
    assert isinstance(refused, Rejected)
    assert isinstance(named, Enqueued), "the caller's name in Latin-1 does not cost the call"
    assert isinstance(plain, Enqueued)


def test_half_a_letter_at_the_very_end_is_a_line_too(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(LINE.encode() + b"\n\xc3")
    assert [number for number, _ in open_source("queue_log", tmp_path / "log")] == [1, 2]


def test_a_table_in_another_encoding_reads_as_its_mapping_says(tmp_path: Path) -> None:
    text = MAPPING.read_text().replace('quote = ""', 'quote = ""\nencoding = "utf-16"')
    (tmp_path / "m.toml").write_text(text)
    header = "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit q_time"
    header += " outcome ser_start ser_exit ser_time server"
    row = "AA 1 0 0 café 990201 7:02:47 7:02:56 9 7:02:56 7:03:06 10 HANG 0:00:00 0:00:00 0 NO_SERVER"
    (tmp_path / "t.tsv").write_text("\n".join((header, row)).replace(" ", "\t"), encoding="utf-16")
    read: list[Any] = list(open_source("csv", tmp_path / "t.tsv", SourceOptions(mapping=tmp_path / "m.toml")))
    [(number, events)] = read
    assert (number, events[0].queue) == (2, "café")


@pytest.mark.parametrize(
    ("name", "path", "options", "message"),
    [
        ("queue_log", ".", None, "is a directory; name the file in it"),
        ("queue_log", "nowhere", None, "nowhere: cannot be read"),
        ("ami", "log", None, "'ami' is no source; expected one of queue_log, csv"),
        ("csv", "log", None, "needs a mapping"),
        ("csv", "log", SourceOptions(mapping=Path("nowhere.toml")), "nowhere.toml: the mapping cannot be read"),
        ("csv", "log", SourceOptions(mapping=MAPPING), "log: the mapping does not fit this file: "),
        ("csv", "empty", SourceOptions(mapping=MAPPING), "empty: the file is empty; expected a header row"),
        ("queue_log", "log", SourceOptions(log=QueueLogOptions(agent_pattern="(")), "expected a regular expression"),
        ("queue_log", "log", SourceOptions(log=QueueLogOptions(agent_pattern="x")), "expected a group in brackets"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, name: str, path: str, options: SourceOptions | None, message: str
) -> None:
    (tmp_path / "log").write_text(LINE)
    (tmp_path / "empty").write_text("")
    with pytest.raises(SourceError) as error:
        list(open_source(name, tmp_path / path, options))
    assert message in str(error.value)
    assert "0600000001" not in str(error.value)
