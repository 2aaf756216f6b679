"""Settings by variables of the environment: what they set, and what is wrong with them."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_origin

import msgspec
from msgspec import Struct

from callpulse.settings.alerts import TABLES
from callpulse.settings.fault_words import in_words
from callpulse.settings.faults import SECRET
from callpulse.settings.regular import UnreadableError, text_of
from callpulse.settings.secret_files import no_secret
from callpulse.settings.tables import sections

PREFIX = "CALLPULSE_"
OTHERS = (PREFIX + "CONFIG", PREFIX + "DATA")  # the settings file; where tests find recordings
OF_KUBERNETES = re.compile(r"_SERVICE_(HOST|PORT)(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$")

Key = tuple[str, str]  # section, key


class Variables(Struct, frozen=True):
    """`values`: (section, key) -> (variable, value). `faults`: a line each. `at_fault`: the keys they are about."""

    values: dict[Key, tuple[str, Any]]
    faults: list[str]
    at_fault: set[tuple[str, ...]]


def from_environment(env: Mapping[str, str]) -> Variables:
    """What the variables set; nothing is raised."""
    found = Variables({}, list(_unknown(env)), set())
    for (section, key), variable in _names().items():
        told = variable + "_FILE" if variable + "_FILE" in env else variable
        if told not in env:
            continue
        try:
            text = env[told] if told == variable else _from_file(told, env[told], secret=key in SECRET)
            found.values[section, key] = (told, _typed(section, key, text, told))
        except _WrongError as error:
            found.faults.append(str(error))
            found.at_fault.add((section, key))
    return found


class _WrongError(Exception):
    """A variable that cannot be used, in a line."""


def _names() -> dict[Key, str]:
    return {
        (section, key): f"{PREFIX}{section}_{key}".upper()
        for section, table in sections().items()
        for key in table.__struct_fields__
        if key not in TABLES | {"tokens"}
    }


def _unknown(env: Mapping[str, str]) -> Iterator[str]:
    """A variable that nobody reads is a setting that somebody believes in. Those that Kubernetes sets for a service
    named callpulse-… are nobody's mistake."""
    known = {*_names().values(), *(name + "_FILE" for name in _names().values()), *OTHERS}
    for variable, text in env.items():
        if not variable.startswith(PREFIX) or variable in known or _is_of_kubernetes(variable, text):
            continue
        (nearest,) = difflib.get_close_matches(variable.upper(), sorted(known - {OTHERS[1]}), n=1, cutoff=0)
        yield f"{variable}: unknown; expected the name of a setting, the nearest is {nearest}"


def _is_of_kubernetes(variable: str, text: str) -> bool:
    return bool(OF_KUBERNETES.search(variable)) or (variable.endswith("_PORT") and "://" in text)


def _from_file(variable: str, path: str, *, secret: bool) -> str:
    try:
        text = text_of(path).rstrip("\r\n")
    except UnreadableError as error:
        raise _WrongError(f"{variable} = {path!r}: cannot be read ({error}); expected a file with the value") from None
    if secret and (fault := no_secret(text)):
        raise _WrongError(f"{variable} = {path!r}: {fault}; expected a file with the value")
    return text


def _typed(section: str, key: str, text: str, variable: str) -> Any:
    shape = msgspec.structs.fields(sections()[section])
    type_ = next(field.type for field in shape if field.name == key)
    listed = get_origin(type_) is tuple
    try:
        return msgspec.convert([each.strip() for each in text.split(",")] if listed else text, type_, strict=False)
    except msgspec.ValidationError as error:
        value = "" if key in SECRET else f" = {text!r}"
        said = in_words(f"{str(error)[0].lower()}{str(error)[1:]}", msgspec.json.schema(type_))
        expected = said.removesuffix(", got text in quotes")  # a variable is never anything else
        raise _WrongError(f"{variable} ({section}.{key}){value}: {expected}") from None
