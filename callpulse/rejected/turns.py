"""Whose turn it is to send again, of several that ask at the same time: each says so in the rejected topic, again and
again, and when it has ended. The first of those who are still heard of has the turn. Pure."""

from callpulse.rejected.record import Note

FORGOTTEN_MS = 60_000  # after the last that was heard of it: it was killed; so far ahead of time none is heard of
SAYS_MS = FORGOTTEN_MS // 6


class Turns:
    """`take` what the topic holds, in its order."""

    def __init__(self) -> None:
        self._going: dict[str, Note] = {}  # by run, in the order in which they came; the newest that each has said

    def take(self, found: Note) -> None:
        """A note, which may be of a run."""
        if found.over:
            self._going.pop(found.run, None)
        elif found.run:
            self._going[found.run] = found

    def ahead_of(self, run: str, now_ms: int) -> Note | None:
        """The newest of one that came before and is still at it; None = it is the turn of this run."""
        for each, newest in self._going.items():
            if each == run:
                return None
            if abs(now_ms - newest.retried_ms) < FORGOTTEN_MS:
                return newest
        return None
