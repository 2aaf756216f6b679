"""What several commands do with their options."""

import sys
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from callpulse.settings import Settings, SettingsError, load
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import SourceOptions

FILE = click.Path(path_type=Path)


def settings_of(context: click.Context) -> Settings:
    """The effective settings; trouble with them is a sentence and exit code 2."""
    try:
        return load(context.find_root().obj)
    except SettingsError as error:
        fail(str(error), 2)


def with_site(settings: Settings, **asked: object) -> Settings:
    """Settings with site values from options, where given."""
    chosen = {key: value for key, value in asked.items() if value is not None}
    return msgspec.structs.replace(settings, site=msgspec.structs.replace(settings.site, **chosen))


def source_options(mapping: Path | None, settings: Settings) -> SourceOptions:
    """How a file is read."""
    key = settings.source.customer_key.encode() or None
    return SourceOptions(mapping=mapping, log=QueueLogOptions(customer_key=key))


def fail(sentence: str, code: int) -> NoReturn:
    """Say why, and end with that exit code: 1 the work failed, 2 the call or the configuration is wrong."""
    click.echo(f"callpulse: {sentence}", err=True)
    sys.exit(code)
