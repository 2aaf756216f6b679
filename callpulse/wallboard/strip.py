"""The strip of alerts: what is wrong, and what to do. Pure."""

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.patterns import matches
from callpulse.board import figures
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts
from callpulse.wallboard.shown import Line, State
from callpulse.wallboard.words import Words

STATES: dict[str, State] = {"critical": "act", "warning": "watch"}


class Frame(NamedTuple):
    """What every line is shown by."""

    words: Words
    language: Language
    state_words: Mapping[State, str]
    zone: ZoneInfo
    now_ms: int

    def clock(self, at_ms: int) -> str:
        """Hours and minutes."""
        return figures.since(at_ms, self.now_ms, self.zone)


def lines(alerts: Alerts | None, patterns: tuple[str, ...], frame: Frame) -> tuple[Line, ...]:
    """Those that stand in the queues of the board, the worst first; of the whole site always."""
    if alerts is None:
        return ()
    return tuple(_line(each, frame) for each in alerts.standing if not each.queue or _is_ours(each.queue, patterns))


def calm(alerts: Alerts | None, frame: Frame) -> str:
    """What the strip says without an alert: an empty one could be a broken one."""
    if alerts is None:
        return frame.words.no_alerts_worker
    return " · ".join([frame.words.all_calm, *(_muted(mute, frame) for mute in alerts.mutes.values())])


def _is_ours(queue: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(matches(pattern, queue) for pattern in patterns)


def _line(alert: Alert, frame: Frame) -> Line:
    words, said = frame.words, alert.said.get(frame.language)
    state = STATES[alert.severity]
    right = [words.since.format(clock=frame.clock(alert.onset_ms))] if alert.onset_ms is not None else []
    if alert.acknowledged is not None:
        right.append(words.taken.format(by=alert.acknowledged.by))
    elif not alert.told:
        right.append(words.not_told)
    return Line(
        id=alert.id or "",
        state=state,
        word=frame.state_words[state],
        place=alert.queue or words.whole_site,
        fact=said.fact if said else ", ".join(alert.rules),
        action=said.todo if said else "",
        right=tuple(right),
        can_take=alert.id is not None and alert.acknowledged is None,
    )


def _muted(mute: Mute, frame: Frame) -> str:
    what = " ".join(each for each in (mute.rule, mute.queue) if each != "*") or frame.words.everything
    return frame.words.muted.format(what=what, clock=frame.clock(mute.until_ms), by=mute.by)
