"""`callpulse worker`"""

import asyncio
import logging

import click

from callpulse.commands.common import fail, settings_of
from callpulse.current.connection import RedisUrlError
from callpulse.settings import SettingsError
from callpulse.stream.endpoint import EndpointError
from callpulse.stream.transport import TransportError
from callpulse.stream.worker import TopicsError, serve

WRONG = (SettingsError, RedisUrlError, EndpointError, TopicsError)


@click.command()
@click.option("--any-port", is_flag=True, help="Take another port for /metrics where the one set is taken.")
@click.pass_context
def worker(context: click.Context, any_port: bool) -> None:
    """Read events from Kafka, keep the figures, publish them to Redis, Prometheus and Kafka."""
    settings = settings_of(context)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        asyncio.run(serve(settings, another_port=any_port))
    except WRONG as error:
        fail(str(error), 2)
    except TransportError as error:
        fail(f"worker: {error}", 1)
