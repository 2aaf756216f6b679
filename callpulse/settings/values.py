"""What values of settings look like, whatever table they stand in."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

Duration = Annotated[
    str, Meta(pattern=r"^[1-9]\d{0,8}(ms|s|m|h|d)$", description="a whole number above 0 with ms, s, m, h or d")
]
DurationOrNone = Annotated[
    str, Meta(pattern=r"^(0|[1-9]\d{0,8})(ms|s|m|h|d)$", description="a whole number with ms, s, m, h or d")
]
Port = Annotated[int, Meta(ge=0, le=65535)]
Share = Annotated[float, Meta(gt=0, lt=1)]
Language = Literal["en", "nl"]


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of `callpulse.toml`: unknown keys are refused."""


def milliseconds(duration: str) -> int:
    """`5s` -> 5000."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", duration)
    if match is None:
        raise ValueError(duration)
    return int(match[1]) * UNIT_MS[match[2]]


def is_zone(name: str) -> bool:
    """Whether it is an IANA zone that is known here."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
