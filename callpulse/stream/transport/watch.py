"""What the consumer keeps an eye on besides its events: does Kafka answer, are the source topics the same as before, is
what is applied also stored?"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError
from faust.types import TP

from callpulse.clock import monotonic_s
from callpulse.stream.transport.losses import Loss, What

if TYPE_CHECKING:
    from callpulse.stream.transport.consumer import BatchConsumer

LOOK_S = 10.0  # between two looks at the source topics
ANSWER_S = 10.0  # a broker that needs longer does not answer
STALLED_S = 60.0  # events are applied and the committed offset does not move: an alarm
FULL_S = 10.0  # reading may wait this long before it is said
MOST_UNCOMMITTED = 500_000  # events applied and not committed, at which reading stops: seconds of catching up


class Watch:
    """`lost`: how often Kafka was found to have lost something; `lost_events`: how many events were never read.
    `missing`: source topics that are not there. `jumped`: partitions whose broker answered from before the place that
    was asked for. `silent_since_s`: since when Kafka has not answered; `full_since_s`: since when reading waits for a
    commit; None while it is not so (monotonic)."""

    def __init__(self, consumer: "BatchConsumer") -> None:
        self._consumer = consumer
        self.lost: Counter[tuple[TP, What]] = Counter()
        self.lost_events: Counter[TP] = Counter()
        self.missing: set[str] = set()
        self.jumped: set[TP] = set()
        self.silent_since_s: float | None = None
        self.full_since_s: float | None = None
        self._full_s: float | None = None
        self._progress: dict[TP, tuple[int | None, float]] = {}

    def tell(self, loss: Loss) -> None:
        """Count it, and let everybody know."""
        tp = TP(loss.topic, loss.partition)
        self.lost[tp, loss.what] += 1
        self.lost_events[tp] += loss.events
        self._consumer.app.on_loss(loss)

    def losses(self, mine: Iterable[TP]) -> dict[tuple[str, int, str], int]:
        """(topic, partition, what) -> how often: 0 for each of `mine`, and whatever was found."""
        return {(*tp, what.value): self.lost[tp, what] for tp in {*mine, *(tp for tp, _ in self.lost)} for what in What}

    def events_lost(self, mine: Iterable[TP]) -> dict[tuple[str, int], int]:
        """(topic, partition) -> events that were removed before they were read."""
        return {(tp.topic, tp.partition): self.lost_events[tp] for tp in sorted({*mine, *self.lost_events})}

    # -- source topics

    async def topic_ids(self, topics: set[str]) -> dict[str, str]:
        """{topic: id}, without those that are not there, and empty if the broker gives no ids or no answer."""
        asked_s = monotonic_s()
        try:
            found = await asyncio.wait_for(self._consumer._thread.topic_ids(topics), ANSWER_S)
        except (KafkaError, TimeoutError):
            self.silent_since_s = self.silent_since_s or asked_s
            return {}
        self.silent_since_s = None
        self.missing = set() if found is None else topics - found.keys()
        return found or {}

    async def look(self) -> None:
        """A partition whose topic was made anew is taken up anew, by another round of the group."""
        consumer = self._consumer
        ids = await self.topic_ids(set(consumer.app.sources))
        if self.missing:
            consumer.log.error("no topic %s: nothing is read from it", ", ".join(sorted(self.missing)))
        anew = [
            tp
            for tp, part in consumer.parts.items()
            if part.topic_id and ids.get(tp.topic, "") not in ("", part.topic_id)
        ]
        if anew or self.jumped & consumer.parts.keys():
            consumer.log.error("not the events that were there before: taken up anew: %s", anew or sorted(self.jumped))
            await consumer.rejoin()

    # -- what is applied and not committed

    def is_full(self) -> bool:
        """More is applied than may be lost with this process, or than its memory may hold: commit first."""
        consumer = self._consumer
        waiting = sum(
            part.next - (consumer.committed_offset(tp) or 0)
            for tp, part in consumer.parts.items()
            if not consumer.app.sources[tp.topic].from_start
        )
        if waiting < MOST_UNCOMMITTED:
            self._empty_again()
            return False
        self._note_full(waiting)
        return True

    def _note_full(self, waiting: int) -> None:
        """Reading that is faster than storing waits a moment now and then; only what lasts is told."""
        now = monotonic_s()
        self._full_s = self._full_s or now
        if self.full_since_s is None and now - self._full_s > FULL_S:
            self.full_since_s = self._full_s
            self._consumer.log.error(
                "%d events are applied and could not be committed for %d s: nothing more is read until they are",
                waiting, now - self._full_s,
            )  # fmt: skip

    def _empty_again(self) -> None:
        if self.full_since_s is not None:
            self._consumer.log.warning("events are committed again: reading on")
        self.full_since_s = self._full_s = None

    def tell_stalled(self) -> None:
        """Say for how long a partition's events have been applied and not committed."""
        now = monotonic_s()
        for tp in self._consumer.due():
            committed = self._consumer.committed_offset(tp)
            moved, since = self._progress.get(tp, (None, now))
            if committed != moved:
                self._progress[tp] = (committed, now)
            elif now - since > STALLED_S:
                self._consumer.log.error("%s/%d: no commit for %d s although events are applied", *tp, now - since)
