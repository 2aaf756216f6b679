"""docker-compose.yml as the tests look at it: variables at their defaults, merged keys in place."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
SETTINGS = ROOT / "deploy" / "compose" / "callpulse.toml"
SECRETS = ROOT / "deploy" / "compose" / "secrets.sh"
OWN = "/run/secrets/"


def composed() -> dict[str, Any]:
    """All of it."""
    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", FILE.read_text(encoding="utf-8")))
    return found


def services() -> dict[str, dict[str, Any]]:
    """Name -> what it says."""
    found: dict[str, dict[str, Any]] = composed()["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    """Those that run our image."""
    return {name: service for name, service in services().items() if "build" in service}


def mounts(service: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Source (a path, or the name of a volume), place in the container, options."""
    for text in service.get("volumes", ()):
        source, target, *options = text.split(":")
        yield source, target, ",".join(options)


def variables(service: dict[str, Any], secrets: Path) -> dict[str, str]:
    """Its environment, secrets read from that folder."""
    return {name: text.replace(OWN, f"{secrets}/") for name, text in service["environment"].items()}
