"""What people ask of the alerts, from a terminal or from a board: made and checked here alone. How it gets to the
alerts worker: asking.py."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from callpulse.alerts.core.stored import Command

Ask = Callable[[Command], Awaitable[None]]
"""Hands a command over. Raises KafkaAwayError."""
Made = Callable[[], Command]
"""Makes one. Raises WrongCommandError."""


class KafkaAwayError(Exception):
    """Kafka did not take the command; nothing has been done."""


class NoTopicError(KafkaAwayError):
    """There is no topic of commands: no alerts worker has ever run there."""


class WrongCommandError(Exception):
    """It cannot be done; says why."""


def taken(alert: str, by: str, why: str, at_ms: int) -> Command:
    """Take an alert, by its id or how that begins. Raises WrongCommandError."""
    return _checked(Command(kind="ack", id=new_id(), by=by, at_ms=at_ms, why=why, alert=alert))


def muted(rule: str, queue: str, by: str, why: str, span_ms: tuple[int, int]) -> Command:
    """Be silent about what matches both patterns, from now until then. The mute has the id of the command. Raises
    WrongCommandError."""
    at_ms, until_ms = span_ms
    id_ = new_id()
    return _checked(
        Command(kind="mute", id=id_, by=by, at_ms=at_ms, why=why, rule=rule, queue=queue, until_ms=until_ms)
    )


def unmuted(mute: str, by: str, at_ms: int) -> Command:
    """Speak again, before the mute of that id ends. Raises WrongCommandError."""
    return _checked(Command(kind="unmute", id=new_id(), by=by, at_ms=at_ms, mute=mute))


def new_id() -> str:
    """Of a command, and so of a mute."""
    return uuid4().hex[:8]


def _checked(command: Command) -> Command:
    fault = command.fault()
    if fault is not None:
        raise WrongCommandError(fault)
    return command
