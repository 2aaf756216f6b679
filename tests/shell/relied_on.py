"""The parts of Faust, mode and aiokafka that `docs/faust.toml` lists, found and fingerprinted."""

import hashlib
import importlib
import inspect
import tomllib
from pathlib import Path
from typing import Any

LISTED: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / "docs/faust.toml").read_text(encoding="utf-8"))


def fingerprint(name: str) -> str:
    """Of the source of `module:Class.attribute`: twelve hex digits. Raises AttributeError where it is gone."""
    found = part(name)
    plain = getattr(found, "fget", None) or getattr(found, "fun", None) or found  # a property, one of mode's tasks
    return hashlib.sha256(inspect.getsource(plain).encode()).hexdigest()[:12]


def part(name: str) -> Any:
    """What `module:Class.attribute` names, as its class holds it."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for attribute in path.split("."):
        found = inspect.getattr_static(found, attribute)
    return found


def overridden(module: str) -> set[str]:
    """`module:Class.attribute` of what our classes in a module put in the place of somebody else's."""
    found = set()
    for ours in vars(importlib.import_module(module)).values():
        if inspect.isclass(ours) and ours.__module__ == module:
            found |= {
                theirs for name, value in vars(ours).items() if callable_(value) and (theirs := _theirs(ours, name))
            }
    return found


def callable_(value: Any) -> bool:
    """Does something: constants, types and documentation are no behaviour."""
    return inspect.isfunction(value) or isinstance(value, property)


def _theirs(ours: type, name: str) -> str | None:
    for base in ours.__mro__[1:]:
        if name in vars(base):
            mine = base.__module__.partition(".")[0] in ("faust", "mode", "aiokafka")
            return f"{base.__module__}:{base.__name__}.{name}" if mine and name != "__init__" else None
    return None
