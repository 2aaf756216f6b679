"""A table as its changelog has it."""

from collections.abc import Iterable
from typing import Any


def fold(codec: Any, records: Iterable[Any]) -> dict[Any, Any]:
    """Of each key the record with the largest source offset, unless a tombstone came after it."""
    cells: dict[Any, Any] = {}
    for record in records:
        key = codec.decode_key(record.key)
        if record.value is None:
            cells.pop(key, None)
            continue
        cell = codec.decode_value(record.value)
        if key not in cells or codec.offset_of(cell) >= codec.offset_of(cells[key]):
            cells[key] = cell
    return cells
