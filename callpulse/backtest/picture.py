"""A queue over a log as a picture: its figures, the levels of the rules, and below them every alert as a band.

A band is full where somebody was told and low where it was only shown; warnings have one hatch and criticals two, so
that nothing hangs on colour alone.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from callpulse.alerts.core import figures
from callpulse.alerts.core.composing import unit
from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.rules import NOW, Rule
from callpulse.alerts.core.subjects import LEVELS
from callpulse.alerts.core.words_en import EN
from callpulse.backtest import words
from callpulse.backtest.alert import Alert, Phase
from callpulse.backtest.axis import Axis, clock_labels, round_up
from callpulse.backtest.markup import element, text
from callpulse.backtest.playing import Line, Shown
from callpulse.backtest.words import Times

WIDTH, LEFT, RIGHT = 960, 56, 96
PANEL, TITLE, LANE, GAP, FOOT = 110, 22, 24, 6, 22
NARROW = 14  # pixels; what is written in a band needs so many
LETTER = 8  # pixels; no letter of a name is wider on average
SHORTEST = 4  # letters of a name that still say something
LABEL = 11  # pixels from one label of a level to the next


class Lane(NamedTuple):
    """The alerts of one set of rules in this queue, its letter, and its rules there."""

    letter: str
    alerts: Sequence[Alert]
    rules: Sequence[Rule]


class Frame(NamedTuple):
    """What all parts of a picture share."""

    x: Axis
    times: Times
    last_ms: int


def picture(queue: str, lines: dict[Shown, Line], lanes: Sequence[Lane], first_ms: int, last_ms: int, zone: str) -> str:
    """An SVG element. Of figures on which the queue has no rule, only service level and abandonment. Of the whole site
    there are no figures, and its bands name the queues."""
    x = Axis(first_ms, max(last_ms, first_ms + 1), LEFT, WIDTH - RIGHT)
    frame = Frame(x, Times(first_ms, last_ms, zone), last_ms)
    top, content = 0.0, []
    for shown, line in lines.items():
        content.append(_panel(shown, line, lanes, top, frame))
        top += TITLE + PANEL + GAP
    lanes_top = top
    for lane in lanes:
        content.append(_lane(lane, top, frame, lanes_top if lines and len(lanes) == 1 else None))
        top += LANE + GAP
    content.insert(0, _clock(frame, first_ms, TITLE if lines else 0, top, zone))  # behind everything
    title = element("title", text(f"{queue}: figures and alerts" if queue else "the whole site: alerts"))
    return element("svg", title, *content, viewBox=f"0 0 {WIDTH} {top + FOOT:.0f}", role="img")


# -- figures


def _panel(shown: Shown, line: Line, lanes: Sequence[Lane], top: float, frame: Frame) -> str:
    kpi, window = shown
    y = _scale(kpi, line, lanes, top + TITLE)
    called = words.kpi(kpi) if window == NOW else f"{words.kpi(kpi)}, {window}"
    name = element("text", text(called), x=LEFT, y=top + 15, class_="name")
    grid = [
        element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y.place(value), y2=y.place(value), class_="grid")
        + element("text", text(_value(value, kpi)), x=LEFT - 6, y=y.place(value) + 4, class_="scale")
        for value in (y.low, (y.low + y.high) / 2, y.high)
    ]
    return name + "".join([*grid, *_levels(shown, lanes, y)]) + element("path", d=path(line, frame, y), class_="figure")


def _scale(kpi: str, line: Line, lanes: Sequence[Lane], top: float) -> Axis:
    """Service levels from 0 to 100 %: what is promised is near the top. Others as high as they come."""
    if kpi in LEVELS:
        return Axis(0, 1, top + PANEL, top)
    levels = [level.enter for lane in lanes for rule in lane.rules if rule.kpi == kpi for level in rule.levels.values()]
    seen = [value for value in line.values if not math.isnan(value)]
    return Axis(0, round_up(max([*seen, *levels], default=0)), top + PANEL, top)


def _levels(shown: Shown, lanes: Sequence[Lane], y: Axis) -> Iterator[str]:
    """A line for each level at which a rule about this figure begins, its name at the right edge."""
    written = -math.inf
    for value, severities in sorted(_entered(shown, lanes).items(), reverse=True):
        at = y.place(value)
        written = max(at + 4, written + LABEL)
        worst = max(severities)
        yield element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_=f"level {worst.name.lower()}")
        label = f"{_value(value, shown[0])} {worst.name.lower()}"
        yield element("text", text(label), x=WIDTH - RIGHT + 5, y=written, class_="scale left")


def _entered(shown: Shown, lanes: Sequence[Lane]) -> dict[float, set[Severity]]:
    found: dict[float, set[Severity]] = {}
    for rule in (rule for lane in lanes for rule in lane.rules):
        if rule.kpi == shown[0] and shown[1] in rule.windows:
            for severity, level in rule.levels.items():
                found.setdefault(level.enter, set()).add(severity)
    return found


def path(line: Line, frame: Frame, y: Axis) -> str:
    """Steps: a figure holds until it changes; where it has no value there is a gap. Of what happens within a pixel, the
    lowest, the highest and the last."""
    parts: list[str] = []
    drawing = False
    changes = zip(line.at_ms, line.values, strict=True)
    for x, many in groupby(changes, key=lambda each: round(frame.x.place(each[0]))):
        values = [value for _, value in many]
        real = [value for value in values if not math.isnan(value)]
        if drawing:
            parts.append(f"H{x}")
        for value in dict.fromkeys((min(real), max(real), real[-1]) if real else ()):
            at = f"{y.place(value):.1f}".removesuffix(".0")
            parts.append(f"V{at}" if drawing else f"M{x} {at}")
            drawing = True
        drawing = drawing and not math.isnan(values[-1])
    if drawing:
        parts.append(f"H{round(frame.x.place(frame.last_ms))}")
    return "".join(parts)


def _value(value: float, kpi: str) -> str:
    return figures.figure(value, unit(kpi), EN)


# -- alerts


def _lane(lane: Lane, top: float, frame: Frame, panels: float | None) -> str:
    """`panels`: how far down the figures reach, where the bands are to be seen behind them."""
    name = element("text", text(f"alerts {lane.letter}".strip()), x=LEFT - 6, y=top + 16, class_="scale")
    floor = element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=top + LANE, y2=top + LANE, class_="grid")
    return name + floor + "".join(_alert(alert, top, frame, panels) for alert in lane.alerts)


def _alert(alert: Alert, top: float, frame: Frame, panels: float | None) -> str:
    end_ms = frame.last_ms if alert.to_ms is None else alert.to_ms
    edges = [*(phase.at_ms for phase in alert.phases), end_ms]
    low = 0 if alert.told else LANE / 2
    content = [element("title", text(_said(alert, frame.times)))]
    for phase, (from_ms, to_ms) in zip(alert.phases, pairwise(edges), strict=True):
        x = frame.x.place(from_ms)
        width = max(1.0, frame.x.place(to_ms) - x)
        if panels is not None:
            content.append(element("rect", x=x, y=0, width=width, height=panels, class_=f"shade {phase.severity}"))
        band = f"band {phase.severity}" + ("" if alert.told else " quiet")
        content.append(element("rect", x=x, y=top + low, width=width, height=LANE - low, class_=band))
        if width >= NARROW and alert.told:
            content.append(element("text", text(_mark(alert, phase, width)), x=x + 3, y=top + 16, class_="mark"))
    return element("g", *content)


def _mark(alert: Alert, phase: Phase, width: float) -> str:
    """What is written in a band: how bad it is, and the queues, as many of their letters as there is room for."""
    letter, room = phase.severity[0].upper(), int(width / LETTER) - len("C: ")
    named = words.queues(alert)
    if room < SHORTEST or not named:
        return letter
    return f"{letter}: {named if len(named) <= room else named[: room - 1] + '…'}"


def _said(alert: Alert, times: Times) -> str:
    concerned = words.queues(alert) or ", ".join(alert.rules)
    return f"{alert.severity}, {words.lasted(alert, times)}: {concerned}; told: {words.told(alert, times)}"


def _clock(frame: Frame, first_ms: int, begin: float, top: float, zone: str) -> str:
    return "".join(
        element("line", x1=frame.x.place(at_ms), x2=frame.x.place(at_ms), y1=begin, y2=top, class_="grid")
        + element("text", text(label), x=frame.x.place(at_ms), y=top + 14, class_="scale middle")
        for at_ms, label in clock_labels(first_ms, frame.last_ms, zone)
    )
