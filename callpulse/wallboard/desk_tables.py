"""The tables of the supervisor's board: a queue's intervals, longest waits and agents. Pure."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callpulse.board import figures
from callpulse.board.levels import ABANDONED_MOST, of_wait
from callpulse.board.row import UNKNOWN, Row
from callpulse.board.words import AGENTS, Language
from callpulse.current.fields import Number
from callpulse.current.parts import Agent, Interval, Wait
from callpulse.wallboard.day import hours
from callpulse.wallboard.desk_shown import Table
from callpulse.wallboard.desk_words import DESK, DeskWords
from callpulse.wallboard.shown import Cell
from callpulse.wallboard.tiles import TONES
from callpulse.wallboard.words import LANGUAGES, Words

BY_STATE = ("not_ready", "talking", "hold", "ringing", "wrapup", "ready")


class Frame(NamedTuple):
    """What every table is shown by."""

    row: Row
    language: Language
    zone: ZoneInfo

    @property
    def words(self) -> DeskWords:
        """Of the language."""
        return DESK[self.language]

    @property
    def general(self) -> Words:
        """Those of every board."""
        return LANGUAGES[self.language]

    @property
    def known(self) -> bool:
        """Whether anything is known of now."""
        return self.row.state not in UNKNOWN

    def counting(self, start_ms: int) -> int | None:
        """From when the page counts on: with old data from never."""
        return None if self.row.stale else start_ms


# -- intervals


def intervals(day: Sequence[Interval], frame: Frame) -> Table:
    """The newest first, from the first in which anybody called. What runs is left out where nothing is known of now;
    what is over stays."""
    words, t = frame.words, figures.count(frame.row.target.threshold_s)
    called = [each.start_ms for each in day if each.offered]
    since_first = [each for each in day if called and each.start_ms >= min(called)]
    shown = [each for each in reversed(since_first) if frame.known or not each.provisional]
    rest = sum(abs(unended(each)) for each in shown if not each.provisional)
    return Table(
        title=words.intervals,
        note=words.ledger.format(rest=rest),
        heads=tuple(head.format(t=t) for head in words.arrived),
        rows=tuple(_interval(each, frame) for each in shown),
        none=words.no_intervals if frame.known else frame.general.nothing_of_now,
    )


def unended(of: Interval) -> int:
    """Who came and has no outcome: who waits. Of an interval that is over, 0, or the ledger does not add up."""
    return of.offered - of.answered - of.abandoned - of.exited - of.lost


def _interval(of: Interval, frame: Frame) -> tuple[Cell, ...]:
    target, decimal, rest = frame.row.target, frame.general.decimal, unended(of)
    of_answered = of.answered_within_t / of.answered if of.answered else None
    share = partial(figures.share, decimal=decimal)
    counts = (of.offered, of.answered, of.answered_within_t, of.abandoned, of.exited, of.lost)
    return (
        Cell(f"{hours(of.start_ms, frame.zone)}–{hours(of.end_ms, frame.zone)}{' *' if of.provisional else ''}"),
        *(Cell(figures.count(each)) for each in counts),
        Cell(figures.count(rest), "act" if rest < 0 or (rest and not of.provisional) else ""),
        _measured(of.level, figures.level, "%", lambda level: level < target.level),
        _measured(of_answered, figures.level, "%", lambda _: False),
        _measured(of.asa_s, figures.seconds, "s", lambda asa_s: asa_s > target.threshold_s),
        _measured(of.abandonment_rate, share, "%", lambda rate: rate > ABANDONED_MOST),
        _measured(of.aht_s, figures.seconds, "s", lambda _: False),
    )


def _measured(value: Number | None, text: Callable[[Number], str], unit: str, is_off: Callable[[Number], bool]) -> Cell:
    """Long times are m:ss, which needs no unit; nothing is nothing."""
    if value is None:
        return Cell()
    said = text(value)
    return Cell(said if ":" in said or "h" in said else f"{said} {unit}", "watch" if is_off(value) else "")


# -- contacts


def worst(waits: Sequence[Wait], frame: Frame) -> Table:
    """Of the last half hour, by id; who still waits counts on."""
    words = frame.words
    shown = sorted(waits, key=lambda each: (-each.wait_ms, each.contact_id)) if frame.known else ()
    return Table(
        title=words.worst,
        note=words.half_hour,
        heads=words.contacts,
        texts=(0, 2),
        rows=tuple(_wait(each, frame) for each in shown),
        none=words.no_waits if frame.known else frame.general.nothing_of_now,
    )


def _wait(of: Wait, frame: Frame) -> tuple[Cell, ...]:
    wait_s = of.wait_ms // 1000
    start_ms = frame.counting(of.arrived_ms) if of.outcome == "waiting" else None
    return (
        Cell(figures.printable(of.contact_id)),
        Cell(figures.duration(wait_s), TONES[of_wait(wait_s, frame.row.target.threshold_s)], start_ms=start_ms),
        Cell(frame.words.outcomes.get(of.outcome, figures.printable(of.outcome))),
        Cell(figures.clock(of.arrived_ms, frame.zone)),
    )


# -- agents


def agents(present: Sequence[Agent], at_ms: int | None, frame: Frame) -> Table:
    """By state, of each the longest first. `at_ms`: how far the data reaches. Who is not ready while somebody waits is
    coloured."""
    words, general = frame.words, frame.general
    shown = sorted(present, key=lambda each: (_place(each.state), each.since_ms, each.agent)) if frame.known else []
    return Table(
        title=general.agents,
        note=general.signed_in.format(count=len(shown)) if shown else "",
        heads=words.agents,
        texts=(0, 1),
        rows=tuple(_agent(each, at_ms, frame) for each in shown),
        none=general.no_agents,
    )


def _place(state: str) -> int:
    return BY_STATE.index(state) if state in BY_STATE else len(BY_STATE)


def _agent(of: Agent, at_ms: int | None, frame: Frame) -> tuple[Cell, ...]:
    state = AGENTS[frame.language].get(of.state, figures.printable(of.state))
    said = " · ".join(filter(None, (state, figures.printable(of.reason or ""))))
    since = figures.duration(None if at_ms is None else max(0, at_ms - of.since_ms) // 1000)
    missed = of.state == "not_ready" and bool(frame.row.waiting)
    return (
        Cell(figures.printable(of.agent)),
        Cell(said, "watch" if missed else ""),
        Cell(since, start_ms=frame.counting(of.since_ms)),
    )
