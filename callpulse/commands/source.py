"""`callpulse source queue_log FILE`, `callpulse source csv FILE --mapping M`"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from callpulse import kafka
from callpulse.commands.common import FILE, fail, hush_kafka, settings_of, source_options
from callpulse.commands.logs import to_stderr
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.replay.run import Request, replay
from callpulse.settings import Settings, SettingsError
from callpulse.sources.produce import ProduceError
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.sources.run import follow_queue_log
from callpulse.sources.trouble import MappingError, SourceError
from callpulse.stream.core.events import Rejected

SAID = 20  # refused lines told one by one

only_check = click.option("--check", is_flag=True, help="Only say what would be sent, without Kafka.")


@click.group()
def source() -> None:
    """Send what a telephone system writes to Kafka."""


@source.command("queue_log")
@click.argument("file", type=FILE, default=Path("/var/log/asterisk/queue_log"))
@click.option("--follow/--once", default=True, help="Go on as the log grows and rotates (default), or end at its end.")
@only_check
@click.option("--name", default="asterisk", show_default=True, help="Of this source, in events and heartbeats.")
@click.option("--position", type=FILE, help="File that keeps the place (default: in worker.state_dir).")
@click.pass_context
def queue_log(context: click.Context, file: Path, follow: bool, check: bool, name: str, position: Path | None) -> None:
    """Send a queue_log of Asterisk or FreePBX, as it grows and rotates."""
    settings = settings_of(context)
    to_stderr(settings.logs, "callpulse.source")
    options = source_options(None, settings)
    if check:
        _check("queue_log", file, options)
    elif follow:
        _run(_following(file, position or Path(settings.worker.state_dir) / f"{name}.position", name, settings))
    else:
        _once("queue_log", file, options, settings)


@source.command("csv")
@click.argument("file", type=FILE)
@click.option("--mapping", type=FILE, required=True, help="TOML file that says what the columns mean.")
@only_check
@click.pass_context
def csv(context: click.Context, file: Path, mapping: Path, check: bool) -> None:
    """Send a CSV or TSV file, once, with its own times. Sending it again changes no figure."""
    settings = settings_of(context)
    to_stderr(settings.logs, "callpulse.source")
    options = source_options(mapping, settings)
    if check:
        _check("csv", file, options)
    else:
        _once("csv", file, options, settings)


async def _following(file: Path, place: Path, name: str, settings: Settings) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"{place}: cannot be written ({error.strerror}); name another with --position") from None
    await follow_queue_log(
        file,
        place,
        kafka.client(settings.kafka),
        source=name,
        calls_topic=kafka.topic(settings.kafka, "calls"),
        agents_topic=kafka.topic(settings.kafka, "agents"),
        options=source_options(None, settings).log,
        idempotent=settings.kafka.idempotence,
    )


def _once(source_name: str, file: Path, options: SourceOptions, settings: Settings) -> None:
    request = Request(path=file, source=source_name, options=options, speed=None, rebase=False)
    done = _run(replay(request, settings, lambda sent, total: None))
    click.echo(f"{done.events:,} events sent, {done.refused:,} lines refused", err=True)
    if done.broken_off:
        fail(done.broken_off, TROUBLE)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    hush_kafka()
    try:
        return asyncio.run(work)
    except (MappingError, SettingsError) as error:
        fail(str(error), WRONG)
    except (SourceError, ProduceError) as error:
        fail(str(error), TROUBLE)


def _check(source_name: str, file: Path, options: SourceOptions) -> None:
    lines = events = refused = 0
    try:
        reading = open_source(source_name, file, options)
        for number, found in reading:
            lines = number
            for each in found:
                if isinstance(each, Rejected):
                    refused += 1
                    if refused <= SAID:
                        click.echo(f"{file}:{number}: {each.reason}: {each.field}: {each.detail}")
                else:
                    events += 1
    except SourceError as error:
        fail(str(error), WRONG if isinstance(error, MappingError) else TROUBLE)
    ignored = sum(reading.ignored.values())
    click.echo(f"{lines:,} lines: {events:,} events, {refused:,} refused, {ignored:,} that no figure depends on")
