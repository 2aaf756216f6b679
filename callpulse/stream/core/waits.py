"""Who waits in each queue of a partition, and the longest waits that ended lately: derived, never stored."""

from callpulse.stream.core.contacts import Outcome, Stay
from callpulse.stream.core.windows import MINUTE_MS

RECENT, RECENT_MS = 200, 30 * MINUTE_MS


class Waits:
    """`open`: queue -> contact_id -> arrival; no queue without any. `recent`: queue -> contact_id -> how its last wait
    ended, the RECENT longest of the last RECENT_MS at least."""

    def __init__(self) -> None:
        self.open: dict[str, dict[str, int]] = {}
        self.recent: dict[str, dict[str, Outcome]] = {}

    def arrivals(self, queue: str) -> list[int]:
        """When those who wait in this queue came, the longest wait first."""
        return sorted(self.open.get(queue, {}).values())

    def note(self, queue: str, contact_id: str, after: Stay, clock_ms: int) -> None:
        """Whether the contact waits in the queue, and how its last wait ended."""
        last = after.visits[-1] if after.visits else None
        if last is not None and last.outcome is None:
            self.open.setdefault(queue, {})[contact_id] = last.arrival_ms
            return
        self.gone(queue, contact_id)
        if last is not None and last.outcome is not None:
            recent = self.recent.setdefault(queue, {})
            recent[contact_id] = last.outcome
            if len(recent) > 2 * RECENT:
                self.recent[queue] = _longest(recent, clock_ms - RECENT_MS)

    def gone(self, queue: str, contact_id: str) -> None:
        """The contact does not wait (any more)."""
        waiting = self.open.get(queue)
        if waiting is not None:
            waiting.pop(contact_id, None)
            if not waiting:
                del self.open[queue]


def _longest(recent: dict[str, Outcome], since_ms: int) -> dict[str, Outcome]:
    """Enough for a list of the worst."""
    fresh = [(o.wait_ms, c) for c, o in recent.items() if o.at_ms >= since_ms]
    return {contact_id: recent[contact_id] for _, contact_id in sorted(fresh, reverse=True)[:RECENT]}
