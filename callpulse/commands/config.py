"""`callpulse config`"""

import click
import msgspec

from callpulse.commands.common import settings_of
from callpulse.settings import shown


@click.command()
@click.pass_context
def config(context: click.Context) -> None:
    """Check the settings and show them, without secrets."""
    click.echo(msgspec.json.format(msgspec.json.encode(shown(settings_of(context)))).decode())
