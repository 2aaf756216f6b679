"""A log is followed over every kind of rotation: each line once, in order, also when nobody was looking."""

import gzip
import shutil
from pathlib import Path

import pytest

from callpulse.sources.follow import Batch, Follower, Position, load_position, save_position
from callpulse.sources.rotation import Place
from callpulse.sources.trouble import SourceError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    write(path, "one", "two")
    return path


def write(path: Path, *lines: str, end: str = "\n") -> None:
    with path.open("a") as file:
        file.write("\n".join(lines) + end)


def read(follower: Follower) -> list[str]:
    """All lines there are now."""
    lines: list[str] = []
    while True:
        batch = follower.step()
        lines += batch.lines
        if not batch.behind:
            return lines


def test_new_lines_come_once_and_only_when_complete(log: Path) -> None:
    follower = Follower(log)
    assert read(follower) == ["one", "two"]
    write(log, "thr", end="")
    assert read(follower) == []
    write(log, "ee", "four")
    assert read(follower) == ["three", "four"]
    assert read(follower) == []


def test_a_log_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "queue_log")
    assert follower.step() == Batch([], None, missing=True)
    write(tmp_path / "queue_log", "one")
    assert read(follower) == ["one"]


def test_rename_and_create_loses_no_line_written_before_the_platform_reopens(log: Path) -> None:
    follower = Follower(log)
    read(follower)
    old = log.rename(log.with_name("queue_log.1"))
    write(old, "three")
    assert read(follower) == ["three"], "the log's name is gone; the platform still writes to the old file"
    log.touch()
    write(old, "four")
    assert read(follower) == ["four"], "the new file is there and empty: the platform has not reopened"
    write(old, "five", end="")
    write(log, "six")
    assert read(follower) == ["five", "six"], "the new file has something: the old one is final"
    write(log, "seven")
    assert read(follower) == ["seven"]


def test_copytruncate_takes_the_rest_from_the_copy(log: Path) -> None:
    follower = Follower(log)
    read(follower)
    write(log, "three")
    shutil.copy(log, log.with_name("queue_log.1"))
    log.write_text("")
    assert read(follower) == ["three"]
    write(log, "four")
    assert read(follower) == ["four"]


def test_a_log_emptied_and_filled_beyond_the_place_is_told_from_one_that_grew(log: Path) -> None:
    follower = Follower(log)
    read(follower)
    shutil.copy(log, log.with_name("queue_log.1"))
    log.write_text("another beginning\nlonger than before\n")
    assert read(follower) == ["another beginning", "longer than before"]


def test_three_rotations_while_away_are_read_in_their_order(log: Path) -> None:
    before = Follower(log)
    read(before)
    write(log, "three")
    for number, line in enumerate(("four", "five", "six")):
        for older in range(number, 0, -1):
            log.with_name(f"queue_log.{older}").rename(log.with_name(f"queue_log.{older + 1}"))
        log.rename(log.with_name("queue_log.1"))
        write(log, line)
    assert read(Follower(log, before.place)) == ["three", "four", "five", "six"]


def test_a_rotated_log_that_was_compressed_while_away_is_read_on(log: Path) -> None:
    before = Follower(log)
    read(before)
    write(log, "three")
    stat = log.stat()
    zipped = log.with_name("queue_log-20261121.gz")
    zipped.write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()
    write(log, "four")
    assert stat.st_size > 0
    assert read(Follower(log, before.place)) == ["three", "four"]


def test_an_emptied_log_without_a_copy_is_a_gap_that_is_said(log: Path) -> None:
    follower = Follower(log)
    read(follower)
    log.write_text("")
    assert follower.step().gap == ""
    write(log, "a")
    batch = follower.step()
    assert batch.lines == ["a"]
    assert "gone" in batch.gap
    assert follower.step().gap == ""


def test_files_beside_it_that_are_no_rotation_are_left_alone(log: Path) -> None:
    follower = Follower(log)
    read(follower)
    log.rename(log.with_name("queue_log.1"))
    write(log.with_name("queue_log.backup"), "one", "two", "backup")
    write(log.with_name("queue_log_old"), "one", "two", "old")
    write(log, "three")
    assert read(follower) == ["three"]


def test_a_line_without_end_does_not_fill_the_memory(log: Path) -> None:
    with log.open("a") as file:
        file.write("x" * (3 << 20))
    lines = read(Follower(log))
    assert max(map(len, lines)) <= 1 << 20
    assert lines[:2] == ["one", "two"]


def test_following_goes_on_from_a_saved_position_without_loss_or_doubles(log: Path, tmp_path: Path) -> None:
    kept = tmp_path / "position.json"
    follower = Follower(log, load_position(kept).place)
    save_position(kept, Position(follower.step().place, 2, b"state"))
    write(log, "three")
    saved = load_position(kept)
    assert (saved.lines, saved.state) == (2, b"state")
    assert read(Follower(log, saved.place)) == ["three"]
    assert [p.name for p in tmp_path.iterdir() if "position" in p.name] == ["position.json"]


def test_the_position_of_a_later_callpulse_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    text = '{"version": 2, "place": "of another kind"}'
    (tmp_path / "p").write_text(text)
    with pytest.raises(SourceError, match="schema version 2; this callpulse knows versions up to 1"):
        load_position(tmp_path / "p")
    assert (tmp_path / "p").read_text() == text


@pytest.mark.parametrize("text", ["", "{", '{"version": 0}', '{"place": 3}'])
def test_a_position_file_that_is_none_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "p").write_text(text)
    with pytest.raises(SourceError, match="Remove the file"):
        load_position(tmp_path / "p")


def test_a_directory_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        Follower(tmp_path).step()


def test_a_reused_inode_is_not_taken_for_the_file_read_before(log: Path) -> None:
    stat = log.stat()
    batch = Follower(log, Place(stat.st_dev, stat.st_ino, 5, "another fingerprint")).step()
    assert batch.lines == ["one", "two"]
    assert batch.gap
