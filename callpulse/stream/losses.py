"""What Kafka lost, as long as figures suffer from it: until the business day in which it was noticed is over, or the
worker is started again."""

from callpulse.stream.core.windows import Calendar, day
from callpulse.stream.moments import moment
from callpulse.stream.transport.losses import Loss, What

HARMLESS = {What.REWRITTEN}  # said once, in the log: no figure suffers


class Losses:
    """The newest of each kind and partition."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._noted: dict[tuple[What, str, int], tuple[int, Loss]] = {}

    def note(self, loss: Loss, now_ms: int) -> None:
        """Noticed at `now_ms` (wall clock)."""
        if loss.what not in HARMLESS:
            self._noted[loss.what, loss.topic, loss.partition] = (now_ms, loss)

    def reasons(self, now_ms: int) -> list[str]:
        """What still matters at `now_ms`, one line each."""
        today = day(now_ms, self._calendar)
        return [
            f"{loss.sentence} (noticed {moment(at_ms)}; said until the business day ends or the worker restarts)"
            for at_ms, loss in self._noted.values()
            if at_ms in today
        ]
