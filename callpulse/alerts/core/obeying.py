"""What people ask of the alerts: to take one, to be silent for a while, to speak again."""

from collections.abc import Iterator

from msgspec.structs import replace

from callpulse.alerts.core.held import Fact, Held
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Acknowledgement, Notice
from callpulse.alerts.core.stored import Command, owed

LEAST_OF_AN_ID = 8


def obeyed(held: Held, command: Command, wall_ms: int) -> list[Fact]:
    """Do it. Nothing happens where it has been done, where it is too late, or where what is meant is not there."""
    match command.kind:
        case "ack":
            return list(_taken(held, command))
        case "mute":
            return _muted(held, command, wall_ms)
        case "unmute":
            return [held.unmute(held.mutes[command.mute])] if command.mute in held.mutes else []


def _muted(held: Held, command: Command, wall_ms: int) -> list[Fact]:
    if command.id in held.mutes or command.until_ms <= wall_ms:
        return []
    silence = (command.rule, command.queue, command.by, command.why, command.at_ms, command.until_ms)
    return [held.mute(Mute(command.id, *silence))]


def _taken(held: Held, command: Command) -> Iterator[Fact]:
    if len(command.alert) < LEAST_OF_AN_ID:
        return
    taken = Acknowledgement(command.by, command.at_ms, command.why)
    for each in held.all():
        trouble = each.incident
        if trouble is None or trouble.acknowledged is not None or not trouble.id.startswith(command.alert):
            continue
        notice = _notice(each.latest, taken) if trouble.told else None
        told = trouble.channels if notice else ()
        new = each.with_incident(replace(trouble, acknowledged=taken))
        undelivered = owed(each.undelivered, told, notice)
        fact = held.put(replace(new, latest=notice or each.latest, undelivered=undelivered))
        yield fact._replace(notice=notice, channels=told)


def _notice(latest: Notice | None, taken: Acknowledgement) -> Notice | None:
    """Only who was told of a trouble is told that somebody has taken it. It is news of the time of what was told last:
    by the wall clock it would be newer than the end, where the data is behind."""
    if latest is None:
        return None
    return replace(latest, kind="acknowledged", acknowledged=taken)
