"""`callpulse repartition`"""

import asyncio

import click

from callpulse import kafka
from callpulse.commands.common import fail, hush_kafka, settings_of
from callpulse.exit_codes import BROKEN_OFF, WRONG
from callpulse.repartition.run import repartition as run
from callpulse.repartition.trouble import RepartitionError
from callpulse.settings import SettingsError

NOTHING = "nothing was changed"


@click.command(short_help="Add partitions; every stored figure moves along.")
@click.option(
    "--partitions", required=True, type=click.IntRange(1, 1000), help="How many there are to be; never fewer than now."
)
@click.option("--apply", is_flag=True, help="Do it. Without this it is only said what would be done.")
@click.pass_context
def repartition(context: click.Context, partitions: int, apply: bool) -> None:
    """Add partitions, and move every stored figure to where its key belongs then.

    \b
    1. Stop the sources; wait until the workers have applied everything
       (callpulse_event_lag_records is 0), then stop the workers with SIGTERM.
    2. callpulse repartition --partitions N           says what would be done
       callpulse repartition --partitions N --apply   does it
    3. Set kafka.partitions to N, start the workers, then the sources.

    No figure changes. Broken off at any moment, it is brought to its end by running it again; until then no worker
    starts. Partitions that somebody added by hand are put right in the same way.
    """
    settings = settings_of(context)
    hush_kafka()
    try:
        client = kafka.client(settings.kafka)
        asyncio.run(run(client, settings.kafka.prefix, partitions, apply=apply, say=click.echo))
    except SettingsError as error:
        fail(str(error), WRONG)
    except RepartitionError as error:
        fail(f"repartition: {error}", error.code)
    except KeyboardInterrupt:
        fail(f"repartition: stopped; {'run it again to bring it to its end' if apply else NOTHING}", BROKEN_OFF)
