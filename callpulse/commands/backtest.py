"""`callpulse backtest FILE`"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from callpulse.backtest.as_json import to_json
from callpulse.backtest.page import to_html
from callpulse.backtest.run import Report, Request, RuleSet, rule_sets
from callpulse.backtest.run import backtest as run
from callpulse.backtest.show import to_console
from callpulse.commands.common import FILE, fail, settings_of, source_of, source_options, with_site
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import Settings, SettingsError
from callpulse.sources.reading import SOURCES, doubt
from callpulse.sources.trouble import MappingError, SourceError


@click.command(short_help="Try alert rules on a recorded log.")
@click.argument("file", type=FILE)
@click.option("--rules", type=FILE, multiple=True, help="A callpulse.toml whose [alerts] to try; twice to compare.")
@click.option("--source", type=click.Choice(SOURCES), help="Default: what the file looks like; csv with --mapping.")
@click.option("--mapping", type=FILE, help="TOML file that says what the columns of a CSV or TSV mean.")
@click.option("--timezone", help="IANA zone of days, intervals and hours (default: the site's).")
@click.option("--day-start", help="HH:MM at which the business day starts (default: the site's).")
@click.option("--interval", type=click.Choice(["15", "30"]), help="Minutes of an interval (default: the site's).")
@click.option("--threshold", type=click.IntRange(0, 7200), help="T in whole seconds, for every queue.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--html", "page", type=FILE, help="Write tables and a picture of each queue to this file too.")
@click.pass_context
def backtest(  # noqa: PLR0913, PLR0917 -- one argument an option
    context: click.Context,
    file: Path,
    rules: tuple[Path, ...],
    source: str | None,
    mapping: Path | None,
    timezone: str | None,
    day_start: str | None,
    interval: str | None,
    threshold: int | None,
    as_json: bool,
    page: Path | None,
) -> None:
    """Play a recorded log through the alert rules: every alert that would have been, and totals per rule."""
    interval_min = None if interval is None else int(interval)
    settings = with_site(settings_of(context), zone=timezone, day_start=day_start, interval_min=interval_min)
    request = Request(
        path=file,
        source=source_of(source, mapping, file),
        options=source_options(mapping, settings),
        rules=_rules(rules, settings),
        threshold_s=threshold,
        pictures=page is not None,
    )
    report = _run(request, settings)
    if page is not None:
        _write(page, to_html(report, settings.site.zone, file.name))
    if as_json:
        sys.stdout.buffer.write(to_json(report, settings.site.zone) + b"\n")
    else:
        to_console(report, settings.site.zone, Console(), str(file))
    _end(report, request)


def _rules(files: tuple[Path, ...], settings: Settings) -> tuple[RuleSet, ...]:
    try:
        return rule_sets(files, settings)
    except SettingsError as error:
        fail(str(error).replace("\n", "\ncallpulse: "), WRONG)


def _run(request: Request, settings: Settings) -> Report:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"playing {request.path}")
        try:
            return run(request, settings, lambda said: progress.update(task, description=said))
        except SourceError as error:
            fail(str(error), WRONG if isinstance(error, MappingError) else TROUBLE)


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{page}: {error.strerror}; expected a file that can be written", TROUBLE)


def _end(report: Report, request: Request) -> None:
    lines = report.recording
    if lines.broken_off:
        fail(lines.broken_off, TROUBLE)
    if lines.rejected and not lines.events:
        fail(f"{request.path}: none of its lines could be read; {doubt(request.source)}", TROUBLE)
