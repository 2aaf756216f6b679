"""`callpulse check FILE`"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from callpulse.check.compute import By
from callpulse.check.run import Report, Request
from callpulse.check.run import check as run
from callpulse.check.show import to_console, to_json
from callpulse.commands.common import FILE, fail, moment_of, settings_of, source_of, source_options, with_site
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import Settings
from callpulse.sources.reading import SOURCES, doubt
from callpulse.sources.trouble import MappingError, SourceError


@click.command()
@click.argument("file", type=FILE)
@click.option("--source", type=click.Choice(SOURCES), help="Default: what the file looks like; csv with --mapping.")
@click.option("--mapping", type=FILE, help="TOML file that says what the columns of a CSV or TSV mean.")
@click.option("--at", help="The board as it stood at that time (default: the last event's).")
@click.option("--by", type=click.Choice(["board", "day", "interval", "all"]), default="board", show_default=True)
@click.option("--timezone", help="IANA zone of days and intervals (default: the site's).")
@click.option("--day-start", help="HH:MM at which the business day starts (default: the site's).")
@click.option("--interval", type=click.Choice(["15", "30"]), help="Minutes of an interval (default: the site's).")
@click.option("--threshold", type=click.IntRange(0, 7200), help="T in whole seconds, for every queue.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_context
def check(  # noqa: PLR0913, PLR0917 -- one argument an option
    context: click.Context,
    file: Path,
    source: str | None,
    mapping: Path | None,
    at: str | None,
    by: By,
    timezone: str | None,
    day_start: str | None,
    interval: str | None,
    threshold: int | None,
    as_json: bool,
) -> None:
    """Compute every KPI of a recorded log, without Kafka."""
    interval_min = None if interval is None else int(interval)
    settings = with_site(settings_of(context), zone=timezone, day_start=day_start, interval_min=interval_min)
    request = Request(
        path=file,
        source=source_of(source, mapping, file),
        options=source_options(mapping, settings),
        by=by,
        at_ms=moment_of("--at", at, settings.site.zone),
        threshold_s=threshold,
    )
    report = _run(request, settings)
    if as_json:
        sys.stdout.buffer.write(to_json(report, settings.site.zone) + b"\n")
    else:
        to_console(report, settings.site.zone, Console(), str(file))
    if report.broken_off:
        fail(report.broken_off, TROUBLE)
    if report.rejected and not (report.events or report.later):
        fail(f"{file}: none of its lines could be read; {doubt(request.source)}", TROUBLE)


def _run(request: Request, settings: Settings) -> Report:
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"reading {request.path}")
        try:
            return run(request, settings, lambda n: progress.update(task, description=f"{n:,} lines of {request.path}"))
        except SourceError as error:
            fail(str(error), WRONG if isinstance(error, MappingError) else TROUBLE)
