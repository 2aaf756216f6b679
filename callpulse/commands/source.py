"""`callpulse source queue_log FILE`"""

import asyncio
from pathlib import Path

import click

from callpulse import kafka
from callpulse.commands.common import FILE, fail, hush_kafka, settings_of, source_options
from callpulse.settings import SettingsError
from callpulse.sources.produce import ProduceError
from callpulse.sources.run import follow_queue_log
from callpulse.sources.trouble import SourceError


@click.group()
def source() -> None:
    """Send what a telephone system writes to Kafka, as it is written."""


@source.command("queue_log")
@click.argument("file", type=FILE, default=Path("/var/log/asterisk/queue_log"))
@click.option("--name", default="asterisk", show_default=True, help="Of this source, in events and heartbeats.")
@click.option("--position", type=FILE, help="File that keeps the place (default: in worker.state_dir).")
@click.pass_context
def queue_log(context: click.Context, file: Path, name: str, position: Path | None) -> None:
    """Follow an Asterisk or FreePBX queue_log, through rotation and restarts."""
    settings = settings_of(context)
    place = position or Path(settings.worker.state_dir) / f"{name}.position"
    hush_kafka()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        following = follow_queue_log(
            file,
            place,
            kafka.client(settings.kafka),
            source=name,
            calls_topic=kafka.topic(settings.kafka, "calls"),
            agents_topic=kafka.topic(settings.kafka, "agents"),
            options=source_options(None, settings).log,
            idempotent=settings.kafka.idempotence,
        )
        asyncio.run(following)
    except (SourceError, ProduceError) as error:
        fail(str(error), 1)
    except SettingsError as error:
        fail(str(error), 2)
    except OSError as error:
        fail(f"{place}: cannot be written ({error.strerror}); name another with --position", 1)
