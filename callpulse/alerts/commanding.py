"""What people ask of the alerts, from a terminal or from a board: made, read and checked here alone. How it gets to the
alerts worker: asking.py."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import msgspec

from callpulse.alerts.core.stored import Command
from callpulse.undecodable import UNDECODABLE

Ask = Callable[[Command], Awaitable[None]]
"""Hands a command over. Raises KafkaAwayError."""
Made = Callable[[], Command]
"""Makes one. Raises WrongCommandError."""

log = logging.getLogger("callpulse.alerts")


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


def read(record: Any) -> Command | None:
    """From the commands topic; None, and the log says why, where it is none that can be done."""
    try:
        command = msgspec.json.decode(record.value or b"", type=Command)
    except UNDECODABLE as error:
        log.warning("%s/%d/%d: not a command (%s)", record.topic, record.partition, record.offset, error)
        return None
    if fault := command.fault():
        log.warning("%s/%d/%d: not done: %s", record.topic, record.partition, record.offset, fault)
        return None
    return command


def new_id() -> str:
    """Of a command, and so of a mute."""
    return uuid4().hex[:8]


def _checked(command: Command) -> Command:
    fault = command.fault()
    if fault is not None:
        raise WrongCommandError(fault)
    return command
