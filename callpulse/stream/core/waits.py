"""Who waits in each queue of a partition, who is served, and the waits that ended lately: derived, never stored."""

from collections.abc import Iterator

from callpulse.stream.core.contacts import Outcome, Stay, Visit
from callpulse.stream.core.facts import ANSWERED
from callpulse.stream.core.windows import MINUTE_MS

RECENT, RECENT_MS = 200, 30 * MINUTE_MS
NEWEST_MS = MINUTE_MS  # all that ended within it are kept, however short they were


class Waits:
    """`open`: queue -> contact_id -> arrival; no queue without any. `serving`: queue -> contact_id -> when it was
    answered, until its conversation ended; `served`: those of the last minute at least, from when until when, with
    after-call work. `recent`: queue -> contact_id -> how its last wait ended, the RECENT longest of the last RECENT_MS
    and the newest at least."""

    def __init__(self) -> None:
        self.open: dict[str, dict[str, int]] = {}
        self.serving: dict[str, dict[str, int]] = {}
        self.served: dict[str, dict[str, tuple[int, int]]] = {}
        self.recent: dict[str, dict[str, Outcome]] = {}
        self._room: dict[str, int] = {}  # queue -> how many ended waits are kept before the short ones go
        self._served_room: dict[str, int] = {}

    def arrivals(self, queue: str) -> list[int]:
        """When those who wait in this queue came, the longest wait first."""
        return sorted(self.open.get(queue, {}).values())

    def waiting_at(self, queue: str, at_ms: int) -> Iterator[int]:
        """Arrivals of those who waited in the queue at a moment of the last minute."""
        yield from (arrival for arrival in self.open.get(queue, {}).values() if arrival < at_ms)
        for outcome in self.recent.get(queue, {}).values():
            if outcome.at_ms - outcome.wait_ms < at_ms <= outcome.at_ms:
                yield outcome.at_ms - outcome.wait_ms

    def serving_at(self, queue: str, at_ms: int) -> int:
        """How many were served, or worked on after the call, at a moment of the last minute."""
        now = sum(answered < at_ms for answered in self.serving.get(queue, {}).values())
        return now + sum(since < at_ms <= until for since, until in self.served.get(queue, {}).values())

    def note(self, queue: str, contact_id: str, after: Stay, clock_ms: int) -> None:
        """Whether the contact waits in the queue or is served, and how its last wait ended."""
        last = after.visits[-1] if after.visits else None
        if last is not None and last.outcome is None:
            self.open.setdefault(queue, {})[contact_id] = last.arrival_ms
            self._no_longer_served(queue, contact_id)
            return
        self.gone(queue, contact_id)
        if last is not None:
            self._note_outcome(queue, contact_id, last, clock_ms)

    def _note_outcome(self, queue: str, contact_id: str, last: Visit, clock_ms: int) -> None:
        outcome, handled = last.outcome, last.handled
        assert outcome is not None
        if handled is not None:
            self._note_served(queue, contact_id, (outcome.at_ms, handled.at_ms + handled.wrap_up_ms), clock_ms)
        elif outcome.kind == ANSWERED:
            self.serving.setdefault(queue, {})[contact_id] = outcome.at_ms
        recent = self.recent.setdefault(queue, {})
        recent[contact_id] = outcome
        if len(recent) > self._room.get(queue, 2 * RECENT):
            kept = self.recent[queue] = _worth_keeping(recent, clock_ms)
            self._room[queue] = 2 * max(RECENT, len(kept))

    def _note_served(self, queue: str, contact_id: str, stretch: tuple[int, int], clock_ms: int) -> None:
        served = self.served.setdefault(queue, {})
        served[contact_id] = stretch
        if len(served) > self._served_room.get(queue, RECENT):
            newest = {key: each for key, each in served.items() if each[1] >= clock_ms - NEWEST_MS}
            self.served[queue], self._served_room[queue] = newest, max(RECENT, 2 * len(newest))

    def gone(self, queue: str, contact_id: str) -> None:
        """The contact neither waits nor is served (any more)."""
        waiting = self.open.get(queue)
        if waiting is not None:
            waiting.pop(contact_id, None)
            if not waiting:
                del self.open[queue]
        self._no_longer_served(queue, contact_id)

    def _no_longer_served(self, queue: str, contact_id: str) -> None:
        serving = self.serving.get(queue)
        if serving:
            serving.pop(contact_id, None)


def _worth_keeping(recent: dict[str, Outcome], clock_ms: int) -> dict[str, Outcome]:
    """Enough for a list of the worst, and the newest."""
    fresh = [(o.wait_ms, c) for c, o in recent.items() if o.at_ms >= clock_ms - RECENT_MS]
    longest = {contact_id: recent[contact_id] for _, contact_id in sorted(fresh, reverse=True)[:RECENT]}
    return longest | {contact_id: o for contact_id, o in recent.items() if o.at_ms >= clock_ms - NEWEST_MS}
