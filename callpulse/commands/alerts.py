"""`callpulse alerts`"""

import asyncio
import logging

import click

from callpulse.alerts.worker import serve
from callpulse.commands.common import fail, hush_kafka, settings_of
from callpulse.current.connection import RedisUrlError
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import SettingsError
from callpulse.stream.complaints import Complaints
from callpulse.stream.endpoint import EndpointError
from callpulse.stream.worker import TopicsError


@click.command(short_help="Judge every queue by the alert rules, and tell who has to know.")
@click.option("--any-port", is_flag=True, help="Take another port for /metrics where the one set is taken.")
@click.pass_context
def alerts(context: click.Context, any_port: bool) -> None:
    """Read the figures from Kafka, judge them by the rules, tell by the channels. Several may run: one judges."""
    settings = settings_of(context)
    _log(settings.kafka.brokers)
    try:
        asyncio.run(serve(settings, context.find_root().obj, another_port=any_port))
    except (SettingsError, RedisUrlError) as error:
        fail(str(error), WRONG)
    except (EndpointError, TopicsError) as error:
        fail(str(error), TROUBLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass  # told to stop


def _log(brokers: str) -> None:
    """To standard error: warnings, and what happens to alerts."""
    handler = logging.StreamHandler()
    handler.addFilter(Complaints(brokers))
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(format=form, level=logging.WARNING, handlers=[handler])
    logging.getLogger("callpulse.alerts").setLevel(logging.INFO)
    hush_kafka()
