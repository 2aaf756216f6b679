"""Records in another partition than murmur2 of their queue (or agent) says: what their producer does wrong, in a
sentence, for as long as it happens.

It happens from the first such record until none was read for `QUIET_MS`, by the wall clock at reading. The clock of the
feed will not do: where every record is refused it stands still, and a feed that was stopped to be repaired would keep
the worker from being ready for ever. Nor will the times of the records: they come from the producer that is wrong.
"""

import enum
import zlib

from callpulse.stream.moments import moment
from callpulse.stream.pseudonyms import AgentNames

QUIET_MS = 300_000
SHOWN = 200  # letters of a key
NAMES_COUNTED = 1000  # names of queues come from outside: a list of them must not grow without end


class Cause(enum.Enum):
    """What a producer does instead of murmur2 of the queue's (or agent's) id; the value = what to change."""

    CRC32 = "as librdkafka chooses by default: set partitioner=murmur2_random (or murmur2) in that producer"
    NO_KEY = "it has no key: its producer has to give the {field} id as the key"
    OTHER_KEY = "its key is another one: its producer has to give the {field} id as the key"
    OTHER_RULE = (
        "by another rule than murmur2, or by another number of partitions: set partitioner=murmur2_random (or murmur2) "
        "in that producer, and start it again if partitions were added"
    )

    def advice(self, field: str) -> str:
        """What the producer does and has to do; `field` = queue or agent."""
        return self.value.format(field=field)


def cause_of(name: str, key: bytes | None, found: int, partitions: int) -> Cause:
    """Why a record of queue (or agent) `name` with this key may lie in partition `found`."""
    if not key and name:
        return Cause.NO_KEY
    if key != name.encode():
        return Cause.OTHER_KEY
    return Cause.CRC32 if zlib.crc32(key) % partitions == found else Cause.OTHER_RULE


class Strayed:
    """One record in the wrong place. `field` = queue or agent; people are shown by their pseudonyms."""

    __slots__ = ("cause", "expected", "field", "found", "key", "name")

    def __init__(
        self, field: str, name: str, key: bytes | None, found: int, expected: int, cause: Cause, names: AgentNames
    ) -> None:
        shown = names.pseudonym(name) if field == "agent" else name
        self.field, self.name, self.found, self.expected, self.cause = field, shown, found, expected, cause
        self.key = _shown(key, name, self.name)

    def __str__(self) -> str:
        return (
            f"{self.field} {self.name!r}, key {self.key}, came in partition {self.found} and belongs to {self.expected}"
        )


def _shown(key: bytes | None, name: str, shown_name: str) -> str:
    """What may be told of a key: another than the name may be a customer's number."""
    if not key:
        return "none"
    return repr(shown_name[:SHOWN]) if key == name.encode() else f"another of {len(key)} bytes"


class _Spell:
    """One fault of the producers of a topic, from its first record on."""

    def __init__(self, now_ms: int) -> None:
        self.since_ms = self.last_ms = now_ms
        self.records = 0
        self.names: set[str] = set()
        self.last: Strayed | None = None

    def add(self, strayed: Strayed, now_ms: int) -> None:
        self.last_ms, self.last = now_ms, strayed
        self.records += 1
        if len(self.names) < NAMES_COUNTED:
            self.names.add(strayed.name)


class WrongKeys:
    """The producers that are wrong now, by topic and cause."""

    def __init__(self) -> None:
        self._spells: dict[tuple[str, Cause], _Spell] = {}

    def add(self, topic: str, strayed: Strayed, now_ms: int) -> str | None:
        """Note one record, read at `now_ms`; the sentence to log where this begins, else None."""
        spell = self._spells.get((topic, strayed.cause))
        begins = spell is None or now_ms - spell.last_ms >= QUIET_MS
        if spell is None or begins:
            spell = self._spells[topic, strayed.cause] = _Spell(now_ms)
        spell.add(strayed, now_ms)
        return _sentence(topic, spell) if begins else None

    def sentences(self, now_ms: int) -> list[str]:
        """One for each topic and cause, while it happens."""
        return [
            _sentence(topic, spell)
            for (topic, _), spell in sorted(self._spells.items(), key=lambda item: (item[0][0], item[0][1].name))
            if now_ms - spell.last_ms < QUIET_MS
        ]


def _sentence(topic: str, spell: _Spell) -> str:
    last = spell.last
    assert last is not None
    names, more = len(spell.names), "+" if len(spell.names) == NAMES_COUNTED else ""
    return (
        f"wrongly keyed producer: {topic}: {spell.records} record{'s'[: spell.records != 1]} of {names}{more} "
        f"{last.field}{'s'[: names != 1]} refused since {moment(spell.since_ms)}; the last, at "
        f"{moment(spell.last_ms)}: {last}, {last.cause.advice(last.field)}"
    )
