"""How often to publish: more seldom while a backlog is read, whose moments nobody looks at."""

PACE_S = 0.04
REST_S = 0.01  # at least, after a round that took long: events come first
CATCHING_UP_PACE_S = 5.0  # a cadence: what is shown stays alive
BEHIND_MS = 30_000  # less than this is caught up within a moment
FAST = 4  # times as fast as the wall: a feed that is merely late goes at the speed of the wall


class Pace:
    """`wall` = event times are compared with wall time; a replay of the past is never behind."""

    def __init__(self, *, wall: bool) -> None:
        self._wall = wall
        self._now_ms = self._clock_ms = 0

    def is_behind(self, now_ms: int, clock_ms: int) -> bool:
        """Is a backlog being read? When it ends, so does a long pause."""
        return self._wall and now_ms - clock_ms > BEHIND_MS

    def pace_s(self, now_ms: int, clock_ms: int) -> float:
        """From the beginning of the round that began at `now_ms` (wall), with the newest event at `clock_ms`, to the
        beginning of the next."""
        elapsed_ms, advanced_ms = now_ms - self._now_ms, clock_ms - self._clock_ms
        self._now_ms, self._clock_ms = now_ms, clock_ms
        behind = self.is_behind(now_ms, clock_ms)
        return CATCHING_UP_PACE_S if behind and advanced_ms > FAST * elapsed_ms else PACE_S
