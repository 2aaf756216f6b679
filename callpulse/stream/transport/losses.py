"""What Kafka no longer has although we rely on it, in words."""

import enum
from collections.abc import Iterable

from faust.types import TP
from msgspec import Struct


class What(enum.StrEnum):
    """Which kind of loss."""

    EXPIRED = "expired"  # events were removed before they were read
    RECREATED = "recreated"  # the source topic is another one of the same name
    SHORTER = "shorter"  # the newest events of the source are gone
    CHANGELOG = "changelog"  # stored state is gone
    REWRITTEN = "rewritten"  # the same, but all of it was still in memory


class Loss(Struct, frozen=True):
    """`events`: how many, where that is known."""

    what: What
    topic: str
    partition: int
    sentence: str
    events: int = 0


def expired(tp: TP, first: int, earliest: int) -> Loss:
    """Events `first` to `earliest` - 1."""
    events = earliest - first
    sentence = (
        f"{tp.topic}/{tp.partition}: {events} events (offsets {first} to {earliest - 1}) were removed by Kafka's "
        f"retention before they were read; no figure holds them"
    )
    return Loss(What.EXPIRED, tp.topic, tp.partition, sentence, events)


def recreated(tp: TP, earliest: int) -> Loss:
    sentence = (
        f"{tp.topic}/{tp.partition}: the topic was deleted and made anew; it is read from its start, offset "
        f"{earliest}. What the old one held unread is lost; what is known already is not counted again"
    )
    return Loss(What.RECREATED, tp.topic, tp.partition, sentence)


def shorter(tp: TP, reached: int, end: int, earliest: int) -> Loss:
    """`reached`: the offset up to which it was read; `end`: where it ends now."""
    sentence = (
        f"{tp.topic}/{tp.partition}: it was read up to offset {reached}, and ends at {end}: Kafka lost its newest "
        f"events. It is read again from its start, offset {earliest}; what is known already is not counted again"
    )
    return Loss(What.SHORTER, tp.topic, tp.partition, sentence)


def changelog(tp: TP, tables: Iterable[str], earliest: int) -> Loss:
    sentence = (
        f"{tp.topic}/{tp.partition}: Kafka lost what was stored of {', '.join(tables)}; it is made again from the "
        f"events, from offset {earliest} on. What followed from older events cannot be restored"
    )
    return Loss(What.CHANGELOG, tp.topic, tp.partition, sentence)


def rewritten(tp: TP, tables: Iterable[str]) -> Loss:
    sentence = (
        f"{tp.topic}/{tp.partition}: Kafka lost what was stored of {', '.join(tables)}; all of it is still in memory "
        f"and is stored again"
    )
    return Loss(What.REWRITTEN, tp.topic, tp.partition, sentence)
