"""What a supervisor asks for on the wall: to take an alert, to be silent for a while, to speak again. It becomes what
`callpulse alert` writes, and is shown when the alerts worker has done it."""

import logging
from collections.abc import Mapping
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from callpulse.alerts import commanding
from callpulse.alerts.commanding import Ask, KafkaAwayError, NoTopicError, WrongCommandError
from callpulse.alerts.core.stored import Command
from callpulse.board.figures import printable
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts
from callpulse.settings import SettingsError
from callpulse.settings.values import UNIT_MS
from callpulse.stream.core.windows import Calendar, day
from callpulse.wallboard.acting_words import NOT_DONE, WHY
from callpulse.wallboard.door import Person

ANYBODY = "somebody"  # who sits at a machine that does not know a name
STATUS = {
    "no_alert": 404, "no_mute": 404, "has_it": 409, "pattern": 409, "kafka_away": 503, "nobody_judges": 503,
    "no_topic": 503, "redis_away": 503, "cannot": 501, "form": 400,
}  # fmt: skip

T = TypeVar("T")
log = logging.getLogger("callpulse.wallboard")


class Taking(Struct, frozen=True, forbid_unknown_fields=True):
    """The body that takes an alert. `why`: what you do about it."""

    why: str = ""


class Muting(Struct, frozen=True, forbid_unknown_fields=True):
    """The body that mutes the queue of an alert, or the rule of one of the whole site: for so long."""

    for_: Literal["15m", "1h", "day"] = msgspec.field(name="for")
    why: str = ""


class Unmuting(Struct, frozen=True, forbid_unknown_fields=True):
    """The body that ends a mute: {}."""


class Sent(Struct, frozen=True):
    """The answer: Kafka has taken it. `id`: of the command, and of the mute."""

    id: str


class NotDoneError(Exception):
    """Why nothing has been done, and the words of it."""

    def __init__(self, reason: str, **places: str) -> None:
        super().__init__(reason)
        self.reason, self.places = reason, places

    @property
    def status(self) -> int:
        """Of the answer."""
        return STATUS[self.reason]

    def said(self, language: Language) -> str:
        """In a line."""
        return NOT_DONE[language][self.reason].format(**self.places)


class Acting(Struct, frozen=True):
    """`ask` None: this wallboard only shows."""

    ask: Ask | None
    calendar: Calendar

    async def take(self, alerts: Alerts | None, id_: str, body: bytes, who: Person, now_ms: int) -> Sent:
        """Raises NotDoneError."""
        wish, alert = _decoded(body, Taking), _standing(alerts, id_)
        if alert.acknowledged is not None:
            raise NotDoneError("has_it", by=printable(alert.acknowledged.by))
        return await self._send(lambda: commanding.taken(id_, _name(who), wish.why, now_ms))

    async def mute(
        self, alerts: Alerts | None, id_: str, body: bytes, who: Person, now_ms: int, language: Language
    ) -> Sent:
        """Raises NotDoneError."""
        wish, alert = _decoded(body, Muting), _standing(alerts, id_)
        rule, queue = _meant(alert)
        span = now_ms, self._until_ms(wish.for_, now_ms)
        return await self._send(
            lambda: commanding.muted(rule, queue, _name(who), wish.why.strip() or WHY[language], span)
        )

    async def unmute(self, alerts: Alerts | None, id_: str, body: bytes, who: Person, now_ms: int) -> Sent:
        """Raises NotDoneError."""
        _decoded(body, Unmuting)
        if alerts is None or id_ not in alerts.mutes:
            raise NotDoneError("nobody_judges" if alerts is None else "no_mute")
        return await self._send(lambda: commanding.unmuted(id_, _name(who), now_ms))

    def _until_ms(self, for_: str, now_ms: int) -> int:
        spans: Mapping[str, int] = {"15m": 15 * UNIT_MS["m"], "1h": UNIT_MS["h"]}
        return now_ms + spans[for_] if for_ in spans else day(now_ms, self.calendar).end_ms

    async def _send(self, made: commanding.Made) -> Sent:
        if self.ask is None:
            raise NotDoneError("cannot")
        try:
            command = made()
            await self.ask(command)
        except WrongCommandError as error:
            raise NotDoneError("form") from error
        except (KafkaAwayError, SettingsError) as error:
            log.warning("not done: %s", error)
            reason = "no_topic" if isinstance(error, NoTopicError) else "kafka_away"
            raise NotDoneError(reason) from error
        _note(command)
        return Sent(command.id)


def _note(command: Command) -> None:
    what = command.alert or command.mute or f"rule {command.rule}, queue {command.queue}"
    log.info("%s by %s from the wall: %s", command.kind, printable(command.by), printable(what))


def _standing(alerts: Alerts | None, id_: str) -> Alert:
    if alerts is None:
        raise NotDoneError("nobody_judges")
    found = next((each for each in alerts.rows.values() if each.id == id_), None)
    if found is None:
        raise NotDoneError("no_alert")
    return found


def _meant(alert: Alert) -> tuple[str, str]:
    """The rule and the queue of a mute of it. Both are patterns, and a `*` in a name has no way of its own."""
    name = alert.queue or next(iter(alert.rules), "")
    if not name:
        raise NotDoneError("no_alert")
    if "*" in name:
        raise NotDoneError("pattern", name=printable(name))
    return ("*", name) if alert.queue else (name, "*")


def _name(who: Person) -> str:
    return who.name or ANYBODY


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotDoneError("form") from error
