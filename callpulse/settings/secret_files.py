"""`url_file = "/run/secrets/hook"` in a table of channels stands for the `url` that is written in that file; so do
`key_file` and `key` in one of `[wallboard.tokens]`."""

import copy
from collections.abc import Iterator
from typing import Any

from callpulse.settings.channels import CHANNELS, Heartbeat, kind_of
from callpulse.settings.faults import dotted
from callpulse.settings.regular import UnreadableError, text_of
from callpulse.settings.wallboard import Token

ENDING = "_file"
STANDS_IN = {
    "url": "https://unknown.invalid",
    "routing_key": 32 * "0",
    "secret": "",
    "key": 32 * "0",
}  # where the file is at fault

Where = tuple[str, ...]


class _UnusableError(Exception):
    """A file without a value, in words."""


def filled(raw: dict[str, Any]) -> tuple[dict[str, Any], dict[Where, str]]:
    """`raw` with the values of files, and (path of every fault -> a line)."""
    raw, faults = copy.deepcopy(raw), {}
    for where, table, known in _tables(raw):
        for key in known:
            path = table.get(key)
            if key.endswith(ENDING) and isinstance(path, str) and path:
                try:
                    value = _value(table, key, path)
                except _UnusableError as error:
                    value = STANDS_IN[key.removesuffix(ENDING)]
                    faults[*where, key] = f"{dotted([*where, key])} = {path!r}: {error}"
                table[key.removesuffix(ENDING)] = value
    return raw, faults


def _value(table: dict[str, Any], key: str, path: str) -> str:
    meant = key.removesuffix(ENDING)
    if table.get(meant):
        raise _UnusableError(f"{meant} is given too; expected one of them")
    try:
        text = text_of(path).rstrip("\r\n")
    except UnreadableError as error:
        raise _UnusableError(f"cannot be read ({error}); expected a file with the {meant}") from None
    if fault := no_secret(text):
        raise _UnusableError(f"{fault}; expected a file with the {meant}")
    return text


def no_secret(text: str) -> str | None:
    """Why what stands in a file is none, or None. Its last end of line has been taken away."""
    if not text:
        return "is empty"
    return "has more than one line" if "\n" in text or "\r" in text else None


def _tables(raw: dict[str, Any]) -> Iterator[tuple[Where, dict[str, Any], tuple[str, ...]]]:
    """Those that may name files: path, table, the keys it may have."""
    alerts, wallboard = raw.get("alerts"), raw.get("wallboard")
    tokens = wallboard.get("tokens") if isinstance(wallboard, dict) else None
    for name, table in tokens.items() if isinstance(tokens, dict) else ():
        if isinstance(table, dict):
            yield ("wallboard", "tokens", name), table, Token.__struct_fields__
    if not isinstance(alerts, dict):
        return
    channels, heartbeat = alerts.get("channels"), alerts.get("heartbeat")
    for name, table in channels.items() if isinstance(channels, dict) else ():
        if kind_of(table) in CHANNELS:
            yield ("alerts", "channels", name), table, CHANNELS[kind_of(table)].__struct_fields__
    if isinstance(heartbeat, dict):
        yield ("alerts", "heartbeat"), heartbeat, Heartbeat.__struct_fields__
