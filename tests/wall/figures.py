"""Parts of a made board: the words of each language, figures and courses that look like a day."""

import math
from typing import Literal

from callpulse.board import words
from callpulse.board.row import State as BoardState
from callpulse.wallboard import acting_words, desk_words, sharing_words
from callpulse.wallboard.shown import Bar, Cell, Row, Spark, State, Tone, Waits
from callpulse.wallboard.words import LANGUAGES

Language = Literal["en", "nl"]

AT_MS = 1_795_527_100_000  # Tuesday 24 November 2026, 13:31:40 UTC
OFFSET_MS = 3_600_000
HALF_MS = 1_800_000
DAY_MS = AT_MS - 100_000 - 12 * HALF_MS  # 8:30
STATES: tuple[State, ...] = ("act", "watch", "blind", "no_data", "stale", "ok", "closed")

CLOSED: dict[Language, str] = {"en": "CLOSED", "nl": "GESLOTEN"}
PAGE_WORDS = {
    language: {
        **own.page,
        "stale": words.STATES[language][BoardState.STALE],
        "data_old": own.data_old,
        **acting_words.PAGE[language],
        **sharing_words.PAGE[language],
        **desk_words.PAGE[language],
    }
    for language, own in LANGUAGES.items()
}
HEADS = {
    language: {**own.heads, "queue": (own.heads["queue"][0], own.unless_shown.format(target="80/20"))}
    for language, own in LANGUAGES.items()
}
LONGEST_S = 600  # where the axis of waits ends
AXES = {
    "waits": (
        (0.0, "0"),
        (math.sqrt(20 / LONGEST_S), "20s"),
        (math.sqrt(0.1), "1"),
        (math.sqrt(0.3), "3"),
        (1.0, "10min"),
    ),
    "day": ((0.0, "8"), (0.4, "12"), (0.6, "14"), (1.0, "18")),
}


def word(language: Language, state: State) -> str:
    """As every board says it."""
    return CLOSED[language] if state == "closed" else words.STATES[language][BoardState(state)]


def waits(p50_s: float, p90_s: float, longest_s: float, threshold_s: float = 20) -> Waits:
    """On the axis of square roots."""
    p50, p90, longest, threshold = (math.sqrt(min(1.0, s / LONGEST_S)) for s in (p50_s, p90_s, longest_s, threshold_s))
    return Waits(p50, p90, longest, threshold, said=f"half {p50_s} s, nine tenths {p90_s} s, longest {longest_s} s")


def day(
    ended: int = 12, ahead: int = 7, low: frozenset[int] = frozenset({4, 7}), running: float = 0.9
) -> tuple[Bar, ...]:
    """Half hours of a day: those in `low` missed their target."""
    starts = [DAY_MS + at * HALF_MS for at in range(ended + 1)]
    past = [
        Bar(0.66, "missed", "66 %", starts[at])
        if at in low
        else Bar(0.82 + 0.02 * ((at * 7) % 9), "met", "82 %", starts[at])
        for at in range(ended)
    ]
    return (*past, Bar(running, "running", "running", starts[-1]), *(Bar(None, "ahead") for _ in range(ahead)))


def course(base: float, swing: float, last: float, minutes: int = 30) -> tuple[float | None, ...]:
    """Goes round `base`, and ends at `last`."""
    way = [base + swing * math.sin(at / 2.3) * math.cos(at / 5.1) for at in range(minutes)]
    toward = [
        (1 - w) * value + w * last for at, value in enumerate(way) for w in [max(0.0, (at - 22) / (minutes - 22))]
    ]
    return (*(max(0.0, value) for value in toward), last)


def spark(
    base: float, last: float, high: float, target: float, labels: tuple[str, str, str], above: bool = False
) -> Spark:
    """Half an hour that ends at `last`."""
    points = course(base, high * 0.04, last)
    return Spark(points, high, f"{last}, target {target}", target, "above" if above else "below", labels)


def queue_row(
    language: Language,
    queue: str,
    state: State = "ok",
    figures: tuple[str, ...] = ("0", "–", "100", "100", "0", "0.0"),
    tones: dict[str, Tone] | None = None,
    **more: object,
) -> Row:
    """`figures`: waiting, longest, level, live, asa, abandoned."""
    columns = ("waiting", "longest", "level", "live", "asa", "abandoned")
    decimal = [figure.replace(".", ",") if language == "nl" else figure for figure in figures]
    tones = tones or {}
    cells = {column: Cell(figure, tones.get(column, "")) for column, figure in zip(columns, decimal, strict=True)}
    given: dict[str, object] = {
        "queue": queue,
        "name": queue,
        "state": state,
        "word": word(language, state),
        "cells": {**cells, "free": Cell("2")},
        "n": "19",
        "on": "8",
        "waits": waits(1, 3, 9),
        "day": day(),
    }
    return Row(**{**given, **more})  # type: ignore[arg-type]
