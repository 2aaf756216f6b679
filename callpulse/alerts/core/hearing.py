"""When a queue's source was last heard anew. A worker that was away comes back with old news and reads on from there:
its source is not silent, and nobody is to be woken for it. Silent is who says nothing new while a worker writes."""

from collections.abc import Mapping
from typing import NamedTuple

from callpulse.alerts.core.site_alert import Limits, Place


class Heard(NamedTuple):
    """The newest moment that was told (data time, ms); since when nothing newer was, and when the queue's figures were
    written last (wall clock, ms)."""

    told_ms: int
    since_ms: int
    written_ms: int


def listened(places: Mapping[str, Place], before: Mapping[str, Heard], limits: Limits, now_ms: int) -> dict[str, Heard]:
    """Queue -> what is known after this look; of those whose age can be known."""
    return {
        queue: _heard(before.get(queue), place.heard_ms, place.written_ms, limits, now_ms)
        for queue, place in places.items()
        if place.heard_ms is not None and place.written_ms is not None
    }


def by_news(places: Mapping[str, Place], heard: Mapping[str, Heard]) -> dict[str, Place]:
    """The places, each as if heard when something new was heard of it last."""
    return {queue: _by_news(place, heard.get(queue)) for queue, place in places.items()}


def _by_news(place: Place, heard: Heard | None) -> Place:
    if place.heard_ms is None or heard is None:
        return place
    return place._replace(heard_ms=max(place.heard_ms, heard.since_ms))


def _heard(before: Heard | None, told_ms: int, written_ms: int, limits: Limits, now_ms: int) -> Heard:
    if before is None:
        return Heard(told_ms, min(told_ms, now_ms), written_ms)
    if told_ms > before.told_ms:
        return Heard(told_ms, now_ms, written_ms)
    came_back = written_ms - before.written_ms > limits.no_data_ms
    was_silent = before.written_ms - before.since_ms > limits.blind_ms
    return Heard(told_ms, now_ms if came_back and not was_silent else before.since_ms, written_ms)
