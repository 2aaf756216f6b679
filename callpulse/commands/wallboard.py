"""`callpulse wallboard`"""

import asyncio
from functools import partial

import click

from callpulse.alerts.asking import ask
from callpulse.commands.common import fail, hush_kafka, login_name
from callpulse.commands.logs import to_stderr
from callpulse.current.connection import RedisUrlError, connect
from callpulse.edges.listening import EndpointError
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import Settings, SettingsError, load
from callpulse.wallboard.logos import Logo, LogoError, logos_of
from callpulse.wallboard.serve import serve
from callpulse.wallboard.told import sentences


@click.command(short_help="Serve the boards for screens on the wall and for browsers.")
@click.option("--any-port", is_flag=True, help="Take another port where the one set is taken.")
@click.option("--check", is_flag=True, help="Say what the settings make, or all that is wrong; serve nothing.")
@click.pass_context
def wallboard(context: click.Context, any_port: bool, check: bool) -> None:
    """Pages that show now, from Redis: `/` lists them. On this machine only, unless wallboard.host says otherwise;
    docs/WALL.md says who may see them then."""
    hush_kafka()
    settings, logos = _settings(context)
    if check:
        _say(settings)
        return
    to_stderr(settings.logs, "callpulse.wallboard")
    try:
        asyncio.run(
            serve(
                settings,
                login_name() or "",
                partial(ask, settings),
                logos=logos,
                file=context.find_root().obj,
                another_port=any_port,
            )
        )
    except (RedisUrlError, SettingsError) as error:
        fail(str(error), WRONG)
    except EndpointError as error:
        fail(str(error), TROUBLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass  # told to stop


def _settings(context: click.Context) -> tuple[Settings, dict[str, Logo]]:
    """All that is wrong with them is said at once."""
    said, settings, logos = [], None, {}
    try:
        settings = load(context.find_root().obj)
    except SettingsError as error:
        said, settings = [str(error)], error.rest
    try:
        logos = logos_of(settings) if settings else {}
    except LogoError as error:
        said.append(str(error))
    if said or settings is None:
        fail("\n".join(said).replace("\n", "\ncallpulse: "), WRONG)
    return settings, logos


def _say(settings: Settings) -> None:
    try:
        connect(settings.redis)
    except RedisUrlError as error:
        fail(str(error), WRONG)
    for line in sentences(settings):
        click.echo(line)
