"""`callpulse rejected list|retry`"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from callpulse.clock import now_ms
from callpulse.commands.common import fail, hush_kafka, say, settings_of
from callpulse.exit_codes import BROKEN_OFF, TROUBLE, WRONG
from callpulse.rejected import listing, retrying, words
from callpulse.rejected.choosing import Asked
from callpulse.rejected.record import REASONS
from callpulse.rejected.retrying import Outcome
from callpulse.rejected.topic import RejectedError
from callpulse.settings import Settings, SettingsError, milliseconds
from callpulse.sources.produce import ProduceError
from callpulse.stream.pseudonyms import names_of

SHOWN = 20


def chosen(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which records are chosen."""
    for option in (
        click.option("--queue", help="Only of this queue (of agents' records: of agents who serve it)."),
        click.option("--topic", type=click.Choice(["calls", "agents", "queue-agents"]), help="Only of this topic."),
        click.option("--reason", type=click.Choice(REASONS), help="Only those refused for this."),
        click.option("--since", help="Only those refused within this time, such as 2h or 3d (default: all)."),
    ):
        command = option(command)
    return command


@click.group(short_help="See what was refused, and send it again.")
def rejected() -> None:
    """Records that no figure holds: the rejected topic keeps them for 14 days, with place and reason."""


@rejected.command("list")
@chosen
@click.option("--limit", type=click.IntRange(0, 10_000), default=SHOWN, help=f"How many to show (default: {SHOWN}).")
@click.option("--sum", "sums", is_flag=True, help="Only the counts by reason and topic, with an example of each.")
@click.option("--raw", is_flag=True, help="Show keys and values too; they may be about people.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_context
def list_(  # noqa: PLR0913, PLR0917 -- one argument an option
    context: click.Context,
    since: str | None,
    reason: str | None,
    topic: str | None,
    queue: str | None,
    limit: int,
    sums: bool,
    raw: bool,
    as_json: bool,
) -> None:
    """The newest refused records, the newest last, and counts by reason. What was found in a record may be about a
    person, so that it is shown with --raw alone."""
    settings = settings_of(context)
    asked = _asked(settings, since, reason, topic, queue)
    with _progress() as progress:
        found = _run(listing.found(settings.kafka, asked, 0 if sums else limit, progress))
    names = names_of(settings)
    if as_json:
        shape = words.values(found, raw=raw, names=names)
        click.echo(msgspec.json.format(msgspec.json.encode(shape)).decode())
        return
    zone = ZoneInfo(settings.site.zone)
    for refused, retried in found.newest:
        say(*words.line(refused, retried, zone, raw=raw, names=names))
    say(*words.summary(found.groups, zone, raw=raw))
    if not found.groups:
        say("no refused record" + (" of this kind" if asked != Asked(settings.kafka.prefix) else ""))
    if found.unread:
        say(f"{found.unread:,} more that only another version of callpulse can read", err=True)


@rejected.command()
@chosen
@click.option("--apply", is_flag=True, help="Do it. Without this it is only said what would be done.")
@click.pass_context
def retry(
    context: click.Context, since: str | None, reason: str | None, topic: str | None, queue: str | None, apply: bool
) -> None:
    """Send refused records again that would be taken now: keyed and placed as they have to be, whatever their producer
    did. Each is judged by this version and these settings first, and what would be refused again stays where it is.

    What was sent again is noted, so that a second run leaves it alone; sent twice all the same, it counts once.
    """
    settings = settings_of(context)
    asked = _asked(settings, since, reason, topic, queue)
    outcome = Outcome()
    try:
        with _progress() as progress:
            by = f"process {os.getpid()} on {socket.gethostname()}" if apply else None
            _run(retrying.retry(settings, asked, outcome, by=by, progress=progress))
    except KeyboardInterrupt:
        fail(f"rejected: stopped; {_so_far(outcome, apply)}", BROKEN_OFF)
    except ProduceError as error:
        fail(f"rejected: {error}; {_so_far(outcome, apply)}", TROUBLE)
    say(*words.outcome_lines(outcome, apply))
    if not apply:
        say("nothing was changed." + (" To do it, the same with --apply" if outcome.sent else ""))


def _so_far(outcome: Outcome, apply: bool) -> str:
    if not apply:
        return "nothing was changed"
    return f"{outcome.sent.total():,} were sent again and noted; run it again for the rest"


def _asked(settings: Settings, since: str | None, reason: str | None, topic: str | None, queue: str | None) -> Asked:
    try:
        since_ms = None if since is None else now_ms() - milliseconds(since)
    except ValueError:
        fail(f"--since {since}: expected a whole number with s, m, h or d, such as 2h", WRONG)
    return Asked(settings.kafka.prefix, since_ms and max(0, since_ms), reason, topic, queue)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    hush_kafka()
    try:
        return asyncio.run(work)
    except SettingsError as error:
        fail(str(error), WRONG)
    except RejectedError as error:
        fail(f"rejected: {error}", TROUBLE)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("reading")
        yield lambda told: progress.update(task, description=f"reading: {told}")
