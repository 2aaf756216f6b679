"""A small language for what an alert does over a day: what is seen from when on, and what is expected when.

    line = Timeline(rule)
    line.at("09:00", sl=(0.95, 40))
    line.at("09:10", sl=(0.60, 40))
    line.expect("09:12", "09:30", "firing warning")

A figure holds until another is given; rules look every ten seconds, so does this.
"""

from collections.abc import Iterator
from typing import Any

from callpulse.alerts.core.lifecycle import START, Severity, Sight, State, Transition, step
from callpulse.alerts.core.rules import Rule, Seen, judge

TICK_MS = 10_000
MIDNIGHT_MS = 1_795_305_600_000  # 2026-11-22T00:00Z


def ms_of(time: str) -> int:
    """`09:00` or `09:00:20` of that day."""
    hours, minutes, *seconds = (int(part) for part in time.split(":"))
    return MIDNIGHT_MS + ((hours * 60 + minutes) * 60 + sum(seconds)) * 1000


def time_of(at_ms: int) -> str:
    seconds = (at_ms - MIDNIGHT_MS) // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class Timeline:
    """One rule, one queue. `at` and `expect` only note; `check` plays it all."""

    def __init__(self, rule: Rule, state: State = START) -> None:
        self.rule, self.state = rule, state
        self._given: list[tuple[int, dict[str, Seen], Sight]] = []
        self._wanted: list[tuple[int, int, str]] = []

    def at(self, time: str, sight: Sight = Sight.SEEN, **windows: Any) -> None:
        """From then on this is seen: a value, or (value, n), for each window (`w15m=…`; `now=…`)."""
        seen = {name.removeprefix("w"): Seen(*(it if isinstance(it, tuple) else (it,))) for name, it in windows.items()}
        self._given.append((ms_of(time), seen, sight))

    def expect(self, start: str, end: str, what: str) -> None:
        """At every look in [start, end): `inactive`, `pending`, `firing warning`, `firing critical`, `no_data`, …"""
        self._wanted.append((ms_of(start), ms_of(end), what))

    def check(self) -> list[Transition]:
        """Play it; returns what was told."""
        told = []
        last = max(end for _, end, _ in self._wanted)
        for now_ms, seen, sight in self._looks(last):
            self.state, transition = step(self.state, judge(self.rule, seen, sight), self.rule.timing, now_ms)
            if transition is not None:
                told.append(transition)
            for start, end, what in self._wanted:
                if start <= now_ms < end:
                    assert shown(self.state) == what, (time_of(now_ms), self.state)
        return told

    def _looks(self, last: int) -> Iterator[tuple[int, dict[str, Seen], Sight]]:
        for now_ms in range(self._given[0][0], last, TICK_MS):
            _, seen, sight = max((given for given in self._given if given[0] <= now_ms), key=lambda given: given[0])
            yield now_ms, seen, sight


def shown(state: State) -> str:
    """The phase, and how bad while it fires."""
    return f"{state.phase} {state.severity.name.lower()}" if state.severity is not Severity.NONE else str(state.phase)
