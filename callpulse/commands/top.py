"""`callpulse top`"""

import sys
from functools import cache

import click

from callpulse.board.words import Language
from callpulse.commands.common import settings_of
from callpulse.top.run import top as run


@click.command()
@click.option("--once", is_flag=True, help="One picture, then end.")
@click.option("--json", "as_json", is_flag=True, help="One picture for scripts.")
@click.option("--language", type=click.Choice(["en", "nl"]), help="Default: the site's.")
@click.option("--wall", metavar="URL", default="", help="Where the wall is, to be read above the board.")
@click.pass_context
def top(context: click.Context, once: bool, as_json: bool, language: Language | None, wall: str) -> None:
    """A live board in the terminal, from Redis."""
    settings = settings_of(context)
    chosen = language or settings.site.language
    hours = cache(settings.hours)
    sys.exit(run(settings.redis, settings.site.name, chosen, once=once, as_json=as_json, hours=hours, wall=wall))
