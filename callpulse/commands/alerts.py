"""`callpulse alerts`"""

import asyncio

import click

from callpulse.alerts.worker import serve
from callpulse.commands.common import fail, hush_kafka, settings_of
from callpulse.commands.kafka_complaints import Complaints
from callpulse.commands.logs import to_stderr
from callpulse.current.connection import RedisUrlError
from callpulse.edges.listening import EndpointError
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.kafka.why import NO_RIGHT, why
from callpulse.newer import NewerStateError
from callpulse.settings import SettingsError
from callpulse.stream.worker import TopicsError


@click.command(short_help="Judge every queue by the alert rules, and tell who has to know.")
@click.option("--any-port", is_flag=True, help="Take another port for /metrics where the one set is taken.")
@click.pass_context
def alerts(context: click.Context, any_port: bool) -> None:
    """Read the figures from Kafka, judge them by the rules, tell by the channels. Several may run: one judges."""
    settings = settings_of(context)
    to_stderr(settings.logs, "callpulse.alerts", Complaints(settings.kafka.brokers))
    hush_kafka()
    try:
        asyncio.run(serve(settings, context.find_root().obj, another_port=any_port))
    except (SettingsError, RedisUrlError) as error:
        fail(str(error), WRONG)
    except NO_RIGHT as error:
        fail(f"alerts: Kafka at {settings.kafka.brokers}: {why(error)}", TROUBLE)
    except (EndpointError, NewerStateError, TopicsError) as error:
        fail(str(error), TROUBLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass  # told to stop
