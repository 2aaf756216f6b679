"""The mapping of a CSV or TSV file to events: its typed shape, and reading it from TOML.

A mapping names columns, never code. `[file]` says how the text is cut, `[time]` how moments are written,
`[call]` which column holds what in every row, and each `[[row]]` one kind of row: the first whose
conditions all hold decides.
"""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from callpulse.sources.trouble import MappingError

Kind = Literal["answered", "abandoned", "exited", "not_offered", "waiting", "skip"]
Unit = Literal["s", "ms", "min", "h:m:s"]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class _Table(Struct, frozen=True, forbid_unknown_fields=True, rename={"not_": "not", "is_": "is"}):
    pass


class From(_Table, frozen=True):
    """Where a value comes from: a `column`, or the fixed `text`. `unknown` lists the texts that mean "not
    known", besides an empty one; `negative_is_unknown` is for durations; `names` replaces texts; `unit` is
    a duration's."""

    column: str = ""
    text: str = ""
    unknown: tuple[str, ...] = ()
    negative_is_unknown: bool = False
    names: dict[str, str] = {}
    prefix: str = ""
    unit: Unit = "s"


class Test(_Table, frozen=True):
    """A condition on a column: every key given must hold. Numbers are compared as numbers."""

    not_: str | tuple[str, ...] | None = None
    empty: bool | None = None
    starts_with: str | None = None
    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None


Column = str | From
Condition = str | int | float | tuple[str, ...] | Test


class File(_Table, frozen=True):
    """`columns` names the columns of a file without a header row. `quote = ""` switches quoting off."""

    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Meta(max_length=1)] = '"'
    encoding: str = "utf-8"
    columns: tuple[Text, ...] = ()


class Day(_Table, frozen=True):
    """The day in a column of its own, where moments are times of day. It is the day of the moment in column
    `of`; every other moment of the row is the one nearest to that: so midnight may lie between them."""

    column: Text
    format: Text
    of: Text


class Time(_Table, frozen=True):
    """`format`: strptime directives, or `iso`, `epoch_s`, `epoch_ms`. `zone`: IANA name, for times without an
    offset."""

    zone: Text
    format: Text = "iso"
    day: Day | None = None


class _Fields(_Table, frozen=True):
    """What a row may hold; a `[[row]]` overrides `[call]`."""

    queue: Column | None = None
    contact_id: Column | tuple[Text, ...] | None = None
    arrived: str | None = None
    at: str | None = None
    ended: str | None = None
    wait_s: Column | None = None
    talk_s: Column | None = None
    hold_s: Column | None = None
    wrap_up_s: Column | None = None
    ivr_s: Column | None = None
    agent: Column | None = None
    customer: Column | None = None
    reason: Column | None = None
    priority: Column | None = None
    by: Column | None = None
    channel: Column | None = None
    site: Column | None = None


class Call(_Fields, frozen=True):
    pass


class Row(_Fields, frozen=True, kw_only=True):
    """One kind of row. `cause` is for `exited`, `why` for `not_offered`."""

    is_: Kind
    when: dict[str, Condition] = {}
    cause: Text = "other"
    why: Text = "other"


class Mapping(_Table, frozen=True, kw_only=True):
    time: Time
    row: Annotated[tuple[Row, ...], Meta(min_length=1)]
    call: Call = Call()
    file: File = File()


def load_mapping(path: Path) -> Mapping:
    """Raises MappingError with the file, the key and what was expected there."""
    try:
        return parse_mapping(path.read_bytes())
    except OSError as error:
        raise MappingError(f"{path}: the mapping cannot be read ({error.strerror}); name a TOML file") from None
    except UnicodeDecodeError as error:
        raise MappingError(f"{path}: no text in UTF-8 (byte {error.start + 1}); expected a mapping in TOML") from None
    except (ValueError, msgspec.DecodeError) as error:
        raise MappingError(f"{path}: {error}") from None


def parse_mapping(text: bytes) -> Mapping:
    """Raises ValueError or msgspec.DecodeError, whose message names key and expectation."""
    try:
        mapping = msgspec.toml.decode(text, type=Mapping)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise ValueError(f"{place.rstrip('`').lstrip('.') or 'the file'}: {message}") from None
    try:
        ZoneInfo(mapping.time.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"time.zone: {mapping.time.zone!r} is no time zone; expected an IANA name such as Europe/Amsterdam"
        ) from None
    for number, row in enumerate(mapping.row, 1):
        _check_row(f"[[row]] number {number} (is = {row.is_!r})", row, mapping.call)
    return mapping


def _check_row(place: str, row: Row, call: Call) -> None:
    if row.is_ == "skip":
        return

    def given(name: str) -> bool:
        return (getattr(row, name) or getattr(call, name)) is not None

    for name in ("queue", "contact_id"):
        if not given(name):
            raise ValueError(f"{place}: {name} is missing; expected a column here or in [call]")
    needed = {"not_offered": ("at",), "waiting": ("arrived",)}.get(row.is_)
    if needed and not given(needed[0]):
        raise ValueError(f"{place}: {needed[0]} is missing; expected the column with its time")
    if needed is None and sum(map(given, ("arrived", "at", "wait_s"))) < 2:
        raise ValueError(
            f"{place}: expected two of arrived, at (the outcome) and wait_s here or in [call]; the third follows"
        )
