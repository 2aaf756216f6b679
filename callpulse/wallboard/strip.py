"""The strip of alerts: what is wrong, and what to do. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callpulse.alerts.core.mute import Mute, covering
from callpulse.board import figures
from callpulse.board.row import SEVERITY_STATES, UNKNOWN
from callpulse.board.view import BoardState
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts, Ended
from callpulse.current.fields import AMBER_MS
from callpulse.wallboard.rows import no_data_said
from callpulse.wallboard.shown import Line, Silence, State
from callpulse.wallboard.words import Words

Holds = Callable[[str], bool]
OVER = "OVER"  # in either language
STAYS_MS = 60_000  # of data time: an alert that is over keeps its row for so long


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


def lines(board: BoardState, holds: Holds, frame: Frame) -> tuple[Line, ...]:
    """First that Redis does not answer; then what stands in the queues that the board `holds`, the worst first; that of
    the whole site always; then what has just ended. That everything is muted is said under the worst."""
    found = [_line(each, _mutes(board.alerts), frame) for each in standing(board.alerts, holds)]
    muted = [mute for mute in _mutes(board.alerts) if mute.is_of_all]
    over = [_over(each, frame) for each in _ended(board, holds) if _is_fresh(each, board)]
    return (*_away(board, frame), *found[:1], *(_silence(mute, frame) for mute in muted), *found[1:], *over)


def calm(board: BoardState, holds: Holds, frame: Frame) -> str:
    """What the strip says without an alert: an empty one could be a broken one."""
    alerts, words = board.alerts, frame.words
    if alerts is None:
        return words.no_alerts_worker
    said = [] if alerts.unread or standing(alerts, holds) else [*_calmly(board, frame), *_last(board, holds, frame)]
    if alerts.unread:
        said.append(words.unread.format(count=alerts.unread))
    return " · ".join([*said, *(_muted(mute, frame) for mute in _mutes(alerts) if not mute.is_of_all)])


def _calmly(board: BoardState, frame: Frame) -> list[str]:
    """That no alert stands, as far as that is known; who is closed has none, as long as nobody calls."""
    words = frame.words
    unknown = sum(row.state in UNKNOWN for row in board.rows)
    if board.rows and all(row.day_alone for row in board.rows):
        return [words.all_calm]
    if board.age_ms is None:
        return [words.not_known.format(why=no_data_said(board, words, frame.zone))]
    if board.age_ms > AMBER_MS:
        return [words.not_known.format(why=words.data_old.format(age=figures.age(board.age_ms)))]
    if unknown == len(board.rows):
        return [words.not_known.format(why=words.nothing_of_any)]
    return [words.all_calm, *([words.nothing_of.format(count=unknown, all=len(board.rows))] if unknown else [])]


def mutes(board: BoardState, frame: Frame) -> tuple[Silence, ...]:
    """All that are in force: who may, ends them."""
    return tuple(Silence(mute.id, _muted(mute, frame)) for mute in _mutes(board.alerts))


def _last(board: BoardState, holds: Holds, frame: Frame) -> list[str]:
    return [
        frame.words.last.format(
            place=figures.printable(each.queue) or frame.words.whole_site,
            onset=frame.clock(each.onset_ms),
            end=frame.clock(each.ended_ms),
            fact=each.said.get(frame.language, ""),
        )
        for each in _ended(board, holds)[:1]
    ]


def _ended(board: BoardState, holds: Holds) -> list[Ended]:
    """The newest first; what fires again stands."""
    if board.alerts is None:
        return []
    standing = {each.id for each in board.alerts.standing}
    return [each for each in board.alerts.ended if each.id not in standing and (not each.queue or holds(each.queue))]


def _is_fresh(ended: Ended, board: BoardState) -> bool:
    return board.at_ms is not None and board.at_ms - ended.ended_ms < STAYS_MS


def _over(ended: Ended, frame: Frame) -> Line:
    return Line(
        id=ended.id,
        state="ok",
        word=OVER,
        place=figures.printable(ended.queue) or frame.words.whole_site,
        fact=ended.said.get(frame.language, ""),
        right=(f"{frame.clock(ended.onset_ms)}–{frame.clock(ended.ended_ms)}",),
    )


def standing(alerts: Alerts | None, holds: Holds) -> list[Alert]:
    """Those of the queues that the board `holds`, and of the whole site; the worst first."""
    if alerts is None:
        return []
    return [each for each in alerts.standing if not each.queue or holds(each.queue)]


def _mutes(alerts: Alerts | None) -> list[Mute]:
    return [] if alerts is None else sorted(alerts.mutes.values(), key=lambda mute: (mute.until_ms, mute.id))


def _line(alert: Alert, mutes: Sequence[Mute], frame: Frame) -> Line:
    words, said = frame.words, alert.said.get(frame.language)
    state = SEVERITY_STATES[alert.severity]
    right = [words.since.format(clock=frame.clock(alert.onset_ms))] if alert.onset_ms is not None else []
    if alert.acknowledged is not None:
        by, clock = figures.printable(alert.acknowledged.by), frame.clock(alert.acknowledged.at_ms)
        right.append(words.taken.format(by=by, clock=clock))
    elif (mute := _silencing(alert, mutes, frame.now_ms)) is not None:
        by = figures.printable(mute.by)
        right.append(words.muted.format(what="", clock=frame.clock(mute.until_ms), by=by).strip())
    elif not alert.told:
        right.append(words.not_told)
    return Line(
        id=alert.id or "",
        state=state,
        word=frame.state_words[state],
        place=figures.printable(alert.queue) or words.whole_site,
        fact=said.fact if said else ", ".join(alert.rules),
        action=said.todo if said else "",
        right=tuple(right),
        can_take=alert.id is not None and alert.acknowledged is None,
        can_mute=alert.id is not None,
    )


def _silencing(alert: Alert, mutes: Sequence[Mute], now_ms: int) -> Mute | None:
    """The mute that ends first of those that keep every rule of the alert silent."""
    found = [covering(mutes, rule, alert.queue, now_ms) for rule in alert.rules]
    known = [mute for mute in found if mute is not None]
    return min(known, key=lambda mute: mute.until_ms) if known and len(known) == len(found) else None


def _away(board: BoardState, frame: Frame) -> Iterator[Line]:
    if board.away_since_ms is None:
        return
    seen = board.at_ms is not None
    fact = frame.words.away.format(clock=frame.clock(board.away_since_ms)) if seen else frame.words.away_unseen
    yield Line(id="away", state="blind", word=frame.state_words["blind"], place="Redis", fact=fact)


def _silence(mute: Mute, frame: Frame) -> Line:
    words = frame.words
    fact = f"{_muted(mute, frame)}: {figures.printable(mute.why)}"
    return Line(
        id=f"mute-{mute.id}", state="watch", word=words.all_muted, place=words.whole_site, fact=fact, mute=mute.id
    )


def _muted(mute: Mute, frame: Frame) -> str:
    what = " ".join(each for each in (mute.rule, mute.queue) if each != "*") or frame.words.everything
    said = frame.words.muted.format(what=what, clock=frame.clock(mute.until_ms), by=mute.by)
    return figures.printable(said)
