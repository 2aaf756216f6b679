"""Settings as they are: read from the file and the environment, verified, shown without secrets."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from callpulse.settings.access_faults import access_faults
from callpulse.settings.address_faults import address_faults
from callpulse.settings.alert_faults import alert_faults
from callpulse.settings.board_faults import board_faults
from callpulse.settings.faults import SECRET, faults_in
from callpulse.settings.hours_faults import queue_faults
from callpulse.settings.kafka_faults import kafka_faults
from callpulse.settings.rules import disagreements
from callpulse.settings.secret_files import filled
from callpulse.settings.tables import Settings, keys_of
from callpulse.settings.variables import PREFIX, Key, from_environment

DEFAULT_FILE = "callpulse.toml"
MOST_DEEP = 50


class SettingsError(Exception):
    """Settings that cannot be used; a line each: file (or variable), key, value and what was expected. `rest`: what can
    be read of them, for whoever looks for more that is wrong."""

    def __init__(self, said: str, rest: Settings | None = None) -> None:
        super().__init__(said)
        self.rest = rest


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `file` (default callpulse.toml where there is one) and the environment. Raises SettingsError, which
    says all that is wrong: the file's keys first, then the variables."""
    env = dict(os.environ) if environment is None else environment
    named = _named(file, env)
    path = named or Path(DEFAULT_FILE)
    variables = from_environment(env)
    unreadable: list[str] = []
    try:
        raw = _read(path) if named is not None or path.exists() else {}
    except SettingsError as error:
        raw, unreadable = {}, [str(error)]
    raw, of_files = filled(raw)
    faults, left = faults_in(raw, _settings, lambda path: keys_of(path, raw), msgspec.json.schema(Settings))
    faults |= of_files
    for (section, key), (_, value) in variables.values.items():
        left.setdefault(section, {})[key] = value
    settings = _settings(left)
    names = {key: variable for key, (variable, _) in variables.values.items()}
    wrong = {*faults} | variables.at_fault
    crossed = [] if unreadable else _crossed(settings, str(path), names, wrong)
    said = [*unreadable, *(f"{path}: {text}" for text in faults.values()), *crossed, *variables.faults]
    if said:
        raise SettingsError("\n".join(sorted(said, key=lambda line: (line.startswith(PREFIX), line))), settings)
    return settings


def file_of(file: Path | None = None) -> Path:
    """Where `load` reads them, whether there is such a file or not."""
    return _named(file, os.environ) or Path(DEFAULT_FILE)


def _named(file: Path | None, env: Mapping[str, str]) -> Path | None:
    return file or (Path(env[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in env else None)


def verified(settings: Settings, origin: str) -> Settings:
    """The same settings. Raises SettingsError for what a type cannot say."""
    said = _crossed(settings, origin, {}, set())
    if said:
        raise SettingsError("\n".join(said))
    return settings


def shown(settings: Settings) -> dict[str, Any]:
    """The effective settings as plain values, secrets replaced."""
    plain: dict[str, Any] = msgspec.to_builtins(settings)
    return {section: _hide(values) for section, values in plain.items()}


def _hide(values: dict[str, Any]) -> dict[str, Any]:
    told = {key: _without_secret(key, value) if isinstance(value, str) else value for key, value in values.items()}
    tables = (*values.get("channels", {}).values(), *values.get("tokens", {}).values(), values.get("heartbeat") or {})
    for table in tables:
        table |= {key: "***" for key in table if key in SECRET and table[key]}
    return told


def _without_secret(key: str, value: str) -> str:
    if key == "url" or key.endswith("_url"):
        return re.sub(r"\b(username|password|key|token)=[^&]*", r"\1=***", re.sub(r"//.*@", "//***@", value))
    return "***" if key in SECRET and value else value


def _read(path: Path) -> dict[str, Any]:
    try:
        return _shallow(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file; expected a TOML file with settings") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}); expected a TOML file with settings") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}; expected valid TOML") from None
    except RecursionError:
        raise SettingsError(f"{path}: tables or lists more than {MOST_DEEP} deep; no setting has as many") from None


def _shallow(raw: dict[str, Any]) -> dict[str, Any]:
    """The same. Raises RecursionError for tables and lists so deep in each other that what looks at them, and calls
    itself for each, would."""
    layer: list[Any] = [raw]
    for _ in range(MOST_DEEP):
        layer = [each for found in layer for each in (found.values() if isinstance(found, dict) else found)]
        layer = [each for each in layer if isinstance(each, dict | list)]
    if layer:
        raise RecursionError
    return raw


def _settings(raw: dict[str, Any]) -> Settings:
    return msgspec.convert(raw, Settings)


def _crossed(settings: Settings, origin: str, variables: Mapping[Key, str], wrong: set[tuple[str, ...]]) -> list[str]:
    """What disagrees, but for keys that are `wrong` by themselves: their values are not what was meant. Named is the
    first of the keys' variables, or `origin`."""
    said: list[str] = []
    for found in disagreements(settings):
        if not any(_is_about(fault, key) for fault in wrong for key in found.keys):
            section, key = found.keys[0]
            value = getattr(getattr(settings, section), key)
            by = next((variables[each] for each in found.keys if each in variables), origin)
            said.append(f"{by}: {section}.{key} = {value!r}: {found.expected}")
    found_in = (address_faults, kafka_faults, queue_faults, alert_faults, board_faults, access_faults)
    for fault in (fault for faults in found_in for fault in faults(settings)):
        if not any(_is_about(other, key) for other in wrong for key in (fault.where, *fault.of)):
            said.append(f"{variables.get((fault.where[0], fault.where[1]), origin)}: {fault.said}")
    return said


def _is_about(fault: tuple[str, ...], key: tuple[str, ...]) -> bool:
    """Whether the fault is in that key, or in a table that holds it."""
    return fault[: len(key)] == key[: len(fault)]
