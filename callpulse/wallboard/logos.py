"""The logos of boards: files of whoever runs this, read and verified once, before anything is served."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from callpulse.settings import Settings
from callpulse.settings.faults import dotted
from callpulse.settings.regular import opened

MOST_BYTES = 256 * 1024
MOST_PIXELS = 2048  # on a side
EXPECTED = "expected a PNG or an SVG file"
PNG, END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
SVG = "http://www.w3.org/2000/svg svg"  # namespace and name of its root
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
LENGTH = re.compile(rf"({NUMBER.pattern})(?:[a-zA-Z]+|%)?", re.ASCII)
XMLS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")  # UTF-8, with a mark, UTF-16


class LogoError(Exception):
    """Logos that cannot be shown: a line each, with path, value and what was expected."""


class UnfitError(Exception):
    """A file that is no logo, in words."""


class Logo(NamedTuple):
    """`kind`: its type of content."""

    body: bytes
    kind: str

    @property
    def tag(self) -> str:
        """By which a browser knows that it has it."""
        return sha256(self.body).hexdigest()


def logos_of(settings: Settings) -> dict[str, Logo]:
    """Of each board that has one. Raises LogoError."""
    found, faults = {}, []
    for name, board in settings.boards.items():
        if board.logo:
            try:
                found[name] = _read(Path(board.logo))
            except UnfitError as error:
                faults.append(f"{dotted(['boards', name, 'logo'])} = {board.logo!r}: {error}")
    if faults:
        raise LogoError("\n".join(faults))
    return found


def alt_of(path: str) -> str:
    """What is read out in its place: the name of the file, in words. `img/acme-bank.svg` -> `acme bank`"""
    return " ".join(Path(path).stem.replace("_", " ").replace("-", " ").split())


def recognised(body: bytes) -> Logo:
    """What it is. Raises UnfitError."""
    if body.startswith(PNG):
        _verify_png(body)
        return Logo(body, "image/png")
    if body.lstrip()[:4].startswith(XMLS):
        _verify_svg(body)
        return Logo(body, "image/svg+xml")
    raise UnfitError(f"neither of the two; {EXPECTED}")


def _read(path: Path) -> Logo:
    try:
        with opened(path) as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "not a name of a file"
        raise UnfitError(f"cannot be read ({said}); {EXPECTED}") from None
    if len(body) > MOST_BYTES:
        raise UnfitError(f"larger than {MOST_BYTES // 1024} KiB; expected less: every screen loads it")
    return recognised(body)


def _verify_png(body: bytes) -> None:
    if body[12:16] != b"IHDR" or not body.rstrip(b"\0\r\n").endswith(END):
        raise UnfitError("a PNG that is not whole; expected all of it")
    sides = [int.from_bytes(body[at : at + 4]) for at in (16, 20)]
    if not all(0 < side <= MOST_PIXELS for side in sides):
        raise UnfitError(f"{sides[0]} by {sides[1]} pixels; expected 1 to {MOST_PIXELS} on a side")


def _verify_svg(body: bytes) -> None:
    """Whole, and of a size that can be scaled. What scripts it holds does not matter: they never run."""
    elements: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _first_into(elements)
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: of an encoding that it names
        raise UnfitError(f"not XML ({error}); {EXPECTED}") from None
    name, attributes = elements[0]
    if name != SVG:
        raise UnfitError(f"XML that is no SVG: it begins with {name.rpartition(' ')[2]!r}; {EXPECTED}")
    if not _has_size(attributes):
        raise UnfitError("an SVG without a size; expected viewBox, or width and height, above 0")


def _has_size(attributes: dict[str, str]) -> bool:
    """By what it can be scaled: `viewBox="0 0 60 20"`, or `width="60" height="20mm"`. None of it may be nothing."""
    sides = [LENGTH.fullmatch(attributes[side].strip()) for side in ("width", "height") if side in attributes]
    if any(side and float(side[1]) <= 0 for side in sides):
        return False
    if "viewBox" not in attributes:
        return len(sides) == 2 and all(sides)
    box = re.split(r"[\s,]+", attributes["viewBox"].strip())
    return len(box) == 4 and all(map(NUMBER.fullmatch, box)) and min(map(float, box[2:])) > 0


def _first_into(elements: list[tuple[str, dict[str, str]]]) -> Callable[[str, dict[str, str]], None]:
    def begins(name: str, attributes: dict[str, str]) -> None:
        if not elements:
            elements.append((name, attributes))

    return begins


def _refuse_entities(*_: object) -> None:
    raise UnfitError("an SVG that declares entities; expected one that says everything itself")
