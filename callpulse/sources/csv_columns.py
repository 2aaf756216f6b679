"""Columns of a row: found by name, read as text or duration, tested by conditions. Compiled once per file."""

import math
import re
from collections.abc import Callable

from callpulse.sources.csv_mapping import Column, Condition, From, Test, Unit
from callpulse.stream.core.events import MAX_SECONDS, Reason, Rejected

Cells = list[str]
Read = Callable[[Cells], str]
Holds = Callable[[Cells], bool]
_SHAPE_LENGTH = 30
_LISTED = 60
_TELEPHONE = re.compile(r"\d{7,}")  # a file without a header shows its first row as names


class RowRefused(Exception):  # noqa: N818  (a value on its way to the caller of `rows`, no error)
    """A row that is set aside."""

    def __init__(self, column: str, detail: str, reason: Reason = Reason.BAD_LINE) -> None:
        self.rejected = Rejected(reason, column, detail)
        super().__init__(detail)


class Columns:
    """The columns of one file. Raises LookupError, naming column and place, for one that the file has not."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._index = {name: index for index, name in reversed(list(enumerate(names)))}

    def index(self, name: str, place: str) -> int:
        try:
            return self._index[name]
        except KeyError:
            known = ", ".join(repr(_TELEPHONE.sub("…", known)) for known in self.names[:_LISTED])
            raise LookupError(f"{place}: there is no column {name!r}; the file has {known}") from None

    def text(self, column: Column, place: str) -> Read:
        """Reads a text; "" where it is unknown."""
        source = From(column=column) if isinstance(column, str) else column
        if source.text:
            return lambda _: source.text
        index, plain = self.index(source.column, place), source == From(column=source.column)
        if plain:
            return lambda cells: cells[index].strip()

        def read(cells: Cells) -> str:
            text = cells[index].strip()
            if text == "" or text in source.unknown:
                return ""
            return source.prefix + source.names.get(text, text)

        return read

    def duration(self, column: Column, place: str) -> Callable[[Cells], float | None]:
        """Reads seconds; None where they are unknown. The reader raises RowRefused."""
        source = From(column=column) if isinstance(column, str) else column
        read, name = self.text(column, place), source.column

        def seconds(cells: Cells) -> float | None:
            text = read(cells)
            if text == "":
                return None
            duration = _seconds(text, source.unit, name)
            if duration >= 0:
                return duration
            if source.negative_is_unknown:
                return None
            raise RowRefused(name, f"negative; expected seconds of 0 or more (or: {_NEGATIVE})", Reason.BAD_VALUE)

        return seconds

    def condition(self, column: str, condition: Condition, place: str) -> Holds:
        """Whether a row fulfils a condition. A number never holds for a text that is none."""
        index = self.index(column, place)
        if isinstance(condition, str):
            return lambda cells: cells[index].strip() == condition
        if isinstance(condition, tuple):
            texts = frozenset(condition)
            return lambda cells: cells[index].strip() in texts
        if isinstance(condition, int | float):
            return lambda cells: _number(cells[index]) == condition
        tests = _tests(condition)
        return lambda cells: all(test(cells[index].strip()) for test in tests)


_NEGATIVE = "negative_is_unknown = true"


def shape(text: str) -> str:
    """What a text looks like, for a message that must not repeat it: digits as 9, letters as a."""
    seen = "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in text[:_SHAPE_LENGTH])
    return repr(seen) + ("…" if len(text) > _SHAPE_LENGTH else "")


def _tests(test: Test) -> list[Callable[[str], bool]]:
    tests: list[Callable[[str], bool]] = []
    if test.not_ is not None:
        unwanted = frozenset((test.not_,) if isinstance(test.not_, str) else test.not_)
        tests.append(lambda text: text not in unwanted)
    if test.empty is not None:
        tests.append(lambda text: (text == "") == test.empty)
    if test.starts_with is not None:
        start = test.starts_with
        tests.append(lambda text: text.startswith(start))
    return tests + _bounds(test)


def _bounds(test: Test) -> list[Callable[[str], bool]]:
    above, below = test.above, test.below
    at_least, at_most = test.at_least, test.at_most
    bounds: list[Callable[[str], bool]] = []
    if above is not None:
        bounds.append(lambda text: _number(text) > above)
    if below is not None:
        bounds.append(lambda text: _number(text) < below)
    if at_least is not None:
        bounds.append(lambda text: _number(text) >= at_least)
    if at_most is not None:
        bounds.append(lambda text: _number(text) <= at_most)
    return bounds


def _number(text: str) -> float:
    """NaN, which no comparison holds for, where the text is no number."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _seconds(text: str, unit: Unit, column: str) -> float:
    try:
        duration = _clock(text) if unit == "h:m:s" else float(text) * _FACTOR[unit]
    except ValueError:
        duration = math.nan
    if not abs(duration) <= MAX_SECONDS:
        raise RowRefused(column, f"{shape(text)}; expected a duration ({unit}) of at most {MAX_SECONDS:.0f} s")
    return int(duration) if duration.is_integer() else duration


def _clock(text: str) -> float:
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


_FACTOR: dict[Unit, float] = {"s": 1.0, "ms": 0.001, "min": 60.0}
