"""Follows one trouble, look by look, from what an engine holds."""

from callpulse.alerts.core import joining, queue_alert
from callpulse.alerts.core.composing import unit
from callpulse.alerts.core.incident import Incident
from callpulse.alerts.core.joining import Joined
from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.queue_alert import Looked, Watch
from callpulse.backtest.alert import Alert, Phase, Told, word


class Episode:
    """An accumulator. What nobody is told of has its numbers too: as if it were told at once."""

    def __init__(self, queue: str, begun: Incident, at_ms: int) -> None:
        self.queue, self.begun_ms = queue, at_ms
        self.trouble = begun
        self.queues: tuple[str, ...] = ()
        self.told: list[Told] = []
        self.of_site = False
        self._phases: list[Phase] = []
        self._rules: dict[str, None] = {}
        self._severity = Severity.NONE

    def goes_on(self, joined: Joined | None, trouble: Incident, at_ms: int) -> None:
        """At this look; `joined` is None while it comes and goes."""
        self.trouble = trouble
        if joined is None:
            return
        self._rules.update(dict.fromkeys(joined.rules))
        self._severity = max(self._severity, joined.severity)
        if not self._phases or self._phases[-1].severity != word(joined.severity):
            self._phases.append(Phase(at_ms, word(joined.severity)))

    def tell(self, notice: Notice) -> None:
        """A notice of it."""
        self.told.append(Told(notice.at_ms, notice.kind, notice.labels.severity))

    def ended(self, to_ms: int | None) -> Alert:
        """As a value; None where it lasts beyond the log."""
        trouble = self.trouble
        return Alert(
            queue=self.queue,
            rule=trouble.rule,
            rules=tuple(self._rules),
            severity=word(self._severity),
            onset_ms=trouble.onset_ms,
            from_ms=self.begun_ms,
            to_ms=to_ms,
            phases=tuple(self._phases),
            told=tuple(self.told),
            of_site=self.of_site and not self.told,
            kpi=trouble.kpi,
            unit=unit(trouble.kpi),
            worst=trouble.worst,
            hurt=trouble.hurt if self.queue else None,
            cause=trouble.cause,
            queues=self.queues,
        )


def shown(looked: Looked, watch: Watch) -> Joined | None:
    """All that fires in the queue after a look."""
    return joining.shown(queue_alert.firing(watch, looked.alert.states))


def of_queue(looked: Looked, watch: Watch, joined: Joined, at_ms: int) -> Episode:
    """Begun at this look, and named as the engine names what it tells."""
    queue = looked.alert.queue
    return Episode(queue, queue_alert.begun(watch, queue, looked.reading, joined), at_ms)


def followed(before: Incident, looked: Looked, watch: Watch, moment: Moment, since_ms: int) -> Incident:
    """The engine's own trouble where it has one; else ours, with what is seen now. `since_ms`: the look before."""
    if looked.incident is not None:
        return looked.incident
    return queue_alert.seen(before, watch, moment, looked.reading, since_ms)
