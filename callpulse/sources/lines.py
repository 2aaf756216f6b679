"""Bytes of a file to lines of text."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from callpulse.sources.trouble import SourceError

LONGEST_LINE = 65_536
_BLOCK = 1 << 18


def is_zipped(path: Path) -> bool:
    """Whether the file is a gzip, whatever its name. Raises SourceError where it cannot be read at all."""
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a directory; name the file in it")
        if path.exists() and not path.is_file():
            raise SourceError(f"{path} is a pipe or a device, which can be read only once; save it to a file first")
        with path.open("rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the name and the rights") from None


def read_lines(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    """Every line, without its end; the last one also where no line end follows.

    Bytes that are no text become U+FFFD; a line longer than LONGEST_LINE may lack its middle. Whether the file
    can be read is seen at once; it is read while it is iterated. Raises SourceError; where a gzip breaks off, after
    all complete lines before that.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)("replace")
    except LookupError:
        raise SourceError(f"file.encoding: {encoding!r} is unknown; expected utf-8, cp1252, utf-16 …") from None
    return _lines(path, is_zipped(path), decoder)


def _lines(path: Path, zipped: bool, decoder: codecs.IncrementalDecoder) -> Iterator[str]:
    count = 0
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            for text in _texts(file, decoder):  # type: ignore[arg-type]  # a GzipFile reads alike
                for line in text.split("\n"):
                    count += 1
                    yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(
            f"{path}: the gzip breaks off or is damaged after line {count:,} ({error}). The lines before are"
            " read; fetch the file again for the rest"
        ) from None
    except OSError as error:
        raise SourceError(f"{path}: reading failed after line {count:,} ({error.strerror})") from None


def _texts(file: BinaryIO, decoder: codecs.IncrementalDecoder) -> Iterator[str]:
    """Whole lines at a time, without the last line end. A zipped file's damage travels once they are out."""
    rest, block = "", b"begin"
    while block:
        block = file.read1(_BLOCK)  # type: ignore[attr-defined]  # as both kinds of file have it
        head, end, tail = (rest + decoder.decode(block, final=not block)).rpartition("\n")
        if end:
            yield head
        rest = tail
        rest = rest[: LONGEST_LINE + 1]  # enough to see that the line is too long
    if rest:
        yield rest
