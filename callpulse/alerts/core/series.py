"""Counts pane by pane, and their sums over the last so many panes."""

from msgspec import Struct

SLACK = 64  # panes kept beyond the longest window, so that the front is cut off now and then, not each time


class Series(Struct):
    """Newest last. `windows`: panes, the longest last; `sums` are theirs. An accumulator: `add` changes it in place."""

    windows: tuple[int, ...]
    sums: list[int]
    values: list[int] = []

    def add(self, value: int) -> None:
        """One more pane."""
        values, sums = self.values, self.sums
        there = len(values)
        for place, window in enumerate(self.windows):
            sums[place] += value - values[-window] if there >= window else value
        values.append(value)
        if there > self.windows[-1] + SLACK:
            del values[: SLACK + 1]


def series(*windows: int) -> Series:
    """An empty one."""
    return Series(windows, [0] * len(windows))
