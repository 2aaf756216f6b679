"""Scenarios by name or from a file."""

from importlib.resources import files
from pathlib import Path

from callpulse.simulator.scenario import Scenario, ScenarioError, parse

BUILT_IN = ("day", "demo")


def load(name_or_path: str) -> Scenario:
    """A built-in scenario by its name, otherwise the TOML file at that path. Raises ScenarioError."""
    if name_or_path in BUILT_IN:
        resource = files("callpulse.simulator") / "scenarios" / f"{name_or_path}.toml"
        return parse(resource.read_bytes(), f"{name_or_path}.toml")
    try:
        text = Path(name_or_path).read_bytes()
    except OSError as error:
        raise ScenarioError(
            f"{name_or_path}: {error.strerror}; expected {', '.join(BUILT_IN)} or a TOML file"
        ) from error
    return parse(text, name_or_path)
