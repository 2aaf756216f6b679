"""Follows a log as it grows and is rotated, complete lines only, one bounded step at a time."""

import gzip
import hashlib
import os
import re
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from callpulse.newer import NewerError, check_not_newer
from callpulse.sources.rotation import Place, Seen, Step, Why, next_step
from callpulse.sources.trouble import SourceError

STEP_BYTES = 1 << 20
_FINGERPRINT_BYTES = 256
_ROTATED = re.compile(r"[.-]\d[\d.:_T-]*(\.gz)?")  # .1, .2.gz, -20261121, .2026-11-21: what rotations are called


class Batch(Struct, frozen=True):
    """What a step read. `place`: where the next begins; to be kept once the lines have been dealt with.
    `behind`: there is more to read at once. `gap`: lines before these are gone, in words; "" = none.
    `missing`: there is no log."""

    lines: list[str]
    place: Place | None
    behind: bool = False
    gap: str = ""
    missing: bool = False


class Position(Struct, frozen=True):
    """What outlives a restart: the place in the log, the lines read, and the parser's state then."""

    place: Place | None = None
    lines: int = 0
    state: bytes = b""
    version: int = 1


class _Head(Struct, frozen=True):
    """By which the position of any version is recognised."""

    version: int


class Follower:
    """Follows `path` from `place` on, or from its beginning."""

    def __init__(self, path: Path, place: Place | None = None) -> None:
        self._path = path
        self.place = place

    def step(self) -> Batch:
        """Reads what is new, at most STEP_BYTES, and moves `place`. Raises SourceError where reading fails."""
        try:
            log = _seen(self._path, self.place)
            step = next_step(self.place, log, self._rotated(log))
            if step.file is None:
                return Batch([], self.place, missing=log is None)
            batch = _read(step, step.file)
        except FileNotFoundError:  # rotated between two looks: the next step sees where to
            return Batch([], self.place, behind=True)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{self._path}: cannot be read ({error}); check the name and the rights") from None
        self.place = batch.place
        return batch

    def _rotated(self, log: Seen | None) -> list[Seen]:
        """Only looked for where the log itself is not the file that was read last."""
        place = self.place
        if place is None or (log is not None and log.fits and log.inode == place.inode):
            return []
        name = self._path.name
        beside = [p for p in self._path.parent.iterdir() if p.name.startswith(name) and p.is_file()]
        older = [p for p in beside if _ROTATED.fullmatch(p.name[len(name) :])]
        own = [seen for p in older if p.stat().st_ino == place.inode and (seen := _sibling(p, place)) and seen.fits]
        if own:  # no need to unzip the others to look for a copy
            return own + [_unlooked(p) for p in older if p != own[0].path]
        return [seen for p in older if (seen := _sibling(p, place))]


def save_position(path: Path, position: Position) -> None:
    """Atomically: after a crash the file holds this position or the one before. Raises SourceError."""
    new = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(position))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        why = f"({error.strerror}); check its rights and the disk"
        raise SourceError(f"{path}: the position cannot be saved {why}") from None


def load_position(path: Path) -> Position:
    """The saved position; the beginning if there is none. Raises SourceError for a file that is no
    position."""
    if path.exists() and not path.is_file():
        raise SourceError(f"{path} is no file; name one that keeps the place")
    try:
        raw = path.read_bytes()
        check_not_newer(msgspec.json.decode(raw, type=_Head).version, Position().version)
        position = msgspec.json.decode(raw, type=Position)
    except FileNotFoundError:
        return Position()
    except NewerError as error:
        raise SourceError(
            f"{path}: stored with {error}. It was not changed. Run the callpulse that wrote it, or a later one; or move"
            " it away to read the log from its beginning: what was sent before is recognised as a copy"
        ) from None
    except (OSError, msgspec.DecodeError, ValueError) as error:
        raise SourceError(
            f"{path}: no saved position ({error}). Remove the file to read the log from its beginning; what was sent"
            " before is recognised as a copy"
        ) from None
    if position.version != Position().version:
        raise SourceError(f"{path}: version {position.version}; expected {Position().version}. Remove the file")
    return position


def _sibling(path: Path, place: Place) -> Seen | None:
    """None where it cannot be read: not ours to read, or still being compressed."""
    try:
        return _seen(path, place)
    except (PermissionError, EOFError, zlib.error, gzip.BadGzipFile):
        return None


def _unlooked(path: Path) -> Seen:
    stat = path.stat()
    return Seen(path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, fits=False)


def _seen(path: Path, place: Place | None) -> Seen | None:
    try:
        with _open(path) as file:
            stat = os.fstat(file.fileno())
            fits = place is None or _fingerprint(file, place.offset) == place.fingerprint
    except FileNotFoundError:
        return None
    return Seen(path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, fits)


def _open(path: Path) -> BinaryIO:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # reads alike


def _fingerprint(file: BinaryIO, offset: int) -> str:
    """Of the bytes right before the offset: a hash, for they may hold telephone numbers."""
    if offset == 0:
        return ""
    start = max(0, offset - _FINGERPRINT_BYTES)
    file.seek(start)
    before = file.read(offset - start)
    return hashlib.sha256(before).hexdigest()[:32] if len(before) == offset - start else "shorter"


def _read(step: Step, seen: Seen) -> Batch:
    with _open(seen.path) as file:
        stat = os.fstat(file.fileno())
        if (stat.st_dev, stat.st_ino) != (seen.device, seen.inode):
            raise FileNotFoundError(seen.path)
        file.seek(step.offset)
        block = file.read(STEP_BYTES)
        used = block.rfind(b"\n") + 1
        final = step.then is not None and len(block) < STEP_BYTES
        if final or (used == 0 and len(block) == STEP_BYTES):  # a last line without its end; a line without any
            used = len(block)
        offset = step.offset + used
        there = Place(stat.st_dev, stat.st_ino, offset, _fingerprint(file, offset))
    lines = block[:used].decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    gap = (
        f"{seen.path}: the log was rotated or emptied; what was not read of it yet, if anything, is gone"
        if step.why is Why.GAP
        else ""
    )
    if final and step.then is not None:
        there = Place(step.then.device, step.then.inode)
    return Batch(lines, there, behind=final or len(block) == STEP_BYTES, gap=gap)
