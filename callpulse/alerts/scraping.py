"""What an alerts worker tells Prometheus at the moment of a scrape."""

import logging

from callpulse.alerts.duty import Duty
from callpulse.alerts.metrics import AlertScrape, Telling
from callpulse.alerts.tellers import Tellers
from callpulse.clock import monotonic_s
from callpulse.settings import Settings
from callpulse.stream.metrics.loaded import Loaded
from callpulse.stream.metrics.roll import QueueRoll

log = logging.getLogger("callpulse.alerts")


class Scraping:
    """Remembers which queues it tells."""

    def __init__(self) -> None:
        self._roll = QueueRoll(log, monotonic_s)

    def scrape(self, duty: Duty | None, tellers: Tellers, settings: Settings, loaded: Loaded) -> AlertScrape:
        """`duty` is None on a worker that stands by."""
        if duty is None:
            return AlertScrape(settings=loaded)
        return AlertScrape(
            Telling(
                duty=duty,
                waiting=tellers.waiting,
                troubles=tellers.troubles,
                channels=tuple(settings.alerts.channels),
                queues=self._queues(duty, settings),
                queues_not_told=self._roll.left_out,
            ),
            loaded,
        )

    def _queues(self, duty: Duty, settings: Settings) -> frozenset[str]:
        """Where there are more than may be told, those in trouble come first, also when it has just begun."""
        held = duty.engine.held.queues
        self._roll.most = settings.metrics.max_queues
        restless = dict.fromkeys(queue for queue, each in held.items() if each.states)
        return frozenset(self._roll.call([*restless, *held], first={*restless, *settings.queues}))
