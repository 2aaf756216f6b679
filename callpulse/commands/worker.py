"""`callpulse worker`"""

import asyncio

import click

from callpulse.commands.common import fail, hush_kafka, settings_of
from callpulse.commands.kafka_complaints import Complaints
from callpulse.commands.logs import to_stderr
from callpulse.current.connection import RedisUrlError
from callpulse.edges.listening import EndpointError
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.kafka.why import NO_RIGHT, why
from callpulse.newer import NewerStateError
from callpulse.settings import Settings, SettingsError
from callpulse.stream.transport import TransportError
from callpulse.stream.worker import TopicsError, serve


@click.command(short_help="Keep the figures: Kafka in; Redis, Prometheus out.")
@click.option("--any-port", is_flag=True, help="Take another port for /metrics where the one set is taken.")
@click.pass_context
def worker(context: click.Context, any_port: bool) -> None:
    """Read events from Kafka, keep the figures, publish them to Redis, Prometheus and Kafka."""
    settings = settings_of(context)
    _log(settings)
    try:
        asyncio.run(serve(settings, context.find_root().obj, another_port=any_port))
    except (SettingsError, RedisUrlError) as error:
        fail(str(error), WRONG)
    except NO_RIGHT as error:
        fail(f"worker: Kafka at {settings.kafka.brokers}: {why(error)}", TROUBLE)
    except (EndpointError, TopicsError) as error:
        fail(str(error), TROUBLE)
    except (NewerStateError, TransportError) as error:
        fail(f"worker: {error}", TROUBLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass  # told to stop before it served


def _log(settings: Settings) -> None:
    """To standard error: warnings, and the worker's own news. Until it serves, the worker itself says that Kafka is
    away; then the transport turns the clients' lines on, and Complaints thins them out."""
    to_stderr(settings.logs, "callpulse.worker", Complaints(settings.kafka.brokers))
    hush_kafka()
