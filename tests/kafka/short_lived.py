"""A repartition that is broken off, as by a power cut."""

from collections.abc import Sequence
from typing import Any

from callpulse.repartition.cluster import Cluster, Record


class BrokenOffError(Exception):
    """The power is cut here."""


class ShortLived(Cluster):
    """Dies when it has changed `left` things."""

    left = 0

    def _spend(self, wanted: int) -> int:
        spent = min(wanted, ShortLived.left)
        ShortLived.left -= spent
        return spent

    async def grow(self, counts: Any) -> None:
        for name, count in counts.items():
            if not self._spend(1):
                raise BrokenOffError
            await super().grow({name: count})

    async def commit(self, places: Any) -> None:
        if not self._spend(1):
            raise BrokenOffError
        await super().commit(places)

    async def write(self, records: Sequence[Record]) -> None:
        spent = self._spend(len(records))
        await super().write(records[:spent])
        if spent < len(records):
            raise BrokenOffError
