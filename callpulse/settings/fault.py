"""What is wrong with a key of the settings beyond what its type can say."""

from msgspec import Struct

from callpulse.settings.faults import dotted

Where = tuple[str, ...]


class Fault(Struct, frozen=True):
    """`where`: the key, as deep as it is known; `said`: the whole line, its path in front; `of`: what it has to agree
    with."""

    where: Where
    said: str
    of: tuple[Where, ...] = ()


def fault_at(where: Where, said: str, of: tuple[Where, ...] = ()) -> Fault:
    """`said` begins after the path."""
    return Fault(where, dotted(where) + said, of)
