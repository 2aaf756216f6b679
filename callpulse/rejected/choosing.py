"""Which refused records are asked for, and what is counted of them: pure."""

from collections import deque

from msgspec import Struct, field

from callpulse.rejected.record import Refused


class Asked(Struct, frozen=True):
    """None asks for all. `topic`: its short name, under `prefix`; `since_ms`: refused at or after."""

    prefix: str
    since_ms: int | None = None
    reason: str | None = None
    topic: str | None = None
    queue: str | None = None

    def holds(self, refused: Refused) -> bool:
        """Whether it is one of them."""
        return (
            (self.since_ms is None or refused.refused_ms >= self.since_ms)
            and self.reason in (None, refused.reason)
            and (self.topic is None or refused.topic == f"{self.prefix}.{self.topic}")
            and (self.queue is None or self.queue in refused.names()[1])
        )


class Group(Struct):
    """Records that were refused for one reason in one topic; times in ms UTC."""

    records: int = 0
    retried: int = 0
    first_ms: int = 0
    last_ms: int = 0
    example: Refused | None = None  # the newest


class Found(Struct):
    """`newest`: as many as are to be shown, the newest last, each with whether it was sent again. `unread`: records
    that only another version of callpulse can read."""

    newest: deque[tuple[Refused, bool]]
    groups: dict[tuple[str, str], Group] = field(default_factory=dict)  # (reason, full name of the topic)
    unread: int = 0

    def take(self, refused: Refused, retried: bool) -> None:
        """Count one more; they come in the order in which they were refused."""
        group = self.groups.setdefault((refused.reason, refused.topic), Group(first_ms=refused.refused_ms))
        group.records += 1
        group.retried += retried
        group.last_ms, group.example = refused.refused_ms, refused
        self.newest.append((refused, retried))
