"""Advice in words."""

import math
from collections.abc import Iterator

from callpulse.alerts.core.figures import figure, span
from callpulse.alerts.core.notice import Advice
from callpulse.alerts.core.words import Words


def line(advice: Advice, words: Words) -> str:
    """For a line of a board: what is to be done, and what that does; where nothing is known to help, what is known."""
    return _add(advice, words) or " ".join(sentences(advice, words))


def _add(advice: Advice, words: Words) -> str:
    if advice.level is None or not advice.more or advice.level_with_more is None:
        return ""
    now, then = (figure(_down(level), "ratio", words) for level in (advice.level, advice.level_with_more))
    return (words.add_one if advice.more == 1 else words.add).format(more=advice.more, now=now, then=then)


def _down(level: float) -> float:
    """To whole percents: what is not reached must not look so."""
    return math.floor(round(level * 100, 6)) / 100


def sentences(advice: Advice, words: Words) -> Iterator[str]:
    """The first sentence says what to do, where that is known."""
    if add := _add(advice, words):
        yield add + "."
    if advice.agents is not None and advice.level is not None:
        yield words.expected.format(agents=advice.agents, level=figure(advice.level, "ratio", words))
        yield from _abandonment(advice, words)
        if advice.cold:
            yield words.cold
    if advice.interval_lost:
        yield words.lost
    elif advice.in_time_needed is not None:
        yield words.needed.format(count=advice.in_time_needed)
    if advice.minutes_left is not None and not advice.interval_lost:
        yield words.left.format(duration=span(max(0, round(advice.minutes_left * 60_000)), words))


def _abandonment(advice: Advice, words: Words) -> Iterator[str]:
    if advice.abandonment is None:
        return
    now = figure(advice.abandonment, "ratio", words)
    if advice.more is None or advice.abandonment_with_more is None:
        yield words.abandonment.format(abandonment=now)
    else:
        then = figure(advice.abandonment_with_more, "ratio", words)
        yield words.abandonment_falls.format(abandonment=now, then=then)
