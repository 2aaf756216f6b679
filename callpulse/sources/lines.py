"""Bytes of a file to lines of text."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from callpulse.sources.trouble import SourceError

LONGEST_LINE = 65_536
_BLOCK = 1 << 18


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unzipped where it is a gzip. Raises SourceError."""
    if path.is_dir():
        raise SourceError(f"{path} is a directory; name the file in it")
    try:
        file = path.open("rb")
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the name and the rights") from None
    return gzip.open(file) if zipped else file  # type: ignore[return-value]  # a GzipFile reads alike


def read_lines(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    """Every line, without its end; the last one also where no line end follows.

    Bytes that are no text become U+FFFD; a line longer than LONGEST_LINE comes in pieces. Opens at once,
    reads while it is iterated. Raises SourceError; where a gzip breaks off, after all complete lines before
    that.
    """
    return _lines(path, open_bytes(path), encoding)


def _lines(path: Path, file: BinaryIO, encoding: str) -> Iterator[str]:
    count = 0
    with file:
        try:
            for block in _blocks(file):
                for line in block.decode(encoding, "replace").split("\n"):
                    count += 1
                    yield line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(
                f"{path}: the gzip breaks off or is damaged after line {count:,} ({error}). The lines before are"
                " read; fetch the file again for the rest"
            ) from None
        except OSError as error:
            raise SourceError(f"{path}: reading failed after line {count:,} ({error.strerror})") from None


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines at a time, without the last line end. A zipped file's damage travels once they are out."""
    rest = b""
    while True:
        block = file.read1(_BLOCK) if hasattr(file, "read1") else file.read(_BLOCK)
        if not block:
            break
        head, end, tail = (rest + block).rpartition(b"\n")
        if end:
            yield head
            rest = tail
        elif len(tail) > LONGEST_LINE:
            yield tail
            rest = b""
        else:
            rest = tail
    if rest:
        yield rest
