"""`callpulse demo`"""

import sys
from typing import Literal

import click

from callpulse.commands.common import fail, settings_of
from callpulse.demo.children import NotReadyError
from callpulse.demo.parts import PartMissingError
from callpulse.demo.run import demo as run
from callpulse.exit_codes import FINE, TROUBLE


@click.command(short_help="Try all of it on this machine, with a contact centre.")
@click.option("--feed", type=click.Choice(["simulator", "recording"]), default="simulator", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the simulator.")
@click.option("--alerts/--no-alerts", default=True, help="Without: to run your own `callpulse alerts` beside it.")
@click.pass_context
def demo(context: click.Context, feed: Literal["simulator", "recording"], seed: int, alerts: bool) -> None:
    """Try it: broker, Redis, worker, a contact centre and the board, all on this machine."""
    try:
        sys.exit(run(feed, seed, settings_of(context).site.language, alerts=alerts))
    except (PartMissingError, NotReadyError) as error:
        fail(str(error), TROUBLE)
    except KeyboardInterrupt:
        sys.exit(FINE)
