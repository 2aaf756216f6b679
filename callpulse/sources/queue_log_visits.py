"""Which visit an outcome in a queue_log belongs to: the memory of open, answered and recent visits."""

from itertools import islice

from msgspec import Struct

OPEN_VISITS = 20_000
PAST_VISITS = 1_000
FORGOTTEN_AT_ONCE = 20  # a dictionary finds its oldest key by searching
LONGEST_WAIT_MS = 24 * 3_600_000
_NEAR_MS = 1_000  # whole seconds on both sides: an honest holdtime can differ by one

Key = tuple[str, str]  # queue, call id as the line has it


class Left(Struct, gc=False):
    """A visit with an outcome: whose it is, when it came and left, and its wait."""

    contact_id: str
    arrived_ms: int
    left_ms: int
    wait_s: int | None
    agent: str | None = None


class Visits(Struct):
    """A private accumulator, bounded: the oldest are forgotten first. An outcome states its wait, so what is
    forgotten costs no count, only the join of an attended transfer."""

    open: dict[Key, int] = {}
    talking: dict[Key, Left] = {}
    past: dict[Key, Left] = {}

    def enter(self, key: Key, at: int) -> None:
        """The visit is open, unless this line is a copy of one whose visit has left already."""
        gone = self.talking.get(key) or self.past.get(key)
        if gone is not None and gone.arrived_ms == at:
            return
        self.open[key] = at
        if len(self.open) > OPEN_VISITS:
            del self.open[next(iter(self.open))]

    def leave(self, key: Key, at: int, wait_s: int | None) -> Left | None:
        """The visit that leaves unanswered at `at`; None when no time of arrival follows.

        Its own entry; else, for a copy of a line, the visit of the first; else the open visit of the queue
        that came at − wait (± 1 s), as an attended transfer leaves it; else a visit known by its wait alone.
        """
        left = self._take(key, at, wait_s)
        if left is not None and key not in self.talking:
            _remember(self.past, key, left, PAST_VISITS)
        return left

    def answer(self, key: Key, at: int, wait_s: int | None, agent: str | None) -> Left | None:
        """As `leave`, for a visit that is answered by `agent` at `at`."""
        left = self._take(key, at, wait_s)
        if left is not None and self.past.get(key) is not left:
            left.agent = agent
            _remember(self.talking, key, left, OPEN_VISITS)
        return left

    def end(self, key: Key, at: int, talk_s: int | None, wait_s: int | None, agent: str | None) -> Left | None:
        """The answered visit whose conversation ends: its own, one ended before (a copy), or the one
        answered at − talk after the same wait by the same agent under another call id. None: its answer was
        never seen."""
        left = self.talking.pop(key, None)
        if left is None and talk_s is not None:
            answered = at - talk_s * 1000
            left = self._copied(key, answered) or self._answered_at(key[0], answered, wait_s, agent)
        if left is not None:
            _remember(self.past, key, left, PAST_VISITS)
        return left

    def restart(self, at: int) -> list[Key]:
        """The platform restarts: the visits open then are lost, and conversations are cut off."""
        lost = [key for key, arrived in self.open.items() if at - LONGEST_WAIT_MS <= arrived <= at]
        self.open = {key: arrived for key, arrived in self.open.items() if arrived > at}
        self.talking.clear()
        return lost

    def _take(self, key: Key, at: int, wait_s: int | None) -> Left | None:
        arrived = self.open.pop(key, None)
        if arrived is not None:
            return Left(key[1], arrived, at, wait_s)
        copied = self._copied(key, at)
        if copied is not None or wait_s is None:
            return copied
        contact_id, arrived = self._came_at(key, at - wait_s * 1000)
        return Left(contact_id, arrived, at, wait_s)

    def _copied(self, key: Key, at: int) -> Left | None:
        gone = self.talking.get(key) or self.past.get(key)
        return gone if gone is not None and abs(gone.left_ms - at) <= _NEAR_MS else None

    def _came_at(self, key: Key, arrived: int) -> tuple[str, int]:
        nearest = min(
            ((abs(entry - arrived), other) for other, entry in self.open.items() if other[0] == key[0]),
            default=None,
        )
        if nearest is None or nearest[0] > _NEAR_MS:
            return key[1], arrived
        return nearest[1][1], self.open.pop(nearest[1])

    def _answered_at(self, queue: str, at: int, wait_s: int | None, agent: str | None) -> Left | None:
        for key, left in self.talking.items():
            same = key[0] == queue and left.wait_s == wait_s and left.agent == agent
            if same and abs(left.left_ms - at) <= _NEAR_MS:
                return self.talking.pop(key)
        return None


def _remember(visits: dict[Key, Left], key: Key, left: Left, most: int) -> None:
    visits[key] = left
    if len(visits) > most:
        for oldest in list(islice(visits, FORGOTTEN_AT_ONCE)):
            del visits[oldest]
