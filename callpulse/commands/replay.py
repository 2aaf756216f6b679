"""`callpulse replay FILE`"""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from callpulse.clock import monotonic_s, now_ms
from callpulse.commands.common import FILE, fail, hush_kafka, settings_of, source_of, source_options, speed_of
from callpulse.commands.logs import to_stderr
from callpulse.exit_codes import BROKEN_OFF, TROUBLE, WRONG
from callpulse.replay.run import Replayed, Request
from callpulse.replay.run import replay as run
from callpulse.settings import Settings, SettingsError
from callpulse.sources.produce import ProduceError
from callpulse.sources.reading import SOURCES
from callpulse.sources.trouble import MappingError, SourceError

LINE_EVERY_S = 5.0


@click.command(short_help="Play a recorded log into Kafka.")
@click.argument("file", type=FILE)
@click.option("--source", type=click.Choice(SOURCES), help="Default: what the file looks like; csv with --mapping.")
@click.option("--mapping", type=FILE, help="TOML file that says what the columns of a CSV or TSV mean.")
@click.option("--speed", default="1", show_default=True, help="1 = as it happened, 60 = a minute a second, max.")
@click.option(
    "--rebase", type=click.Choice(["now", "no"]), help="Move event times to the present (default at speed 1)."
)
@click.option("--since", type=int, help="Go on with what was begun then (ms since the epoch); repeats are copies.")
@click.option("--warmup", default=0.0, type=float, help="First so many seconds at once, as recent past.")
@click.pass_context
def replay(  # noqa: PLR0913, PLR0917 -- one argument an option
    context: click.Context,
    file: Path,
    source: str | None,
    mapping: Path | None,
    speed: str,
    rebase: str | None,
    since: int | None,
    warmup: float,
) -> None:
    """Play a recorded log into Kafka, in real time, faster, or as fast as it goes."""
    settings = settings_of(context)
    pace = speed_of(speed)
    if not 0 <= warmup <= 1e9:
        fail(f"--warmup {warmup:g}: expected seconds, 0 or more", WRONG)
    if since is not None and (pace != 1 or rebase == "no" or not 0 < since <= now_ms()):
        fail(f"--since {since}: expected ms since the epoch, not in the future, at speed 1 and rebased", WRONG)
    request = Request(
        path=file,
        source=source_of(source, mapping, file),
        options=source_options(mapping, settings),
        speed=pace,
        rebase=rebase == "now" if rebase else pace == 1,
        since_ms=since,
        warmup_s=warmup,
    )
    to_stderr(settings.logs, "callpulse.source")
    hush_kafka()
    try:
        done = _shown(request, settings)
    except (MappingError, SettingsError) as error:
        fail(str(error), WRONG)
    except (SourceError, ProduceError) as error:
        fail(str(error), TROUBLE)
    except KeyboardInterrupt:
        fail("replay: stopped; what was sent stays sent", BROKEN_OFF)
    click.echo(f"{done.events:,} events sent, {done.refused:,} lines refused", err=True)
    if done.broken_off:
        fail(done.broken_off, TROUBLE)


def _shown(request: Request, settings: Settings) -> Replayed:
    """A bar on a terminal, a line every few seconds elsewhere."""
    if not sys.stderr.isatty():
        return asyncio.run(run(request, settings, _Lines()))
    columns = (
        TextColumn(f"replay {request.path.name}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        return asyncio.run(run(request, settings, lambda sent, total: bar.update(task, completed=sent, total=total)))


class _Lines:
    def __init__(self) -> None:
        self._said_s = monotonic_s()

    def __call__(self, sent: int, total: int) -> None:
        if monotonic_s() - self._said_s >= LINE_EVERY_S:
            self._said_s = monotonic_s()
            click.echo(f"replay: {sent:,} of {total:,} events sent", err=True)
