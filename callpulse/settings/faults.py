"""What is wrong with a setting, in words: its key, its value, and what was expected. Never a secret."""

import copy
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from callpulse.settings.channels import CHANNELS
from callpulse.settings.fault_words import in_words

Accepts = Callable[[dict[str, Any]], object]  # raises msgspec.ValidationError for what it does not accept
FieldsAt = Callable[[Sequence[str]], Sequence[str]]

SECRET = frozenset({
    "password", "key_password", "url", "urls", "customer_key", "routing_key", "secret", "key", "viewer_key",
    "supervisor_key", "token", "agent_key",
})  # fmt: skip
UNKNOWN = "unknown;"  # what stands there may be a secret whose key is misspelt
PRIVATE: dict[tuple[str, ...], int] = {
    ("alerts", "channels"): 4,
    ("alerts", "heartbeat"): 3,
    ("wallboard", "tokens"): 4,
}  # how deep below it a value is no table in disguise


def faults_in(
    raw: dict[str, Any], accepts: Accepts, fields_at: FieldsAt, schema: Any
) -> tuple[dict[tuple[str, ...], str], dict[str, Any]]:
    """(path of every fault -> `key = value: what was expected`, `raw` without what is at fault). `fields_at(path)` =
    the keys known in the table there; `schema` = the JSON schema of what is accepted."""
    left, faults = copy.deepcopy(raw), {}
    while True:
        try:
            accepts(left)
        except msgspec.ValidationError as error:
            path, said = _explained(error, left, accepts, fields_at)
            if (*path, *_missing(str(error))) not in faults:
                value = "" if said.startswith(UNKNOWN) else _shown(left, path)
                faults[tuple(path)] = f"{dotted(path)}{value}: {in_words(said, schema, path)}"
            _drop(left, path)
        else:
            return faults, left


def _explained(
    error: msgspec.ValidationError, raw: dict[str, Any], accepts: Accepts, fields_at: FieldsAt
) -> tuple[list[str], str]:
    """Where the first fault in `raw` is, and what it is."""
    text, where = _parted(str(error), raw)
    path = _path(raw, where.rstrip("`"), accepts)
    if path[-1:] == ["kind"] and text.startswith("Invalid value"):
        text = f"Expected one of {', '.join(CHANNELS)}; Slack, Teams, mail and SMS go by apprise"
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text, re.DOTALL)
    if unknown is not None:
        known = ", ".join(fields_at(path))
        path = [*path, unknown[1]]
        return path, f"{UNKNOWN} expected one of {known}"
    return path, f"{text[0].lower()}{text[1:]}"


def _missing(said: str) -> list[str]:
    """The field that is not there, perhaps because it was at fault and has been taken away."""
    return re.findall(r"^Object missing required field `(\w+)`", said)


def _parted(said: str, raw: dict[str, Any]) -> tuple[str, str]:
    """The message, and the path at its end: "" for the top level, whose keys may look like a path themselves."""
    text, _, where = said.rpartition(" - at `$")
    at_top = not text or any(said == f"Object contains unknown field `{key}`" for key in raw)
    return (said, "") if at_top else (text, where)


def _drop(raw: dict[str, Any], path: list[str]) -> None:
    """Take what is at fault away: the key, or the table whose list holds it."""
    table = raw
    for depth, name in enumerate(path[:-1]):
        if not isinstance(table[name], dict):
            _drop(raw, path[:depth])
            return
        table = table[name]
    del table[path[-1]]


def _path(raw: dict[str, Any], where: str, accepts: Accepts) -> list[str]:
    """`.queues[...].target` -> queues, the name of the queue at fault, target."""
    path: list[str] = []
    for field, place in re.findall(r"\.([^.\[]+)|(\[[^\]]*\])", where):
        path.append(_culprit(raw, path, accepts) if place == "[...]" else field or place)
    return path


def _culprit(raw: dict[str, Any], path: list[str], accepts: Accepts) -> str:
    table: dict[str, Any] = _at(raw, path)
    return next(name for name, value in table.items() if not _is_accepted([*path, name], value, accepts))


def _is_accepted(path: list[str], value: Any, accepts: Accepts) -> bool:
    for name in reversed(path):
        value = {name: value}
    try:
        accepts(value)
    except msgspec.ValidationError:
        return False
    return True


def _at(raw: Any, path: list[str]) -> Any:
    found = raw
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _shown(raw: dict[str, Any], path: list[str]) -> str:
    """Only single values of known keys: a whole table, or one in the wrong place, may hold a secret."""
    found = _at(raw, path)
    deep = len(path) >= PRIVATE.get(tuple(path[:2]), 2)
    plain = isinstance(found, str | int | float) and deep and path[-1] not in SECRET
    return f" = {found!r}" if plain else ""


def dotted(path: Sequence[str]) -> str:
    """`queues."a b".target`"""
    quoted = [name if re.fullmatch(r"[\w-]+|\[\d+\]", name) else f'"{name}"' for name in path]
    return ".".join(quoted).replace(".[", "[") or "(top level)"
