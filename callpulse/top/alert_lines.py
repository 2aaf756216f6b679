"""Two lines below the table for the alerts: always two, so that the board keeps its shape."""

from collections.abc import Sequence
from datetime import tzinfo

from msgspec import Struct
from rich.cells import cell_len
from rich.text import Text

from callpulse.alerts.core.mute import Mute
from callpulse.board import figures
from callpulse.board.row import SEVERITY_STATES, State
from callpulse.current.alerts import Alert, Alerts
from callpulse.top.columns import AMBER, BOLD, QUIET, RED
from callpulse.top.words import SHAPES, Words

LINES = 2
STATES = {severity: State(state) for severity, state in SEVERITY_STATES.items()}
STYLES = {State.ACT: RED, State.WATCH: AMBER + BOLD}


class Sheet(Struct, frozen=True):
    """What the lines are written on: `zone` None = this machine's time zone."""

    width: int
    words: Words
    now_ms: int
    zone: tzinfo | None

    def clock(self, at_ms: int) -> str:
        """Hours and minutes, with the date if that is another day."""
        return figures.since(at_ms, self.now_ms, self.zone)


def alert_lines(alerts: Alerts | None, sheet: Sheet) -> list[Text]:
    """The worst alert, then the second or how many more there are; where fewer stand, what is muted. That everything
    is muted is never left out."""
    lines = _lines(alerts, sheet)
    return [*lines, *[Text()] * LINES][:LINES]


def _lines(alerts: Alerts | None, sheet: Sheet) -> list[Text]:
    words = sheet.words
    if alerts is None:
        return [Text(words.no_alerts_worker, QUIET)]
    standing, lines = alerts.standing, []
    if len(standing) > LINES:
        lines = [_alert(standing[0], sheet), _more(standing[1:], words)]
    else:
        lines = [_alert(each, sheet) for each in standing] or [Text(words.no_alert, QUIET)]
    if alerts.unread:
        lines.append(Text(words.unread.format(count=alerts.unread), AMBER))
    if alerts.mutes:
        first_to_end = sorted(alerts.mutes.values(), key=lambda mute: (not mute.is_of_all, mute.until_ms, mute.id))
        muted = Text(" · ".join(_mute(mute, sheet) for mute in first_to_end), QUIET)
        if first_to_end[0].is_of_all:
            muted.stylize(AMBER)
            lines.insert(1, muted)
        else:
            lines.append(muted)
    return lines


def _alert(alert: Alert, sheet: Sheet) -> Text:
    """What it is at the left, since when and who has it at the right."""
    words = sheet.words
    state = STATES[alert.severity]
    head = Text(f"{SHAPES[state]} {words.states[state]} ", STYLES[state])
    left = Text.assemble(head, (_place(alert, words), BOLD), "  ", _what(alert, sheet))
    right = Text(_standing(alert, sheet), QUIET)
    right.truncate(sheet.width // 2, overflow="ellipsis")
    left.truncate(max(0, sheet.width - cell_len(right.plain) - 2), overflow="ellipsis", pad=True)
    return Text.assemble(left, "  ", right)


def _place(alert: Alert, words: Words) -> str:
    return figures.printable(alert.queue) or words.whole_site


def _what(alert: Alert, sheet: Sheet) -> str:
    """What was told last; where nothing was, the rules."""
    said = alert.said.get(sheet.words.language)
    return figures.printable(said.fact if said else ", ".join(alert.rules))


def _standing(alert: Alert, sheet: Sheet) -> str:
    words = sheet.words
    parts = [
        words.since.format(clock=sheet.clock(alert.onset_ms)) if alert.onset_ms is not None else "",
        words.taken.format(by=figures.printable(alert.acknowledged.by)) if alert.acknowledged else "",
        "" if alert.told else words.not_told,
    ]
    return ", ".join(filter(None, parts))


def _more(alerts: Sequence[Alert], words: Words) -> Text:
    worst = STATES[alerts[0].severity]
    names = ", ".join(_place(alert, words) for alert in alerts)
    return Text(f"{SHAPES[worst]} {words.more_alerts.format(count=len(alerts), queues=names)}", STYLES[worst])


def _mute(mute: Mute, sheet: Sheet) -> str:
    words = sheet.words
    rule = "" if mute.rule == "*" else words.of_rule.format(rule=mute.rule)
    queue = words.of_queue.format(queue=mute.queue) if mute.queue != "*" or not rule else ""
    what = ", ".join(filter(None, (rule, queue)))
    return figures.printable(words.muted.format(clock=sheet.clock(mute.until_ms), by=mute.by, what=what))
