"""What one check says."""

import enum
from collections.abc import Iterable

from msgspec import Struct


class Level(enum.StrEnum):
    """SKIP: could not be looked at, or is not in use; it is neither good nor bad."""

    OK = "ok"
    SKIP = "skip"
    WARN = "warn"
    FAIL = "fail"


class Finding(Struct, frozen=True):
    """`about`: the part; `says`: what was seen; `do`: what to do about it, "" where nothing is to be done."""

    level: Level
    about: str
    says: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.level.upper():4}  {self.about}: {self.says}" + (f". {self.do}" if self.do else "")


def ok(about: str, says: str) -> Finding:
    return Finding(Level.OK, about, says)


def skip(about: str, says: str, do: str = "") -> Finding:
    return Finding(Level.SKIP, about, says, do)


def warn(about: str, says: str, do: str) -> Finding:
    return Finding(Level.WARN, about, says, do)


def fail(about: str, says: str, do: str) -> Finding:
    return Finding(Level.FAIL, about, says, do)


def failed(findings: Iterable[Finding]) -> bool:
    """Whether one of them is a FAIL."""
    return any(finding.level is Level.FAIL for finding in findings)


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first few of many."""
    found = list(names)
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")
