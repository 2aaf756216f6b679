"""`callpulse backtest FILE` and `callpulse backtest --from-topic`"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from callpulse.backtest.as_json import to_json
from callpulse.backtest.page import to_html
from callpulse.backtest.recording import Recording, Span, read
from callpulse.backtest.run import Report, Request, RuleSet, idle, rule_sets
from callpulse.backtest.run import backtest as run
from callpulse.backtest.show import to_console
from callpulse.commands.common import (
    FILE,
    fail,
    hush_kafka,
    moment_of,
    say,
    settings_of,
    source_of,
    source_options,
    with_site,
)
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import Settings, SettingsError
from callpulse.sources.reading import SOURCES, doubt
from callpulse.sources.trouble import MappingError, SourceError


class Log(NamedTuple):
    """What is played: its name on the page, how it is read (told how to say how far it is), and what to ask somebody in
    whose log nothing can be read."""

    title: str
    read: Callable[[Callable[[str], None]], Recording]
    doubt: str


@click.command(short_help="Try alert rules on a recorded log, or on what Kafka still has.")
@click.argument("file", type=FILE, required=False)
@click.option("--from-topic", is_flag=True, help="Instead of a file: the calls and agents topics of [kafka].")
@click.option("--since", help="Only events from that time on: 2026-11-21T09:15, with or without an offset.")
@click.option("--until", help="Only events before that time.")
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
    file: Path | None,
    from_topic: bool,
    since: str | None,
    until: str | None,
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
    """Play a recorded log through the alert rules: every alert that would have been, and totals per rule.

    With --from-topic the log is what Kafka has of the calls and agents topics, up to now. It is read without a group
    and without commits: nobody is disturbed. All events between --since and --until are held in memory, a gigabyte for
    some two million.
    """
    interval_min = None if interval is None else int(interval)
    settings = with_site(settings_of(context), zone=timezone, day_start=day_start, interval_min=interval_min)
    span = _span(since, until, settings.site.zone)
    if (file is None) is not from_topic:
        fail("expected either a FILE or --from-topic", WRONG)
    log = _topics(source, mapping, span, settings) if file is None else _file(file, source, mapping, span, settings)
    request = Request(rules=_rules(rules, settings), threshold_s=threshold, pictures=page is not None)
    report = _run(log, request, settings)
    for note in idle(request, report):
        say(f"callpulse: {note}", err=True)
    if page is not None:
        _write(page, to_html(report, settings.site.zone, log.title))
    if as_json:
        sys.stdout.buffer.write(to_json(report, settings.site.zone) + b"\n")
    else:
        to_console(report, settings.site.zone, Console())
    _end(report.recording, log.doubt)


def _span(since: str | None, until: str | None, zone: str) -> Span:
    span = Span(moment_of("--since", since, zone), moment_of("--until", until, zone))
    if span.since_ms is not None and span.until_ms is not None and span.since_ms >= span.until_ms:
        fail(f"--since {since} --until {until}: expected a time before the other", WRONG)
    return span


def _file(file: Path, source: str | None, mapping: Path | None, span: Span, settings: Settings) -> Log:
    name, options = source_of(source, mapping, file), source_options(mapping, settings)
    return Log(file.name, lambda progress: read(name, file, options, progress, span), doubt(name))


def _topics(source: str | None, mapping: Path | None, span: Span, settings: Settings) -> Log:
    """Whoever plays a file need not wait until the clients of Kafka are loaded."""
    from callpulse.backtest import topics  # noqa: PLC0415 -- see above

    if source or mapping:
        fail("--source and --mapping are for a FILE; topics hold events", WRONG)
    hush_kafka()
    config, limits = settings.kafka, settings.limits()
    title = " and ".join(topics.names(config))
    return Log(title, lambda progress: asyncio.run(topics.read(config, limits, span, progress)), "what writes to them?")


def _rules(files: tuple[Path, ...], settings: Settings) -> tuple[RuleSet, ...]:
    try:
        return rule_sets(files, settings)
    except SettingsError as error:
        fail(str(error).replace("\n", "\ncallpulse: "), WRONG)


def _run(log: Log, request: Request, settings: Settings) -> Report:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"reading {log.title}")

        def shown(said: str) -> None:
            progress.update(task, description=said)

        try:
            return run(log.read(shown), request, settings, shown)
        except (SourceError, SettingsError) as error:
            fail(str(error), WRONG if isinstance(error, MappingError | SettingsError) else TROUBLE)


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{page}: {error.strerror}; expected a file that can be written", TROUBLE)


def _end(recording: Recording, doubtful: str) -> None:
    if recording.broken_off:
        fail(recording.broken_off, TROUBLE)
    if recording.rejected and not (recording.events or recording.outside):
        fail(f"{recording.name}: none of its {recording.unit} could be read; {doubtful}", TROUBLE)
