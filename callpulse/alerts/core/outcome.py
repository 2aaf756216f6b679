"""How an attempt to tell somebody ended."""

from typing import Literal

from msgspec import Struct


class Delivered(Struct, frozen=True):
    """The other side has it."""


class Temporary(Struct, frozen=True):
    """It may be taken another time, not before `retry_after_s` where the other side said so."""

    reason: str
    retry_after_s: float | None = None


class Permanent(Struct, frozen=True):
    """It will never be taken as it is: trying again would only be noise."""

    reason: str


Outcome = Delivered | Temporary | Permanent


class GivenUp(Struct, frozen=True):
    """Never told, because something newer was told instead, too much was waiting, or it had waited for too long."""

    why: Literal["replaced", "too_many", "too_old"]


Settled = Delivered | Permanent | GivenUp
