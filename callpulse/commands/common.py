"""What several commands do with their options."""

import getpass
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
import msgspec

from callpulse.board.figures import printable
from callpulse.commands.logs import told_in_log
from callpulse.exit_codes import WRONG
from callpulse.settings import Settings, SettingsError, Site, load, verified
from callpulse.sources.event_lines import looks_like_events
from callpulse.sources.names import CustomerKey
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import SourceOptions
from callpulse.stream.core.events import LAST_MS
from callpulse.stream.core.wire import parse_time

FILE = click.Path(path_type=Path)


def settings_of(context: click.Context) -> Settings:
    """The effective settings; trouble with them is a sentence and exit code WRONG."""
    try:
        return load(context.find_root().obj)
    except SettingsError as error:
        fail(str(error).replace("\n", "\ncallpulse: "), WRONG)


def login_name() -> str | None:
    """Who is logged in, as far as this system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def with_site(settings: Settings, **asked: object) -> Settings:
    """Settings with site values from options, where given; one that cannot be is a sentence and exit code WRONG."""
    chosen = {key: value for key, value in asked.items() if value is not None}
    try:
        site = msgspec.convert({**msgspec.to_builtins(settings.site), **chosen}, Site)
        return verified(msgspec.structs.replace(settings, site=site), "the command line")
    except msgspec.ValidationError:
        fail(f"--day-start {chosen.get('day_start')!r}: expected HH:MM at a quarter of an hour, such as 08:30", WRONG)
    except SettingsError as error:
        fail(str(error), WRONG)


def source_of(source: str | None, mapping: Path | None, file: Path) -> str:
    """The source of a file by its options: csv with a mapping, else events where it begins as they do, else
    queue_log."""
    chosen = source or ("csv" if mapping else "events" if looks_like_events(file) else "queue_log")
    if chosen == "csv" and mapping is None:
        fail("--source csv needs to know what the columns mean; name a TOML file with --mapping", WRONG)
    if chosen != "csv" and mapping is not None:
        fail(f"--mapping is for --source csv; --source {chosen} has no columns to name", WRONG)
    return chosen


def speed_of(text: str) -> float | None:
    """How many times as fast as it happened; None = as fast as it goes."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < 1e6:
        fail(f"--speed {text}: expected 1, 60, any number above 0, or max", WRONG)
    return speed


def moment_of(option: str, text: str | None, zone: str) -> int | None:
    """A time in ms UTC; where it states no offset, it is one of the clock in the zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        at_ms = parse_time((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).isoformat())
    except (ValueError, OverflowError):
        at_ms = -1
    if not 0 <= at_ms <= LAST_MS:
        fail(f"{option} {text!r}: expected a time such as 2026-11-21T09:15 or 2026-11-21T09:15:00+01:00", WRONG)
    return at_ms


def hush_kafka() -> None:
    """Away or not, a command says it in a sentence of its own; aiokafka's lines beside it say it again each second."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def source_options(mapping: Path | None, settings: Settings) -> SourceOptions:
    """How a file is read."""
    source = settings.source
    key = CustomerKey(source.customer_key.encode(), source.customer_key_id) if source.customer_key else None
    return SourceOptions(mapping=mapping, log=QueueLogOptions(customer_key=key))


def say(*lines: str, err: bool = False) -> None:
    """To a terminal, which obeys nothing that stands in a name from outside; each stays one line."""
    for line in lines:
        click.echo(printable(line), err=err)


def fail(sentence: str, code: int) -> NoReturn:
    """Say why, and end with one of exit_codes.py."""
    if not told_in_log(sentence):
        say(*f"callpulse: {sentence}".split("\n"), err=True)
    sys.exit(code)
