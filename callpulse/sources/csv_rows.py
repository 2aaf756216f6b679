"""A CSV or TSV file of calls, by its mapping: every row is its events, a counted skip, or a refusal."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from callpulse.sources.csv_columns import Cells, Columns, RowRefused
from callpulse.sources.csv_mapping import Mapping
from callpulse.sources.csv_plan import RowPlan
from callpulse.sources.csv_times import Moments
from callpulse.sources.names import CustomerKey
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Reason, Rejected

if TYPE_CHECKING:
    from _csv import Reader as CsvReader  # exists for type checkers only


class CsvRows:
    """Reads the rows of one file. `customer_key`: the secret of the customers' hashes; without it none are
    passed on. `skipped`: rows that the mapping skips, by the number of their `[[row]]`."""

    def __init__(self, mapping: Mapping, customer_key: CustomerKey | None = None) -> None:
        self._mapping = mapping
        self._key = customer_key
        self._width = 0
        self._plans: list[RowPlan] = []
        self.skipped: Counter[str] = Counter()

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, list[Event | Rejected]]]:
        """(number of the row's last line, its events or its refusal). Raises SourceError where the header
        does not have the mapping's columns."""
        reader = self._reader(lines)
        names = list(self._mapping.file.columns) or self._header(reader)
        self._compile([name.strip() for name in names])
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, [Rejected(Reason.BAD_LINE, "", f"{error}; expected a row")]
            else:
                yield reader.line_num, self._read(cells)

    def _reader(self, lines: Iterable[str]) -> "CsvReader":
        file = self._mapping.file
        if file.quote:
            return csv.reader(lines, delimiter=file.delimiter, quotechar=file.quote)
        return csv.reader(lines, delimiter=file.delimiter, quotechar=None, quoting=csv.QUOTE_NONE)

    def _header(self, reader: Iterator[Cells]) -> Cells:
        try:
            return [name.removeprefix("\ufeff") for name in next(reader)]
        except StopIteration:
            raise SourceError("the file is empty; expected a header row with the columns' names") from None
        except csv.Error as error:
            raise SourceError(f"line 1: {error}; expected a header row with the columns' names") from None

    def _compile(self, names: list[str]) -> None:
        self._width = len(names)
        columns, moments = Columns(names), Moments(self._mapping.time)
        try:
            kinds = range(len(self._mapping.row))
            self._plans = [RowPlan(n, self._mapping, columns, moments, self._key) for n in kinds]
        except LookupError as error:
            raise SourceError(f"the mapping does not fit this file: {error.args[0]}") from None

    def _read(self, cells: Cells) -> list[Event | Rejected]:
        if not cells:
            self.skipped["(blank)"] += 1
            return []
        if len(cells) != self._width:
            return [Rejected(Reason.BAD_LINE, "", f"{len(cells)} columns; expected {self._width}")]
        for number, plan in enumerate(self._plans, 1):
            if plan.holds(cells):
                try:
                    events = plan.events(cells)
                except RowRefused as refused:
                    return [refused.rejected]
                if not events:
                    self.skipped[f"[[row]] number {number}"] += 1
                return [*events]
        return [Rejected(Reason.BAD_LINE, "", "no [[row]] of the mapping fits; expected one whose conditions hold")]
